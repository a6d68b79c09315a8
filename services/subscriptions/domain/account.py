"""How a subscription's account at the panel is wanted, read off the subscription's state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.subscriptions.domain.subscription import Status, Subscription
from services.subscriptions.domain.term import first_anchor

# A safety net: the cut is our own call, which a panel that stays away may get late (B10.11).
SPARE = timedelta(days=9)


class AccountStatus(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Account:
    """`configuration` by item id, as the panel gets it."""

    status: AccountStatus
    plan: str
    configuration: Mapping[str, Any]
    expires_at: datetime


def wanted_account(subscription: Subscription) -> Account | None:
    """None as long as no period was opened: nothing is provisioned ahead of that."""
    if subscription.first_opened_at is None:
        return None
    return Account(
        status=_status(subscription),
        plan=subscription.offer,
        configuration={
            each.id: {
                "product": each.product,
                "quantity": each.quantity,
                "configuration": dict(each.configuration),
            }
            for each in subscription.items
        },
        expires_at=_covered_until(subscription, subscription.first_opened_at) + SPARE,
    )


def _status(subscription: Subscription) -> AccountStatus:
    if subscription.is_over:
        return AccountStatus.DELETED
    if subscription.status is Status.SUSPENDED:
        return AccountStatus.DISABLED
    return AccountStatus.ENABLED


def _covered_until(subscription: Subscription, first_opened_at: datetime) -> datetime:
    """Before the activation: what it would be, were it activated as soon as it was opened."""
    if subscription.covered_until is not None:
        return subscription.covered_until
    anchor = first_anchor(first_opened_at, subscription.timezone, subscription.trial_days)
    return anchor.boundary(1, subscription.interval, subscription.timezone)
