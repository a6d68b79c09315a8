"""Everything this service tells the others: one case per domain event."""

from collections.abc import Sequence
from datetime import datetime

from services.subscriptions.domain import events as domain
from services.subscriptions.domain import gated_order
from services.subscriptions.domain.checkout import CheckoutPayment
from services.subscriptions.domain.gated_order import GatedOrder, GatedOrderEvent
from services.subscriptions.domain.hold import Cause, Hold
from services.subscriptions.domain.item import Item, ItemStatus
from services.subscriptions.domain.offer import Offer, OfferPublished
from services.subscriptions.domain.order import Order, OrderRefused, Refusal
from services.subscriptions.domain.subscription import Subscription
from services.subscriptions.domain.term import Period
from shared.calendar import Interval
from shared.contracts import event as common
from shared.contracts import orders
from shared.contracts import subscriptions as contracts

# What says nothing beside the state and the change; the others have a case of their own below.
PLAIN: dict[type[domain.SubscriptionEvent], type[contracts.SubscriptionEvent]] = {
    domain.ProvisioningFailed: contracts.ProvisioningFailed,
    domain.SubscriptionRenewed: contracts.SubscriptionRenewed,
    domain.SubscriptionPastDue: contracts.SubscriptionPastDue,
    domain.SubscriptionRecovered: contracts.SubscriptionRecovered,
    domain.SubscriptionResumed: contracts.SubscriptionResumed,
    domain.SubscriptionChanged: contracts.SubscriptionChanged,
    domain.SubscriptionCanceled: contracts.SubscriptionCanceled,
    domain.SubscriptionUncanceled: contracts.SubscriptionUncanceled,
    domain.SubscriptionTerminated: contracts.SubscriptionTerminated,
}


def to_contract(event: domain.SubscriptionEvent) -> contracts.SubscriptionEvent:
    state, change = to_state(event.subscription), _change(event.change.kind, event.change.cause)
    match event:
        case domain.SubscriptionCreated():
            return contracts.SubscriptionCreated(
                subscription=state, change=change, payment=_payment(event.payment)
            )
        case domain.SubscriptionActivated():
            return contracts.SubscriptionActivated(
                subscription=state, change=change, credentials=_sealed(event.credentials)
            )
        case domain.SubscriptionSuspended():
            return contracts.SubscriptionSuspended(
                subscription=state, change=change, hold=_hold(event.hold)
            )
        case domain.SubscriptionExtended():
            return contracts.SubscriptionExtended(
                subscription=state,
                change=change,
                grant_id=event.grant_id,
                intervals=event.intervals,
                until=event.until,
                paid_externally_minor=event.paid_externally_minor,
            )
        case _:
            return PLAIN[type(event)](subscription=state, change=change)


def to_offer_contract(event: OfferPublished) -> contracts.OfferPublished:
    return contracts.OfferPublished(
        offer=_offer(event.offer), change=_change("published", event.cause)
    )


def to_order_contract(event: OrderRefused) -> contracts.OrderRefused:
    return _refused(event.order, event.refusal, event.cause)


def to_gated_contract(event: GatedOrderEvent) -> contracts.OrderEvent:
    order, cause = event.order, event.cause
    match event:
        case gated_order.OrderPlaced():
            return orders.OrderPlaced(
                order=_order(order),
                gate=order.gate.value,
                items=_items(order.items, ItemStatus.ACTIVE),
                currency=order.currency,
                total_minor=order.total_minor,
                subscription_version=order.subscription_version,
                expires_at=order.expires_at,
                change=_change("placed", cause),
            )
        case gated_order.OrderDeclined():
            return _refused(order, event.refusal, cause)
        case gated_order.OrderApplied():
            return orders.OrderApplied(order=_order(order), change=_change("applied", cause))
        case _:
            return orders.OrderCanceled(order=_order(order), change=_change("canceled", cause))


def _refused(order: Order | GatedOrder, refusal: Refusal, cause: Cause) -> contracts.OrderRefused:
    return contracts.OrderRefused(
        order=_order(order),
        refusal=contracts.Refusal(
            code=refusal.code,
            field=refusal.field,
            message=refusal.message,
            way_out=refusal.way_out,
        ),
        change=_change("refused", cause, refusal.code),
    )


