"""How a life begins: the first checkout, led into a state that chance alone would seldom reach."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from tests.model.gateway import Card
from tests.model.stage import Stage

Opening = Callable[[Stage], Awaitable[None]]


async def _bought(stage: Stage, offer: str, card: Card = Card.APPROVED) -> str:
    stage.moves.check_out(offer, "method", card, "Europe/Berlin")
    await stage.flow.settle()
    await stage.story.read()
    return str(next(iter(stage.story.states)))


async def _pass(stage: Stage, days: int) -> None:
    await stage.flow.walk_to(stage.world.clock.instant + timedelta(days=days))
    await stage.story.read()


async def nothing(stage: Stage) -> None:
    """An empty shop."""
    del stage


async def runs(stage: Stage) -> None:
    await _bought(stage, "monthly")


async def is_tried(stage: Stage) -> None:
    await _bought(stage, "tried-strict")


async def owes(stage: Stage) -> None:
    """The first renewal fails softly."""
    await _bought(stage, "strict")
    stage.world.gateway.cards["card_" + _last(stage)] = Card.DECLINED
    await _pass(stage, 32)


async def owes_after_a_trial(stage: Stage) -> None:
    await _bought(stage, "tried", Card.DECLINED)
    await _pass(stage, 15)


async def is_in_grace_after_a_trial(stage: Stage) -> None:
    await _bought(stage, "tried", Card.STOLEN)
    await _pass(stage, 15)


async def is_in_grace(stage: Stage) -> None:
    await _bought(stage, "strict")
    stage.world.gateway.cards["card_" + _last(stage)] = Card.STOLEN
    await _pass(stage, 33)


async def is_cut_off(stage: Stage) -> None:
    """For non-payment."""
    await _bought(stage, "monthly")
    stage.world.gateway.cards["card_" + _last(stage)] = Card.DECLINED
    await _pass(stage, 40)


async def has_ended(stage: Stage) -> None:
    name = await _bought(stage, "monthly")
    await stage.moves.subscription("POST", name, "cancel", {"at": "now", "reason": "moves away"})
    await stage.flow.settle()


def _last(stage: Stage) -> str:
    return list(stage.moves.checkouts)[-1].removeprefix("checkout-")


OPENINGS: Final[Sequence[Opening]] = (
    nothing,
    runs,
    is_tried,
    owes,
    owes_after_a_trial,
    is_in_grace_after_a_trial,
    is_in_grace,
    is_cut_off,
    has_ended,
)
