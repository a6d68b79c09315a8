"""Hands due timers to their use case, a set at a time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from services.billing.context import EdgeTransaction
from services.billing.use_cases.ports import Transaction
from services.billing.use_cases.run_timers import (
    FallenDue,
    end_grace_periods,
    remind_of_renewals,
    renew_subscriptions,
    retry_payments,
)
from shared.ids import PartnerId
from shared.timer import Due
from shared.timer_loop import TimerLoop

Fire: TypeAlias = Callable[
    [Sequence[FallenDue], Transaction, Mapping[PartnerId, datetime]], Awaitable[None]
]
KINDS: Mapping[str, Fire] = {
    "renewal": renew_subscriptions,
    "reminder": remind_of_renewals,
    "retry": retry_payments,
    "grace_ends": end_grace_periods,
}


def fire_billing_timers(timers: TimerLoop[EdgeTransaction]) -> None:
    for kind, fire in KINDS.items():
        timers.on(kind)(_firing(fire))

    @timers.on("refund_settles")
    async def ask_for_refunds(due: Sequence[Due], tx: EdgeTransaction) -> None:
        await tx.refunding.wake([each.timer.subject for each in due])


def _firing(fire: Fire) -> Callable[[Sequence[Due], EdgeTransaction], Awaitable[None]]:
    async def fire_set(due: Sequence[Due], tx: EdgeTransaction) -> None:
        now = {each.timer.partner_id: each.now for each in due}
        await fire([_fallen(each) for each in due], tx, now)

    return fire_set


def _fallen(due: Due) -> FallenDue:
    timer = due.timer
    return FallenDue(timer.partner_id, timer.subject, timer.due_key, due.origin)
