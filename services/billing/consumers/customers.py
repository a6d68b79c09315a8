"""What billing does when the customers service speaks: of checkouts that ended, of partners."""

from collections.abc import Sequence

from services.billing.context import Context, EdgeTransaction
from services.billing.domain.contract import CheckoutId
from services.billing.use_cases.reject_checkouts import RejectedCheckout, reject_checkouts
from shared.consumer import Consumer
from shared.contracts.customers import CheckoutRejected, PartnerChanged
from shared.ids import PartnerId
from shared.received import Received


def listen_to_customers(consumer: Consumer[EdgeTransaction], context: Context) -> None:
    @consumer.on(CheckoutRejected)
    async def give_back_what_was_paid(
        received: Sequence[Received[CheckoutRejected]], tx: EdgeTransaction
    ) -> None:
        rejected = [_rejected(each, context.default_gateway) for each in received]
        now = await tx.clocks.now_by_partner({each.partner_id for each in rejected})
        await reject_checkouts(rejected, tx, now)

    @consumer.on(PartnerChanged)
    async def remember_time_zones(
        received: Sequence[Received[PartnerChanged]], tx: EdgeTransaction
    ) -> None:
        partners = sorted((each.event.partner for each in received), key=lambda each: each.id)
        for partner in partners:
            await tx.sql.execute(
                """
                insert into partners as p (partner_id, timezone, version) values ($1, $2, $3)
                on conflict (partner_id) do update
                set timezone = excluded.timezone, version = excluded.version
                where p.version < excluded.version""",
                partner.id,
                partner.timezone,
                partner.version,
            )


def _rejected(received: Received[CheckoutRejected], default_gateway: str) -> RejectedCheckout:
    checkout = received.event.checkout
    captured = checkout.payment.status == "captured"
    return RejectedCheckout(
        partner_id=PartnerId(checkout.partner_id),
        checkout_id=CheckoutId(checkout.id),
        gateway=checkout.payment.gateway or default_gateway,
        reference=checkout.payment.reference if captured else None,
        reason=received.event.rejection.code,
        origin=received.origin,
    )
