"""Faults as a programmer might make them, put into the running services one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import pytest

from services.billing.domain.contract import Terms
from services.billing.intents import charges
from services.billing.use_cases.ports import ChargeOrder, Refused, Unanswered
from shared.held import Held
from tests.model.gateway import Card
from tests.model.paths import (
    CANCELED_LATER,
    FORGIVEN,
    HELD,
    LIFTED,
    UNCANCELED,
    Act,
    at_once,
    brings,
    buys,
    passes,
)


def a_key_for_every_call(patch: pytest.MonkeyPatch) -> None:
    """A charge that is sent again bears another key."""
    original = charges._order  # noqa: SLF001  the very place

    def order(attempt: Any, now: Mapping[Any, Any]) -> ChargeOrder:
        made = original(attempt, now)
        return replace(made, key=f"{made.key}/{attempt.calls}")

    patch.setattr(charges, "_order", order)


def silence_is_a_decline(patch: pytest.MonkeyPatch) -> None:
    """A call that was not answered counts as one that failed."""
    original = charges.take_in

    async def take_in(results: Any, tx: Any, context: Any) -> None:
        known = [
            (batch, [Refused("timeout") if isinstance(a, Unanswered) else a for a in answers])
            for batch, answers in results
        ]
        await original(known, tx, context)

    patch.setattr(charges, "take_in", take_in)


def a_hold_stops_no_charge(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Terms, "is_held", property(lambda _: False))


def only_the_newest_version_counts(patch: pytest.MonkeyPatch) -> None:
    """As a projection may, but here each version has an effect."""
    original = Held.in_sequence

    async def in_sequence(self: Held, received: Sequence[Any], *more: Any) -> Any:
        turn = await original(self, received, *more)
        return list({each.event.aggregate.subject: each for each in turn}.values())

    patch.setattr(Held, "in_sequence", in_sequence)


def what_is_ahead_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    """Billing takes versions as they come."""

    async def in_sequence(_: Held, received: Sequence[Any], *__: Any) -> Any:
        return list(received)

    patch.setattr(Held, "in_sequence", in_sequence)


class Plant(NamedTuple):
    """A fault, a life in which it does its harm, and the invariant that names it then."""

    fault: Callable[[pytest.MonkeyPatch], None]
    life: Sequence[Act]
    breaks: str


UNHEARD: Final = (buys("monthly", Card.CHARGED_UNHEARD), passes(1), brings(Card.APPROVED))
PLANTED: Final = (
    Plant(a_key_for_every_call, UNHEARD, "I2"),
    Plant(silence_is_a_decline, UNHEARD, "I3"),
    Plant(a_hold_stops_no_charge, (buys("monthly"), HELD, passes(40)), "I6"),
    Plant(only_the_newest_version_counts, (buys("monthly"), at_once(FORGIVEN, FORGIVEN)), "I16"),
    Plant(
        what_is_ahead_does_not_wait,
        (buys("monthly"), *[at_once(FORGIVEN, HELD, LIFTED, CANCELED_LATER, UNCANCELED)] * 4),
        "I16",
    ),
)
