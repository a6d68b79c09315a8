import pytest

from services.billing.domain.dunning import Dunning, DunningState
from tests.unit.billing.stories import BERLIN, midnight, newest, running


def a_dunning() -> Dunning:
    books = running()
    invoice = newest(books)
    invoice.due_at = midnight(2026, 3, 28)
    return Dunning.begin(invoice, BERLIN)


def test_the_schedule_counts_from_the_due_date_in_local_days() -> None:
    """The clocks change in the night of the 29th."""
    dunning = a_dunning()

    assert [each.due_at for each in dunning.retries] == [
        midnight(2026, 3, 29),
        midnight(2026, 3, 31),
        midnight(2026, 4, 2),
    ]
    assert dunning.grace_until == midnight(2026, 4, 4)


def test_a_soft_failure_waits_for_the_next_retry_and_the_last_one_for_the_end_of_grace() -> None:
    dunning = a_dunning()

    dunning.note_failure(hard=False)
    states = [dunning.state]
    for n in (1, 2, 3):
        assert dunning.take_retry(n, possible=True)
        dunning.note_failure(hard=False)
        states.append(dunning.state)

    assert states == [DunningState.RETRYING] * 3 + [DunningState.GRACE]
    assert dunning.next_retry_at is None


def test_a_retry_fires_once() -> None:
    dunning = a_dunning()
    dunning.take_retry(1, possible=True)

    assert not dunning.take_retry(1, possible=True)


def test_a_retry_that_could_not_be_tried_does_not_come_again() -> None:
    dunning = a_dunning()

    assert not dunning.take_retry(1, possible=False)
    assert dunning.retries[0].status == "skipped"
    assert dunning.next_retry_at == dunning.retries[1].due_at


def test_after_a_hard_decline_nothing_is_retried_until_another_method_failed_softly() -> None:
    dunning = a_dunning()
    dunning.note_failure(hard=True)
    assert not dunning.take_retry(1, possible=True)

    dunning.note_failure(hard=False)

    assert dunning.state is DunningState.RETRYING
    assert dunning.take_retry(2, possible=True)


@pytest.mark.parametrize("state", [DunningState.CLOSED, DunningState.EXHAUSTED])
def test_what_is_over_stays_over(state: DunningState) -> None:
    dunning = a_dunning()
    dunning.state = state

    dunning.note_failure(hard=False)

    assert not dunning.exhaust()
    assert dunning.state is state
