"""What this service does when the customers service speaks of a checkout."""

from collections.abc import Sequence

from services.subscriptions.context import Context, EdgeTransaction
from services.subscriptions.domain.checkout import (
    Checkout,
    CheckoutItem,
    CheckoutPayment,
    PaymentStatus,
)
from services.subscriptions.use_cases.place_orders import PlaceOrder, place_orders
from services.subscriptions.use_cases.reject_checkouts import RejectCheckout, reject_checkouts
from shared.consumer import Consumer
from shared.contracts.customers import CheckoutAccepted, CheckoutRejected
from shared.ids import PartnerId
from shared.received import Received


def listen_to_customers(consumer: Consumer[EdgeTransaction], context: Context) -> None:
    @consumer.on(CheckoutAccepted)
    async def place_the_orders(
        received: Sequence[Received[CheckoutAccepted]], tx: EdgeTransaction
    ) -> None:
        commands = [PlaceOrder(_checkout(each.event), each.origin) for each in received]
        now_by_partner = await tx.clocks.now_by_partner(
            {each.checkout.partner_id for each in commands}
        )
        await place_orders(commands, tx, context.find_misfit, now_by_partner)

    @consumer.on(CheckoutRejected)
    async def end_what_was_made_of_them(
        received: Sequence[Received[CheckoutRejected]], tx: EdgeTransaction
    ) -> None:
        commands = [_rejection(each) for each in received]
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
        await reject_checkouts(commands, tx, now_by_partner)


def _checkout(event: CheckoutAccepted) -> Checkout:
    told = event.checkout
    payment = told.payment
    return Checkout(
        partner_id=PartnerId(told.partner_id),
        id=told.id,
        reference=told.reference,
        customer_id=told.customer_id,
        offer=told.offer,
        currency=told.currency,
        timezone=told.timezone,
        items=tuple(
            CheckoutItem(each.product, each.quantity, each.unit_price_minor, each.configuration)
            for each in told.items
        ),
        price_trusted=told.price_trusted,
        payment=CheckoutPayment(
            status=PaymentStatus(payment.status),
            gateway=payment.gateway,
            reference=payment.reference,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            method_ref=payment.method_ref,
        ),
    )


def _rejection(received: Received[CheckoutRejected]) -> RejectCheckout:
    checkout, rejection = received.event.checkout, received.event.rejection
    return RejectCheckout(
        PartnerId(checkout.partner_id), checkout.id, rejection.code, received.origin
    )
