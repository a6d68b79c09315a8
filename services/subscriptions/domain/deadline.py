"""What becomes due by itself, read off a subscription's state so that no timer can be forgotten."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from services.subscriptions.domain.activation import (
    ACTIVATION_WITHIN,
    PROVISIONING_WITHIN,
    is_awaiting_panel,
)
from services.subscriptions.domain.ending import retained_until
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.subscription import Status, Subscription


class DeadlineKind(StrEnum):
    ACTIVATION_EXPIRES = "activation_expires"
    PROVISIONING_EXPIRES = "provisioning_expires"
    TERM_ENDS = "term_ends"
    RETENTION_ENDS = "retention_ends"
    HOLD_EXPIRES = "hold_expires"


class Deadline(NamedTuple):
    """`key` tells two of a kind apart: a deadline that was met never comes again."""

    kind: DeadlineKind
    key: str
    at: datetime


def deadlines(subscription: Subscription) -> list[Deadline]:
    if subscription.is_over:
        return []
    if subscription.status is Status.CREATED:
        return [_first_deadline(subscription)]
    found = [
        _named(DeadlineKind.HOLD_EXPIRES, hold.expires_at, hold.kind)
        for hold in subscription.holds
        if hold.expires_at is not None
    ]
    if subscription.ends_at is not None and not subscription.is_held(HoldKind.ENDED):
        found.append(_named(DeadlineKind.TERM_ENDS, subscription.ends_at))
    if (until := retained_until(subscription)) is not None:
        found.append(_named(DeadlineKind.RETENTION_ENDS, until))
    return found


def _first_deadline(subscription: Subscription) -> Deadline:
    since = subscription.first_opened_at
    if since is not None and is_awaiting_panel(subscription):
        return Deadline(DeadlineKind.PROVISIONING_EXPIRES, "", since + PROVISIONING_WITHIN)
    return Deadline(
        DeadlineKind.ACTIVATION_EXPIRES, "", subscription.created_at + ACTIVATION_WITHIN
    )


def _named(kind: DeadlineKind, at: datetime, prefix: str = "") -> Deadline:
    return Deadline(kind, f"{prefix}{at.isoformat()}", at)
