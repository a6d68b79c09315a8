"""From a subscription's public state to the terms by which it is billed."""

from services.billing.domain.contract import CustomerId, Hold, Item, Terms
from shared.calendar import Interval
from shared.contracts.subscriptions import SubscriptionState


def terms_of(state: SubscriptionState) -> Terms:
    """An item that is terminated costs nothing any more."""
    return Terms(
        version=state.version,
        status=state.status,
        customer_id=CustomerId(state.customer_id),
        bill_to=CustomerId(state.bill_to),
        currency=state.currency,
        zone=state.timezone,
        interval=Interval(state.interval.unit, state.interval.count),
        trial_days=state.trial_days,
        items=tuple(
            Item(each.id, each.product, each.quantity, each.unit_price_minor)
            for each in state.items
            if each.status != "terminated"
        ),
        holds=tuple(Hold(each.kind, each.placed_at) for each in state.holds),
        ends_at=state.ends_at,
        anchor_on=state.anchor_on,
        periods_opened=state.periods_opened,
        periods_granted=state.periods_granted,
        next_boundary_at=state.next_boundary_at,
    )
