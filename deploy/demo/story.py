"""Two billing cycles of the demonstration, moved through time by the test clock."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.demo.api import Api, Partner
from deploy.demo.cast import Part, Plan
from deploy.demo.clock import advance
from deploy.demo.shop import Shop
from deploy.demo.timeline import Timeline

BEGINNING = datetime(2027, 1, 30, 9, tzinfo=UTC)
MONTH_END = datetime(2027, 1, 31, 9, tzinfo=UTC)
CANCELING = datetime(2027, 2, 10, 9, tzinfo=UTC)
PAYING_AT_LAST = datetime(2027, 3, 10, 9, tzinfo=UTC)
END = datetime(2027, 4, 2, 9, tzinfo=UTC)


@dataclass
class Story:
    """`say` prints a line; nobody needs to sleep: the clock knows when all is quiet."""

    api: Api
    partner: Partner
    plan: Plan
    shop: Shop
    timeline: Timeline
    say: Callable[[str], None]
    now: datetime = BEGINNING

    async def play(self) -> None:
        await self.sell([each for each in self.plan.parts if not each.month_end])
        await self.move_to(MONTH_END)
        await self.sell([each for each in self.plan.parts if each.month_end])
        await self.move_to(CANCELING)
        await asyncio.to_thread(self._cancel)
        await self.move_to(PAYING_AT_LAST)
        await asyncio.to_thread(self._pay_at_last)
        await self.move_to(END)

    async def move_to(self, instant: datetime) -> None:
        """All that happens until then happens, each instant done before the next one begins."""
        self.now = instant
        loop = asyncio.get_running_loop()

        def tell(clock: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(self.timeline.tell_the_rest, clock["now"][:10])

        await asyncio.to_thread(advance, self.api, self.partner.clock_id, instant, tell)
        await self.timeline.catch_up()
        self.timeline.tell_the_rest()

    async def sell(self, parts: Sequence[Part]) -> None:
        self.say(f"{self.now:%Y-%m-%d %H:%M}  the shop publishes {len(parts)} checkouts")
        await self.shop.sell(parts)
        await self.move_to(self.now)

    def _subscriptions_of(self, role: str) -> list[str]:
        wanted = {each.body["checkout_id"] for each in self.plan.parts if each.role == role}
        found = self.api.every("subscriptions", "/v1/subscriptions")
        return [each["id"] for each in found if each["checkout_reference"] in wanted]

    def _cancel(self) -> None:
        for each in self._subscriptions_of("cancels"):
            body = {"at": "period_end", "reason": "too many channels"}
            self.api.post("subscriptions", f"/v1/subscriptions/{each}/cancel", body)

    def _pay_at_last(self) -> None:
        for each in self._subscriptions_of("pays_at_last"):
            body = {"gateway": "cards", "method_ref": f"pm_ok_new_{each}"}
            self.api.post("billing", f"/v1/subscriptions/{each}/payment_method", body)
