"""What this service does when subscriptions says what became of a checkout."""

from collections.abc import Sequence

from services.customers.context import EdgeTransaction
from services.customers.domain.checkout import CheckoutId
from services.customers.domain.rejection import Rejection
from services.customers.use_cases.end_checkouts import EndCheckout, end_checkouts
from shared.consumer import Consumer
from shared.contracts.event import EventContract
from shared.contracts.subscriptions import (
    OrderRefused,
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionEvent,
    SubscriptionState,
)
from shared.ids import PartnerId
from shared.origin import Origin
from shared.received import Received


def listen_to_subscriptions(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(OrderRefused, SubscriptionActivated, SubscriptionCanceled)
    async def end_their_checkouts(
        received: Sequence[Received[EventContract]],
        tx: EdgeTransaction,
    ) -> None:
        commands = [command for each in received if (command := _to_command(each))]
        if not commands:
            return
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
        await end_checkouts(commands, tx, now_by_partner)


def _to_command(each: Received[EventContract]) -> EndCheckout | None:
    if isinstance(each.event, OrderRefused):
        return _refused(each.event, each.origin)
    assert isinstance(each.event, SubscriptionEvent)  # noqa: S101  registered for nothing else
    subscription = each.event.subscription
    if subscription.checkout_id is None:
        return None
    if subscription.activated_at is not None:
        return _ended(subscription, None, each.origin)
    if subscription.status == "canceled":
        why = Rejection.of_ending(each.event.change.reason)
        return _ended(subscription, why, each.origin)
    return None


def _ended(
    subscription: SubscriptionState, rejection: Rejection | None, origin: Origin
) -> EndCheckout:
    """Read off the state and not off the event's name: a subscription that once ran has fulfilled
    its checkout, also where its end is heard before its beginning.
    """
    return EndCheckout(
        partner_id=PartnerId(subscription.partner_id),
        checkout_id=CheckoutId(subscription.checkout_id or ""),
        subscription_id=subscription.id,
        rejection=rejection,
        origin=origin,
    )


def _refused(event: OrderRefused, origin: Origin) -> EndCheckout | None:
    order, refusal = event.order, event.refusal
    if order.kind != "new" or order.checkout_id is None:
        return None
    return EndCheckout(
        partner_id=PartnerId(order.partner_id),
        checkout_id=CheckoutId(order.checkout_id),
        subscription_id=None,
        rejection=Rejection(refusal.code, refusal.field, refusal.message, refusal.way_out),
        origin=origin,
    )
