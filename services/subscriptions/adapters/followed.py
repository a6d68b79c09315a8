"""A subscription as it was loaded and as it is stored, for those who keep in step with it."""

from typing import NamedTuple

from services.subscriptions.domain.subscription import Subscription
from shared.origin import Origin


class Followed(NamedTuple):
    """`before` is None for a new one; `origin` is that of the latest change."""

    before: Subscription | None
    now: Subscription
    origin: Origin
