"""What the driver asks for is known again: each order and each step has a key of its own."""

from collections import Counter
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from tests.chaos import client, months
from tests.chaos.months import Months
from tests.chaos.shop import Shop
from tests.unit.chaos.asked import Asked, commands, sandbox_of

STEPS = 12


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(client, "PAUSE_SECONDS", 0.0)


def _let_months_pass(platform: Asked, directory: Path, steps: int = STEPS) -> None:
    over = Event()
    over.set()
    with sandbox_of(platform, directory) as (provider, journal):
        Months(
            provider,
            1,
            0,
            shop=cast(Shop, None),
            journal=journal,
            least=steps,
            patience=5,
        ).run(over)


def test_every_order_that_was_accepted_has_happened_once(tmp_path: Path) -> None:
    platform = Asked("sub_1", "sub_2", "sub_3", "sub_4")

    _let_months_pass(platform, tmp_path)

    told = commands(tmp_path)
    assert {each["outcome"] for each in told} == {"accepted"}
    assert len(told) == len(platform.done) == len({each["key"] for each in told})


def test_one_subscription_is_extended_and_held_again(tmp_path: Path) -> None:
    """Otherwise nothing would be seen of what a second time does."""
    _let_months_pass(Asked("sub_1", "sub_2", "sub_3", "sub_4"), tmp_path)

    times = Counter((each["order"], each["subscription_id"]) for each in commands(tmp_path))
    assert max(n for (order, _), n in times.items() if order == "extend") > 1
    assert max(n for (order, _), n in times.items() if order == "hold") > 1
    assert max(n for (order, _), n in times.items() if order == "cancel") == 1


def test_the_hold_of_one_that_is_over_is_not_lifted(tmp_path: Path) -> None:
    """It would be accepted, and there is nothing to tell of it."""
    platform = Asked("sub_1", "sub_2", "sub_3", "sub_4", ends_what_is_held=True)

    _let_months_pass(platform, tmp_path)

    orders = [each["order"] for each in commands(tmp_path)]
    assert "hold" in orders
    assert "lift" not in orders


def test_every_step_moves_the_clock(tmp_path: Path) -> None:
    platform = Asked("sub_1")

    _let_months_pass(platform, tmp_path, 3)

    assert len(platform.moves) == len(set(platform.moves)) == 1 + 3
