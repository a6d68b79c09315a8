"""Something has happened of which a person may have to hear."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.notifier.domain.facts import Facts
from services.notifier.domain.people import CustomerId
from services.notifier.domain.subscription import Subscription, SubscriptionId, SubscriptionKey
from shared.ids import PartnerId


class What(StrEnum):
    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CANCELED = "canceled"
    EXTENDED = "extended"
    TERMINATED = "terminated"
    CHARGE_UPCOMING = "charge_upcoming"
    PAYMENT_FAILED = "payment_failed"
    CHECKOUT_REJECTED = "checkout_rejected"


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that a mail follows from; `at` is the partner's time."""

    event_id: str
    at: datetime
    actor: str
    correlation_id: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """A secret as it came: closed. It stays closed until the mail is written."""

    kid: str
    jwe: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """`facts` are the event's own. `subscription` is its state as of the event, where the event
    carried it; an event about money names the subscription by its id alone.
    """

    what: What
    partner_id: PartnerId
    cause: Cause
    facts: Facts = field(default_factory=dict)
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    subscription: Subscription | None = None
    seal: Seal | None = None

    @property
    def key(self) -> SubscriptionKey | None:
        """The subscription without which it cannot be told; None where there is none."""
        if self.subscription_id is None:
            return None
        return SubscriptionKey(self.partner_id, self.subscription_id)
