"""What this service does when billing speaks."""

from collections.abc import Sequence

from services.notifier.consumers.heard import about_money
from services.notifier.context import EdgeTransaction
from services.notifier.domain.facts import Facts, instant
from services.notifier.domain.occasion import What
from services.notifier.use_cases.tell import tell
from shared.consumer import Consumer
from shared.contracts.billing import InvoiceUpcoming, PaymentFailed
from shared.received import Received


def listen_to_billing(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(PaymentFailed)
    async def say_what_comes_next(
        received: Sequence[Received[PaymentFailed]], tx: EdgeTransaction
    ) -> None:
        occasions = [about_money(each, What.PAYMENT_FAILED, _failure(each)) for each in received]
        now = await tx.clocks.now_by_partner({each.partner_id for each in occasions})
        await tell(occasions, tx, now)

    @consumer.on(InvoiceUpcoming)
    async def remind(received: Sequence[Received[InvoiceUpcoming]], tx: EdgeTransaction) -> None:
        occasions = [about_money(each, What.CHARGE_UPCOMING, _charge(each)) for each in received]
        now = await tx.clocks.now_by_partner({each.partner_id for each in occasions})
        await tell(occasions, tx, now)


def _failure(each: Received[PaymentFailed]) -> Facts:
    event = each.event
    return {
        "amount_minor": event.payment.amount_minor,
        "currency": event.payment.currency,
        "attempt": event.payment.attempt,
        "code": event.code,
        "hard": event.hard,
        "final": event.final,
        "next_attempt_at": instant(event.next_attempt_at),
        "grace_until": instant(event.grace_until),
        "ordered": event.order_id is not None,
    }


def _charge(each: Received[InvoiceUpcoming]) -> Facts:
    upcoming = each.event.upcoming
    return {
        "period_no": upcoming.period_no,
        "due_at": instant(upcoming.due_at),
        "total_minor": upcoming.total_minor,
        "currency": upcoming.currency,
    }
