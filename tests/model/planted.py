"""Faults as a programmer might make them, put into the running services one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest

from services.billing.domain import collection, renewal
from services.billing.domain.books import Books
from services.billing.domain.contract import Terms
from services.billing.domain.refund import RefundState
from services.billing.intents import charges
from services.billing.use_cases import settle_refunds
from services.billing.use_cases.ports import ChargeOrder, Refused, Unanswered
from services.subscriptions.consumers import billing as hears_billing
from services.subscriptions.domain.standing import Standing, StandingStatus
from shared.held import Held
from tests.model.gateway import Card
from tests.model.paths import (
    CANCELED,
    CANCELED_LATER,
    FORGIVEN,
    HELD,
    LIFTED,
    UNCANCELED,
    Act,
    at_once,
    brings,
    buys,
    card_turns,
    passes,
    reaches_its_boundary,
    refunds_are_slow,
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


def a_refund_has_arrived_when_it_is_ordered(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(settle_refunds.STATES, "pending", RefundState.SUCCEEDED)


def a_lost_charge_goes_out_again_whatever_was_heard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(collection, "_may_be_charged", lambda *_: True)


def an_end_is_heeded_once_it_has_come(patch: pytest.MonkeyPatch) -> None:
    """Until then billing plans as if there were none."""
    original = renewal._next_boundary  # noqa: SLF001  the very place

    def next_boundary(books: Books, at: datetime) -> datetime | None:
        endless = replace(books.contract.terms, ends_at=None)
        as_ever = replace(books.contract, terms=endless)
        return original(replace(books, contract=as_ever), at)

    patch.setattr(renewal, "_next_boundary", next_boundary)


def grace_is_taken_for_its_end(patch: pytest.MonkeyPatch) -> None:
    """Access is cut days too early, until somebody pays."""
    original = hears_billing._standing  # noqa: SLF001  the very place

    def standing(told: Any) -> Standing:
        heard = original(told)
        if heard.status is not StandingStatus.GRACE:
            return heard
        return replace(heard, status=StandingStatus.EXHAUSTED)

    patch.setattr(hears_billing, "_standing", standing)


def a_period_is_billed_the_day_before(patch: pytest.MonkeyPatch) -> None:
    original = renewal._next_boundary  # noqa: SLF001  the very place

    def next_boundary(books: Books, at: datetime) -> datetime | None:
        boundary = original(books, at)
        return boundary and boundary - timedelta(days=1)

    patch.setattr(renewal, "_next_boundary", next_boundary)


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


CROSSED: Final = (buys("monthly"), card_turns(Card.CHARGED_UNHEARD), reaches_its_boundary)
LOST: Final = (buys("monthly"), card_turns(Card.NEVER_ARRIVED), reaches_its_boundary)
# These leave nothing behind: who looks at rest only sees that all is well.
PASSING: Final = (
    Plant(
        a_refund_has_arrived_when_it_is_ordered,
        (*CROSSED, refunds_are_slow, CANCELED, passes(1), passes(3)),
        "I3",
    ),
    Plant(
        a_lost_charge_goes_out_again_whatever_was_heard,
        (*LOST, at_once(card_turns(Card.APPROVED), CANCELED), passes(1)),
        "I6",
    ),
    Plant(an_end_is_heeded_once_it_has_come, (buys("monthly"), CANCELED_LATER, passes(40)), "I7"),
    Plant(
        grace_is_taken_for_its_end,
        (buys("monthly"), card_turns(Card.STOLEN), passes(32), brings(Card.APPROVED)),
        "I16",
    ),
    Plant(a_period_is_billed_the_day_before, (buys("monthly"), passes(27), passes(5)), "I21"),
)
