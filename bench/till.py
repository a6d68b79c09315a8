"""A payment gateway inside the process that takes every charge, and a set of them in one call."""

from collections.abc import Sequence
from datetime import datetime

from services.billing.domain.charge import Charge
from services.billing.use_cases.ports import (
    ChargeAnswer,
    ChargeOrder,
    FindAnswer,
    GivenBack,
    NotFound,
    RefundAnswer,
)


class Till:
    """Money moves once for a key; `taken` is what it took, by key."""

    def __init__(self) -> None:
        self.taken: dict[str, Charge] = {}
        self.calls = 0

    async def charge(self, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        self.calls += 1
        return [self._take(each) for each in orders]

    async def find(self, key: str, now: datetime | None) -> FindAnswer:
        del now
        return self.taken.get(key) or NotFound()

    async def find_reference(self, reference: str, now: datetime | None) -> FindAnswer:
        return await self.find(reference.removeprefix("ch_"), now)

    async def refund(
        self, key: str, reference: str, amount_minor: int, now: datetime | None
    ) -> RefundAnswer:
        del key, reference, amount_minor, now
        return GivenBack("succeeded", None)

    async def find_refund(self, key: str, now: datetime | None) -> RefundAnswer:
        del key, now
        return NotFound()

    def _take(self, order: ChargeOrder) -> Charge:
        if order.key not in self.taken:
            self.taken[order.key] = Charge(
                reference=f"ch_{order.key}",
                key=order.key,
                status="succeeded",
                code=None,
                hard=False,
                amount_minor=order.amount_minor,
                currency=order.currency,
                captured_minor=order.amount_minor,
                refunded_minor=0,
                refund_pending_minor=0,
                disputed_minor=0,
            )
        return self.taken[order.key]
