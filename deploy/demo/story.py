"""Two billing cycles of the demonstration, moved through time a day at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deploy.demo.api import Api, Partner
from deploy.demo.cast import Part, Plan
from deploy.demo.quiet import Lookout
from deploy.demo.shop import Shop
from deploy.demo.timeline import Timeline

BEGINNING = datetime(2027, 1, 30, 9, tzinfo=UTC)
MONTH_END = datetime(2027, 1, 31, 9, tzinfo=UTC)
CANCELING = datetime(2027, 2, 10, 9, tzinfo=UTC)
PAYING_AT_LAST = datetime(2027, 3, 10, 9, tzinfo=UTC)
END = datetime(2027, 4, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Story:
    """`say` prints a line; `sleep`ing is never needed: the lookout knows when all is quiet."""

    api: Api
    partner: Partner
    plan: Plan
    shop: Shop
    lookout: Lookout
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
        """A day at a time, so that what happens on a day is done before the next one begins; days on
        which nothing is due are skipped.
        """
        due = await self._settled()
        while self.now < instant:
            step = self.now + DAY
            while due is not None and step < due and step < instant:
                step += DAY
            self.now = min(step, instant)
            await asyncio.to_thread(self._advance)
            due = await self._settled()
            self.timeline.tell_the_rest()

    def _advance(self) -> None:
        path = f"/v1/test_clocks/{self.partner.clock_id}/advance"
        self.api.post("customers", path, {"to": self.now.isoformat()})

    async def _settled(self) -> datetime | None:
        return await asyncio.to_thread(self.lookout.wait, self.partner.id, self.now)

    async def sell(self, parts: Sequence[Part]) -> None:
        self.say(f"{self.now:%Y-%m-%d %H:%M}  the shop publishes {len(parts)} checkouts")
        await self.shop.sell(parts)
        await self._settled()
        self.timeline.tell_the_rest()

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
