"""A product instance within a subscription."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ItemStatus(StrEnum):
    CREATED = "created"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Item:
    """The price is that of the order, for one unit and one period; the catalog may move on.

    Its status is that of its subscription (`Subscription.item_status`), so it is not kept here.
    """

    id: str
    product: str
    quantity: int
    unit_price_minor: int
    configuration: Mapping[str, Any] = field(default_factory=dict)

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor
