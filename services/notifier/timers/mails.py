"""Planned mails whose hour has come."""

from collections.abc import Sequence

from services.notifier.context import EdgeTransaction
from services.notifier.domain.message import MessageId
from services.notifier.use_cases.queue_planned import queue_planned
from services.notifier.use_cases.tell import MAIL_DUE
from shared.timer import Due
from shared.timer_loop import TimerLoop


def queue_mails_when_due(timers: TimerLoop[EdgeTransaction]) -> None:
    @timers.on(MAIL_DUE)
    async def queue(due: Sequence[Due], tx: EdgeTransaction) -> None:
        await queue_planned({MessageId(each.timer.subject): each.now for each in due}, tx)
