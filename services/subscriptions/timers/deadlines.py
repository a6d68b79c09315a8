"""What this service does when an instant has come."""

from collections.abc import Sequence

from services.subscriptions.context import EdgeTransaction
from services.subscriptions.domain.deadline import DeadlineKind
from services.subscriptions.domain.order import OrderId
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.expire_orders import ExpireOrder, expire_orders
from services.subscriptions.use_cases.give_up_provisionings import (
    GiveUpProvisioning,
    give_up_provisionings,
)
from services.subscriptions.use_cases.meet_deadlines import (
    CONSEQUENCES,
    MeetDeadline,
    meet_deadlines,
)
from shared.timer import Due
from shared.timer_loop import TimerLoop


def keep_deadlines(timers: TimerLoop[EdgeTransaction]) -> None:
    @timers.on(*(kind.value for kind in CONSEQUENCES))
    async def meet(due: Sequence[Due], tx: EdgeTransaction) -> None:
        commands = [
            MeetDeadline(
                each.timer.partner_id,
                SubscriptionId(each.timer.subject),
                DeadlineKind(each.timer.kind),
                each.origin,
            )
            for each in due
        ]
        await meet_deadlines(commands, tx, {each.timer.partner_id: each.now for each in due})

    @timers.on(DeadlineKind.PROVISIONING_EXPIRES.value)
    async def give_up(due: Sequence[Due], tx: EdgeTransaction) -> None:
        commands = [
            GiveUpProvisioning(
                each.timer.partner_id, SubscriptionId(each.timer.subject), each.origin
            )
            for each in due
        ]
        await give_up_provisionings(commands, tx, {each.timer.partner_id: each.now for each in due})

    @timers.on("order_expires")
    async def drop_unanswered_orders(due: Sequence[Due], tx: EdgeTransaction) -> None:
        commands = [
            ExpireOrder(
                each.timer.partner_id,
                SubscriptionId(each.timer.due_key),
                OrderId(each.timer.subject),
                each.origin,
            )
            for each in due
        ]
        await expire_orders(commands, tx, {each.timer.partner_id: each.now for each in due})
