"""Words that cross on their way here, over the real database: either way it ends the same."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import FEBRUARY_28, MARCH_31, Subscriptions
from tests.integration.subscriptions.returning import (
    AN_HOUR,
    BACK,
    an_ended,
    declined,
    ordered,
)

Step = Callable[[], Awaitable[object]]
BOTH_ORDERS = pytest.mark.parametrize("turn", [(0, 1), (1, 0)], ids=["in order", "swapped"])
DAY = timedelta(days=1)


async def take(turn: Sequence[int], *steps: Step) -> None:
    for n in turn:
        await steps[n]()


@BOTH_ORDERS
async def test_a_rejected_checkout_leaves_nothing_that_runs_or_waits(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    name = secrets.token_hex(6)
    made, at = events.subscription_id(name), subscriptions.now

    await take(
        turn,
        lambda: subscriptions.hear(events.accepted(name, at)),
        lambda: subscriptions.hear(events.rejected(name, at)),
    )
    await subscriptions.tell_the_panel()

    alive = "select 1 from subscriptions where status <> 'canceled'"
    assert await subscriptions.rows(alive) == []
    assert await subscriptions.timers(made) == {}
    assert subscriptions.panel.calls(made) == []


@BOTH_ORDERS
@pytest.mark.parametrize("ending", ["cancellation", "rejection", "expiry"])
async def test_the_first_period_and_the_end_of_the_order_leave_no_account(
    subscriptions: Subscriptions, ending: str, turn: Sequence[int]
) -> None:
    name = secrets.token_hex(6)
    made, at = events.subscription_id(name), subscriptions.now
    await subscriptions.hear(events.accepted(name, at))
    reason = {"reason": "never mind"}
    ends: dict[str, Step] = {
        "cancellation": lambda: subscriptions.send(
            "POST", f"/v1/subscriptions/{made}/cancel", reason
        ),
        "rejection": lambda: subscriptions.hear(events.rejected(name, at)),
        "expiry": lambda: subscriptions.move_to(at + DAY),
    }

    await take(
        turn,
        lambda: subscriptions.hear(events.opened(made, 0, 1, at, FEBRUARY_28)),
        ends[ending],
    )
    await subscriptions.tell_the_panel()

    assert (await subscriptions.shown(made))["status"] == "canceled"
    assert await subscriptions.timers(made) == {}
    assert subscriptions.panel.account(made) is None


@BOTH_ORDERS
async def test_an_extension_and_a_payment_reach_equally_far(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    made = await subscriptions.activated()
    await subscriptions.move_to(FEBRUARY_28 + timedelta(seconds=30))
    gift = {"intervals": 1, "note": "a gift"}

    await take(
        turn,
        lambda: subscriptions.send("POST", f"/v1/subscriptions/{made}/extend", gift),
        lambda: subscriptions.hear(events.opened(made, 1, 2, FEBRUARY_28, MARCH_31)),
    )

    now = await subscriptions.shown(made)
    assert (now["status"], now["periods_opened"], now["periods_granted"]) == ("active", 2, 1)
    assert (now["period"]["no"], now["next_boundary_at"]) == (1, "2027-04-29T22:00:00Z")


@BOTH_ORDERS
async def test_a_renewal_and_a_hold_leave_the_account_cut_and_as_long_as_was_paid(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    """The second comes while the panel is being told of the first."""
    made = await subscriptions.activated()
    await subscriptions.move_to(FEBRUARY_28 + timedelta(seconds=3))
    path = f"/v1/subscriptions/{made}/holds/abuse"
    steps: Sequence[Step] = (
        lambda: subscriptions.hear(events.opened(made, 1, 2, FEBRUARY_28, MARCH_31)),
        lambda: subscriptions.send("PUT", path, {"reason": "spam"}),
    )

    await steps[turn[0]]()
    await subscriptions.tell_the_panel_but(before_settling=steps[turn[1]])
    await subscriptions.tell_the_panel()

    account = subscriptions.panel.account(made)
    assert account is not None
    assert (account["status"], account["expires_at"]) == ("disabled", "2027-04-08T22:00:00Z")


@BOTH_ORDERS
async def test_an_order_that_is_declined_and_expires_ends_once_and_changes_nothing(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    made = await an_ended(subscriptions)
    before = await subscriptions.shown(made)
    order = await ordered(subscriptions, made)

    await take(
        turn,
        lambda: subscriptions.hear(declined(made, order["id"], 5)),
        lambda: subscriptions.move_to(BACK + AN_HOUR),
    )

    assert await subscriptions.shown(made) == before
    assert len(await subscriptions.topics(order["id"])) == 2
    assert await subscriptions.timers(order["id"]) == {}
    again = await ordered(subscriptions, made)
    assert again["status"] == "placed"


@BOTH_ORDERS
async def test_the_end_of_the_term_and_a_charge_that_crossed_it_leave_it_ended(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    made = await subscriptions.activated()
    end = {"at": "period_end", "reason": "too many channels"}
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", end)

    await take(
        turn,
        lambda: subscriptions.move_to(FEBRUARY_28),
        lambda: subscriptions.hear(events.opened(made, 1, 2, FEBRUARY_28, MARCH_31)),
    )
    await subscriptions.tell_the_panel()

    now = await subscriptions.shown(made)
    assert (now["status"], now["ends_at"]) == ("suspended", "2027-02-27T23:00:00Z")
    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["status"] == "disabled"
