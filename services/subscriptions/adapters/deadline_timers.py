"""Keeps a timer for each deadline of a subscription, and none besides."""

from collections.abc import Sequence

from services.subscriptions.adapters.followed import Followed
from services.subscriptions.domain.deadline import DeadlineKind, deadlines
from shared.timer import Timer, Timers

KINDS = [kind.value for kind in DeadlineKind]


class DeadlineTimers:
    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    async def follow(self, followed: Sequence[Followed]) -> None:
        moved = [each for each in followed if _has_moved(each)]
        await self._timers.replace(
            KINDS,
            [each.now.id for each in moved if each.before and deadlines(each.before)],
            [timer for each in moved for timer in _timers(each)],
        )


def _has_moved(each: Followed) -> bool:
    before = deadlines(each.before) if each.before else []
    return before != deadlines(each.now)


def _timers(each: Followed) -> list[Timer]:
    return [
        Timer(
            deadline.kind.value,
            each.now.id,
            deadline.key,
            deadline.at,
            each.now.partner_id,
            each.origin.correlation_id,
        )
        for deadline in deadlines(each.now)
    ]
