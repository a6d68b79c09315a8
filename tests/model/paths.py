"""Lives written by hand: together they take every edge of the graph, the seldom ones too."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from tests.model.chance import chance_of
from tests.model.gateway import Card
from tests.model.moves import UNKNOWN
from tests.model.stage import Stage

Act = Callable[[Stage], Awaitable[None]]


def buys(offer: str, card: Card = Card.APPROVED) -> Act:
    async def act(stage: Stage) -> None:
        stage.moves.check_out(offer, "method", card, "Europe/Berlin")

    return act


def has_paid_for(offer: str) -> Act:
    """The shop has taken the money before it told of it."""

    async def act(stage: Stage) -> None:
        stage.moves.check_out(offer, "captured", Card.APPROVED, "Europe/Berlin")

    return act


def card_turns(card: Card) -> Act:
    async def act(stage: Stage) -> None:
        for ref in stage.moves.method_of.values():
            stage.world.gateway.cards[ref] = card

    return act


def brings(card: Card) -> Act:
    async def act(stage: Stage) -> None:
        [state] = stage.story.of()
        await stage.moves.bring_method(state, card)

    return act


def passes(days: int) -> Act:
    async def act(stage: Stage) -> None:
        await stage.flow.walk_to(stage.world.clock.instant + timedelta(days=days))

    return act


async def reaches_its_boundary(stage: Stage) -> None:
    """The next charge has just gone out."""
    [state] = stage.story.of()
    boundary = datetime.fromisoformat(state["next_boundary_at"])
    await stage.flow.walk_to(boundary + timedelta(seconds=3))


async def refunds_are_slow(stage: Stage) -> None:
    stage.world.gateway.slow_refunds = True


def _asks(method: str, path: str, body: object = None) -> Act:
    async def act(stage: Stage) -> None:
        [state] = stage.story.of()
        await stage.moves.subscription(method, state["id"], path, body)

    return act


def at_once(*acts: Act) -> Act:
    """Nobody hears of the first before the last is done."""

    async def act(stage: Stage) -> None:
        for each in acts:
            await each(stage)

    return act


CANCELED: Final = _asks("POST", "cancel", {"at": "now", "reason": "moves away"})
CANCELED_LATER: Final = _asks("POST", "cancel", {"at": "period_end", "reason": "moves away"})
UNCANCELED: Final = _asks("POST", "uncancel")
HELD: Final = _asks("PUT", "holds/requested", {"reason": "on leave"})
LIFTED: Final = _asks("DELETE", "holds/requested")
FORGIVEN: Final = _asks("POST", "extend", {"intervals": 1, "note": "sorry"})
COMES_BACK: Final = _asks("POST", "reactivate", {"gate": "payment", "reason": "comes back"})

PATHS: Final[dict[str, Sequence[Act]]] = {
    "has paid for what is not sold": (has_paid_for(UNKNOWN),),
    "never pays": (buys("monthly", Card.DECLINED), passes(2)),
    "ends and comes back": (buys("monthly"), CANCELED_LATER, passes(40), COMES_BACK, passes(33)),
    "ends for good": (buys("monthly"), CANCELED, passes(32)),
    "is tried and held": (buys("tried"), HELD, LIFTED, passes(16)),
    "is tried and given up": (buys("tried-strict"), CANCELED),
    "owes after a trial, forgiven": (buys("tried", Card.DECLINED), passes(15), FORGIVEN),
    "grace after a trial, forgiven": (buys("tried", Card.STOLEN), passes(15), FORGIVEN),
    "owes and pays": (
        *(buys("monthly"), card_turns(Card.DECLINED), passes(32)),
        *(card_turns(Card.APPROVED), passes(3)),
    ),
    "is in grace and pays": (
        *(buys("monthly"), card_turns(Card.STOLEN), passes(33), brings(Card.APPROVED)),
    ),
    "is in grace, tried again": (
        *(buys("monthly"), card_turns(Card.STOLEN), passes(32), brings(Card.DECLINED)),
    ),
    "owes and never pays": (buys("monthly"), card_turns(Card.DECLINED), passes(75)),
    "owes and leaves": (buys("strict"), card_turns(Card.DECLINED), passes(32), CANCELED),
    "is in grace and leaves": (buys("strict"), card_turns(Card.STOLEN), passes(33), CANCELED),
    "leaves": (buys("strict"), CANCELED),
    "owes and is held": (*(buys("monthly"), card_turns(Card.DECLINED), passes(32), HELD, LIFTED),),
    "is in grace and held": (
        *(buys("monthly"), card_turns(Card.STOLEN), passes(33), HELD, LIFTED),
    ),
}


async def walk(stage: Stage, path: Sequence[Act]) -> None:
    """After every act all that follows from it happens, and what must hold is looked at."""
    for act in path:
        await act(stage)
        await stage.flow.settle()
        await stage.require_the_laws()
    await stage.require_agreement(chance_of(1))


async def walk_blindly(stage: Stage, path: Sequence[Act]) -> list[str]:
    """Nobody looks on the way. What is wrong once all is at rest."""
    for act in path:
        await act(stage)
        await stage.flow.settle()
        await stage.story.read()
    await stage.flow.rest(chance_of(1))
    await stage.story.read()
    return await stage.disagreements()
