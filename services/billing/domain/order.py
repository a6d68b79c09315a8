"""What must be paid before it happens: asked by the subscriptions service, answered once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.billing.domain.contract import SubscriptionId, SubscriptionKey
from shared.ids import PartnerId

Gate = Literal["payment", "none"]


class OrderState(StrEnum):
    """`waiting`: the subscription's words that it follows are not all heard yet."""

    WAITING = "waiting"
    CHARGING = "charging"
    CLEARED = "cleared"
    DECLINED = "declined"
    CANCELED = "canceled"


@dataclass(slots=True, kw_only=True)
class Order:
    """For the total the next period of a subscription; gate `none` gives it away.

    It follows `subscription_version`; from `expires_at` on nobody waits for its answer.
    """

    id: str
    partner_id: PartnerId
    subscription_id: SubscriptionId
    gate: Gate
    total_minor: int
    currency: str
    subscription_version: int
    expires_at: datetime
    actor: str
    state: OrderState = OrderState.WAITING

    @property
    def of(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is declined, and what can be done instead."""

    code: str
    message: str
    way_out: str
