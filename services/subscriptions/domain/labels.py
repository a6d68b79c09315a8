"""What a subscription is called by the three kinds of people who look at it, as one table."""

from enum import StrEnum
from typing import NamedTuple

from services.subscriptions.domain.hold import HoldKind, strongest
from services.subscriptions.domain.subscription import Status, Subscription


class View(StrEnum):
    """S0: a partner in the portal. S1: an operator of a panel. S2: the subscription life cycle."""

    S0 = "s0"
    S1 = "s1"
    S2 = "s2"


class Labels(NamedTuple):
    s0: str
    s1: str | None
    s2: str


class Facet(StrEnum):
    """The statuses, parted where a view calls two cases of one by different names."""

    CREATED = "created"
    TRIALING = "trialing"
    ACTIVE = "active"
    ENDING = "ending"
    PAST_DUE = "past_due"
    GRACE = "grace"
    SUSPENDED = "suspended"
    ENDED = "ended"
    CANCELED = "canceled"
    TERMINATED = "terminated"


# Source: docs/semantics.md T2.
LABELS = {
    Facet.CREATED: Labels("Inactive", None, "Created"),
    Facet.TRIALING: Labels("Active", "Active", "Active"),
    Facet.ACTIVE: Labels("Active", "Active", "Active"),
    Facet.ENDING: Labels("Scheduled for Deletion", "Active", "Active"),
    Facet.PAST_DUE: Labels("Active", "Active", "Active"),
    Facet.GRACE: Labels("Active", "Active", "Active"),
    Facet.SUSPENDED: Labels("Inactive", "Suspended", "Suspended"),
    Facet.ENDED: Labels("Inactive", "Expired", "Suspended"),
    Facet.CANCELED: Labels("Inactive", "Expired", "Canceled"),
    Facet.TERMINATED: Labels("Inactive", "Expired", "Resiliated"),
}
RUNNING = {Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.GRACE}


def facet(subscription: Subscription) -> Facet:
    status = subscription.status
    if status in RUNNING and subscription.ends_at is not None:
        return Facet.ENDING
    if status is Status.SUSPENDED and strongest(subscription.holds) is HoldKind.ENDED:
        return Facet.ENDED
    return Facet(status.value)


def facets_called(view: View, label: str) -> list[Facet]:
    """All that this view calls so; none where it has no such word."""
    return [each for each, labels in LABELS.items() if getattr(labels, view) == label]
