"""From the first opened period to a running subscription, or to giving up."""

from datetime import timedelta

from services.subscriptions.domain.ending import cancel_before_activation
from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    ProvisioningFailed,
    SealedCredentials,
    SubscriptionActivated,
    SubscriptionEvent,
)
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import Subscription
from services.subscriptions.domain.term import Running, first_anchor

ACTIVATION_WITHIN = timedelta(hours=23)
PROVISIONING_WITHIN = timedelta(hours=24)


def activate(
    subscription: Subscription, credentials: SealedCredentials | None, cause: Cause
) -> list[SubscriptionEvent]:
    """The panel has answered: the first period runs from now, and the anchor is set for good.

    Only what waits for its panel is activated: the answer may come after a cancellation.
    """
    if not is_awaiting_panel(subscription):
        return []
    subscription.activated_at = cause.at
    subscription.anchor = first_anchor(cause.at, subscription.timezone, subscription.trial_days)
    subscription.running = Running(0, cause.at)
    change = Change(ChangeKind.ACTIVATED, cause)
    return [SubscriptionActivated(subscription.next_version(), change, credentials)]


def is_awaiting_panel(subscription: Subscription) -> bool:
    return (
        subscription.first_opened_at is not None
        and subscription.activated_at is None
        and not subscription.is_over
    )


def expire_activation(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    """No first period came in time."""
    if subscription.first_opened_at is not None:
        return []
    if cause.at < subscription.created_at + ACTIVATION_WITHIN:
        return []
    return cancel_before_activation(subscription, cause)


def give_up_provisioning(
    subscription: Subscription, answer: str, cause: Cause
) -> list[SubscriptionEvent]:
    """The panel did not answer in time; `answer` is the last that was heard of it."""
    if not is_awaiting_panel(subscription):
        return []
    since = subscription.first_opened_at
    if since is None or cause.at < since + PROVISIONING_WITHIN:
        return []
    told = Cause(answer, cause.actor, cause.at)
    failed = ProvisioningFailed(
        subscription.next_version(), Change(ChangeKind.PROVISIONING_FAILED, told)
    )
    return [failed, *cancel_before_activation(subscription, cause)]