def _order(order: Order | GatedOrder) -> contracts.OrderState:
    return contracts.OrderState(
        partner_id=order.partner_id,
        version=order.version,
        id=order.id,
        kind=order.kind.value,
        status=order.status.value,
        subscription_id=order.subscription_id,
        checkout_id=order.checkout_id,
    )


def to_state(subscription: Subscription) -> contracts.SubscriptionState:
    """The public state, as of the version that the subscription has."""
    return contracts.SubscriptionState(
        partner_id=subscription.partner_id,
        version=subscription.version,
        id=subscription.id,
        customer_id=subscription.customer_id,
        bill_to=subscription.bill_to,
        checkout_id=subscription.checkout_id,
        checkout_reference=subscription.checkout_reference,
        status=subscription.status.value,
        offer=subscription.offer,
        interval=_interval(subscription.interval),
        currency=subscription.currency,
        timezone=subscription.timezone,
        items=_items(subscription.items, subscription.item_status),
        trial_days=subscription.trial_days,
        minimum_periods=subscription.minimum_periods,
        committed_until=subscription.committed_until,
        end_of_term=subscription.end_of_term.value,
        anchor_on=subscription.anchor.on if subscription.anchor else None,
        period=_period(subscription.period),
        periods_opened=subscription.periods_opened,
        periods_granted=subscription.granted,
        next_boundary_at=subscription.covered_until,
        created_at=subscription.created_at,
        activated_at=subscription.activated_at,
        ends_at=subscription.ends_at,
        canceled_at=subscription.canceled_at,
        terminated_at=subscription.terminated_at,
        holds=[_hold(each) for each in subscription.holds],
        standing=_owed(subscription),
    )


def _items(items: Sequence[Item], status: ItemStatus) -> list[contracts.Item]:
    return [
        contracts.Item(
            id=each.id,
            product=each.product,
            quantity=each.quantity,
            unit_price_minor=each.unit_price_minor,
            status=status.value,
            configuration=dict(each.configuration),
        )
        for each in items
    ]


def _owed(subscription: Subscription) -> contracts.Owed | None:
    obeyed = subscription.obeyed
    if obeyed.version == 0:
        return None
    return contracts.Owed(
        version=obeyed.version, status=obeyed.status.value, paid_through=obeyed.paid_through
    )


def _period(period: Period | None) -> contracts.Period | None:
    if period is None:
        return None
    return contracts.Period(no=period.no, start=period.start, end=period.end)


def _hold(hold: Hold) -> contracts.Hold:
    return contracts.Hold(
        kind=hold.kind.value,
        reason=hold.cause.reason,
        actor=hold.cause.actor,
        placed_at=hold.cause.at,
        expires_at=hold.expires_at,
    )


def _payment(payment: CheckoutPayment) -> common.CheckoutPayment:
    return common.CheckoutPayment(
        status=payment.status.value,
        gateway=payment.gateway,
        reference=payment.reference,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method_ref=payment.method_ref,
    )


def _sealed(credentials: domain.SealedCredentials | None) -> common.Sealed | None:
    if credentials is None:
        return None
    return common.Sealed(
        kid=credentials.kid, jwe=credentials.jwe, expires_at=credentials.expires_at
    )


def _interval(interval: Interval) -> common.Interval:
    return common.Interval(unit=interval.unit, count=interval.count)


def _offer(offer: Offer) -> contracts.OfferState:
    return contracts.OfferState(
        partner_id=offer.partner_id,
        version=offer.version,
        id=offer.id,
        code=offer.code,
        name=offer.name,
        interval=_interval(offer.interval),
        trial_days=offer.trial_days,
        minimum_periods=offer.minimum_periods,
        end_of_term=offer.end_of_term.value,
        products=[
            contracts.OfferProduct(
                code=each.code,
                name=each.name,
                prices_minor=dict(each.prices_minor),
                configuration_schema=dict(each.configuration_schema),
            )
            for each in offer.products
        ],
    )


def _change(kind: str, cause: Cause, reason: str | None = None) -> common.Change:
    at: datetime = cause.at
    return common.Change(kind=str(kind), reason=reason or cause.reason, actor=cause.actor, at=at)
