"""Faults as a programmer might make them, put into the running services one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from services.billing.domain.contract import Terms
from services.billing.intents import charges
from services.billing.use_cases.ports import ChargeOrder, Refused, Unanswered
from services.subscriptions.domain import owing, renewal
from services.subscriptions.domain.standing import Standing
from services.subscriptions.domain.subscription import Subscription
from services.subscriptions.use_cases import obey_standings
from shared.held import Held


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


def the_last_word_heard_is_obeyed(patch: pytest.MonkeyPatch) -> None:
    """Not the highest version."""
    original = owing.obey

    def obey(subscription: Subscription, standing: Standing, cause: Any) -> Any:
        subscription.standing = replace(subscription.standing, version=0)
        return original(subscription, standing, cause)

    patch.setattr(obey_standings, "obey", obey)
    patch.setattr(renewal, "obey", obey)


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


# The fault, and the invariant that it breaks.
PLANTED: Final[Sequence[tuple[Callable[[pytest.MonkeyPatch], None], str]]] = (
    (a_key_for_every_call, "I2"),
    (silence_is_a_decline, "I2"),
    (the_last_word_heard_is_obeyed, "I16"),
    (a_hold_stops_no_charge, "I6"),
    (only_the_newest_version_counts, "I16"),
    (what_is_ahead_does_not_wait, "I16"),
)
