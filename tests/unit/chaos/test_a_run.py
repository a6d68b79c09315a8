"""A run can be had again from its seed, breaks enough, and says when it has proved nothing."""

from itertools import islice

import pytest

from tests.chaos.buyers import Buyers
from tests.chaos.plan import SERVICES, plan
from tests.chaos.report import AT_LEAST, Outcome

MINUTES = 60.0


@pytest.mark.parametrize("seed", range(20))
def test_every_seed_breaks_everything_in_three_minutes(seed: int) -> None:
    faults = plan(seed, 3 * MINUTES)

    assert len(faults) >= AT_LEAST["faults"]
    killed = {each.target for each in faults if each.what == "kill in a batch"}
    assert killed == set(SERVICES)
    assert {each.target for each in faults} >= {"postgres", "broker", "gateway", "panel", "mailbox"}
    assert {each.what for each in faults} >= {"frozen", "away and rewound"}


def test_the_same_seed_draws_the_same_faults_and_the_same_buyers() -> None:
    assert plan(7, 3 * MINUTES) == plan(7, 3 * MINUTES)
    assert plan(7, 3 * MINUTES) != plan(8, 3 * MINUTES)

    def sales(seed: int) -> list[object]:
        return list(islice(Buyers(seed, "live", "ptn_1", "https://shop", "tv"), 200))

    assert sales(7) == sales(7)
    assert sales(7) != sales(8)


def test_a_longer_run_draws_every_round_anew() -> None:
    faults = plan(7, 6 * MINUTES)

    first = [each.what for each in faults if each.at < 3 * MINUTES]
    second = [each.what for each in faults if each.at >= 3 * MINUTES]
    assert sorted(first) == sorted(second)
    assert first != second


def test_a_run_in_which_nothing_happened_is_vacuous() -> None:
    assert len(Outcome(seed=7).vacuous) == len(AT_LEAST)
