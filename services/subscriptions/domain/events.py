"""What a subscription says when it changes: its state as of the version, and what happened."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.subscriptions.domain.checkout import CheckoutPayment
from services.subscriptions.domain.hold import Cause, Hold
from services.subscriptions.domain.subscription import Subscription


class ChangeKind(StrEnum):
    CREATED = "created"
    ACTIVATED = "activated"
    PROVISIONING_FAILED = "provisioning_failed"
    RENEWED = "renewed"
    PAST_DUE = "past_due"
    GRACE_ENTERED = "grace_entered"
    RECOVERED = "recovered"
    EXTENDED = "extended"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    CANCELED = "canceled"
    UNCANCELED = "uncanceled"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    cause: Cause


@dataclass(frozen=True, slots=True)
class SubscriptionEvent:
    """Never said itself; `subscription` is a copy, as of its version."""

    subscription: Subscription
    change: Change


@dataclass(frozen=True, slots=True)
class SubscriptionCreated(SubscriptionEvent):
    """It exists, and waits for its first period."""

    payment: CheckoutPayment


@dataclass(frozen=True, slots=True)
class SealedCredentials:
    """Opaque here: only the notifier can open them."""

    kid: str
    jwe: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionActivated(SubscriptionEvent):
    """Provisioned, and its first period runs."""

    credentials: SealedCredentials | None


@dataclass(frozen=True, slots=True)
class ProvisioningFailed(SubscriptionEvent):
    """The panel stayed away or refused for too long; the reason is its last answer."""


@dataclass(frozen=True, slots=True)
class SubscriptionRenewed(SubscriptionEvent):
    """A further period was opened."""


@dataclass(frozen=True, slots=True)
class SubscriptionPastDue(SubscriptionEvent):
    """A charge failed and is tried again; access is kept."""


@dataclass(frozen=True, slots=True)
class SubscriptionRecovered(SubscriptionEvent):
    """What was owed is settled; access was never cut."""


@dataclass(frozen=True, slots=True)
class SubscriptionExtended(SubscriptionEvent):
    """So many periods were granted; one of its own length where it reaches `until` a day."""

    grant_id: str
    intervals: int
    until: date | None
    paid_externally_minor: int


@dataclass(frozen=True, slots=True)
class SubscriptionSuspended(SubscriptionEvent):
    """The first hold came."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class SubscriptionResumed(SubscriptionEvent):
    """The last hold went."""


@dataclass(frozen=True, slots=True)
class SubscriptionChanged(SubscriptionEvent):
    """A further hold came, one of several went, or grace began: the change's kind says it."""


@dataclass(frozen=True, slots=True)
class SubscriptionCanceled(SubscriptionEvent):
    """It ended before activation, or its end is ordered."""


@dataclass(frozen=True, slots=True)
class SubscriptionUncanceled(SubscriptionEvent):
    """The ordered end was taken back."""


@dataclass(frozen=True, slots=True)
class SubscriptionTerminated(SubscriptionEvent):
    """Over for good."""
