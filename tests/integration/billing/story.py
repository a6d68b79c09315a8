"""One subscription, told as the subscriptions service would tell it, after billing's own words."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.calendar import Interval, start_of_local_day
from shared.contracts.customers import CheckoutRejected, CheckoutState, Rejection
from shared.contracts.event import Change, CheckoutPayment
from shared.contracts.event import Interval as IntervalBody
from shared.contracts.subscriptions import (
    Hold,
    HoldKind,
    Item,
    Period,
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionCreated,
    SubscriptionEvent,
    SubscriptionExtended,
    SubscriptionRenewed,
    SubscriptionResumed,
    SubscriptionState,
    SubscriptionSuspended,
    SubscriptionTerminated,
)
from shared.ids import PartnerId, new_id
from tests.integration.billing.world import Billing, eventually

PARTNER = PartnerId("ptn_test_acme")
ZONE = "Europe/Berlin"
START = datetime(2026, 1, 31, 10, tzinfo=ZoneInfo(ZONE))
BY_CARD = "pm_ok"


def midnight(year: int, month: int, day: int) -> datetime:
    return start_of_local_day(date(year, month, day), ZONE)


def soon_after(year: int, month: int, day: int) -> datetime:
    """A minute into that day: what is due at its midnight has come."""
    return midnight(year, month, day) + timedelta(minutes=1)


@dataclass
class Story:
    """`hear` is what it says; `follow` is what it does when billing opened a period."""

    billing: Billing
    at: datetime = START
    interval: Interval = field(default_factory=lambda: Interval("month"))
    price_minor: int = 1299
    trial_days: int = 0
    partner: PartnerId = PARTNER
    id: str = field(default_factory=lambda: new_id("sub"))
    checkout_id: str = field(default_factory=lambda: new_id("chk"))
    version: int = 0
    status: Any = "created"
    anchor_on: date | None = None
    anchor_no: int = 0
    opened: set[int] = field(default_factory=set)
    granted: int = 0
    holds: list[Hold] = field(default_factory=list)
    ends_at: datetime | None = None

    @property
    def item_id(self) -> str:
        return f"itm_{self.id}"

    def boundary(self, no: int) -> datetime:
        assert self.anchor_on is not None
        return start_of_local_day(self.interval.after(self.anchor_on, no - self.anchor_no), ZONE)

    def event(self, kind: type[SubscriptionEvent], **more: Any) -> SubscriptionEvent:
        """The next version."""
        self.version += 1
        change = Change(kind="test", actor="operator:op_1", at=self.at)
        return kind(subscription=self.state(), change=change, **more)

    def state(self) -> SubscriptionState:
        covered = len(self.opened) + self.granted
        running = self.anchor_on is not None and covered
        return SubscriptionState(
            id=self.id,
            partner_id=self.partner,
            version=self.version,
            customer_id="cus_1",
            bill_to="cus_1",
            checkout_id=self.checkout_id,
            status=self.status,
            offer="tv-basic",
            interval=IntervalBody(unit=self.interval.unit, count=self.interval.count),
            currency="EUR",
            timezone=ZONE,
            items=[
                Item(
                    id=self.item_id,
                    product="tv",
                    quantity=1,
                    unit_price_minor=self.price_minor,
                    status="active",
                )
            ],
            trial_days=self.trial_days,
            end_of_term="suspend",
            anchor_on=self.anchor_on,
            period=Period(no=0, start=START, end=START + timedelta(days=1)) if running else None,
            periods_opened=len(self.opened),
            periods_granted=self.granted,
            next_boundary_at=self.boundary(covered) if running else None,
            created_at=START,
            ends_at=self.ends_at,
            holds=self.holds,
        )

    async def says(self, kind: type[SubscriptionEvent], **more: Any) -> None:
        await self.tells(kind, **more)
        await self.billing.run()

    async def tells(self, kind: type[SubscriptionEvent], **more: Any) -> None:
        """As `says`, without waiting for what follows."""
        await self.billing.hear(self.at, self.event(kind, **more))

    async def created(self, **payment: Any) -> None:
        await self.is_created(**payment)
        await self.billing.run()

    async def is_created(self, **payment: Any) -> None:
        told = {"status": "method", "gateway": "cards", **payment}
        await self.billing.at(self.partner, self.at)
        await self.tells(SubscriptionCreated, payment=CheckoutPayment(**told))

    async def rejected(self, **payment: Any) -> None:
        """Its checkout ends without it."""
        await self.is_rejected(**payment)
        await self.billing.run()

    async def is_rejected(self, **payment: Any) -> None:
        told = {"status": "method", "gateway": "cards", **payment}
        checkout = CheckoutState(
            id=self.checkout_id,
            partner_id=self.partner,
            version=2,
            reference="shop-1",
            source="https://shop.example",
            status="rejected",
            offer="tv-basic",
            currency="EUR",
            items=[],
            timezone=ZONE,
            price_trusted=True,
            payment=CheckoutPayment(**told),
        )
        event = CheckoutRejected(
            checkout=checkout,
            rejection=Rejection(code="unknown_offer", message="no such offer", way_out="another"),
            change=Change(kind="rejected", actor="service:customers", at=self.at),
        )
        await self.billing.hear(self.at, event)

    async def sent(self) -> None:
        """The charge has left the house and is not answered."""

        async def is_sent() -> bool:
            return any(each["state"] in {"sent", "unknown"} for each in await self.attempts())

        await eventually(is_sent, "a charge is under way")

    async def activated(self) -> None:
        """Provisioned: the true anchor is the local day of now, or of the trial's end."""
        await self.follow_quietly()
        day = self.at.astimezone(ZoneInfo(ZONE)).date()
        self.anchor_on = day + timedelta(days=self.trial_days)
        self.anchor_no = 1 if self.trial_days else 0
        self.status = "trialing" if self.trial_days else "active"
        await self.says(SubscriptionActivated)

    async def running(self, method_ref: str = BY_CARD) -> None:
        await self.created(method_ref=method_ref)
        await self.activated()

    async def follow_quietly(self) -> list[dict[str, Any]]:
        """Count the periods that billing has opened since; what they were."""
        fresh = [
            each
            for each in await self.billing.published(self.id)
            if each["type"] == "period.opened" and each["period"]["no"] not in self.opened
        ]
        for each in fresh:
            no = each["period"]["no"]
            if each["by"] == "manual" and self.granted:
                self.granted -= 1
            self.opened.add(no)
            if each["anchor_on"] and no > self.anchor_no:
                self.anchor_on, self.anchor_no = date.fromisoformat(each["anchor_on"]), no
        return fresh

    async def renewed(self) -> None:
        for _ in await self.follow_quietly():
            await self.says(SubscriptionRenewed)

    async def until(self, at: datetime) -> None:
        """Time passes to `at`, by the partner's clock."""
        self.at = at
        await self.billing.at(self.partner, at)

    async def passes_unanswered(self, at: datetime) -> None:
        """Time passes to `at`, and the gateway holds its answer back."""
        self.at = at
        await self.billing.steps_to(self.partner, at)
        await self.sent()

    def daily(self) -> Interval:
        return Interval("day")

    async def held(self, kind: HoldKind, placed_at: datetime | None = None) -> None:
        hold = Hold(kind=kind, reason="ticket 1", actor="op", placed_at=placed_at or self.at)
        self.holds = [*self.holds, hold]
        await self.says(SubscriptionSuspended, hold=hold)

    async def resumed(self) -> None:
        self.holds = []
        await self.says(SubscriptionResumed)

    async def canceled(self, ends_at: datetime | None = None) -> None:
        await self.is_canceled(ends_at)
        await self.billing.run()

    async def is_canceled(self, ends_at: datetime | None = None) -> None:
        if self.anchor_on is None:
            self.status = "canceled"
        self.ends_at = ends_at
        await self.tells(SubscriptionCanceled)

    async def terminated(self) -> None:
        self.status = "terminated"
        await self.says(SubscriptionTerminated)

    async def extended(self, intervals: int, paid_minor: int = 0) -> None:
        await self.is_extended(intervals, paid_minor)
        await self.billing.run()

    async def is_extended(self, intervals: int, paid_minor: int = 0) -> None:
        if any(hold.kind == "non_payment" for hold in self.holds):
            self.anchor_on = self.at.astimezone(ZoneInfo(ZONE)).date()
            self.anchor_no = len(self.opened) + self.granted
        self.granted += intervals
        await self.tells(
            SubscriptionExtended,
            grant_id=new_id("gra"),
            intervals=intervals,
            paid_externally_minor=paid_minor,
        )

    def another(self) -> "Story":
        """A second subscription of the same partner, of a checkout of its own."""
        return Story(self.billing, self.at)

    def captured(self, amount_minor: int) -> str:
        """What the checkout took before it told of it."""
        order = {
            "reference": f"ch_{self.id}",
            "amount": amount_minor,
            "currency": "EUR",
            "method_ref": self.card("pm_ok"),
        }
        self.billing.gateway.post("/v1/captures", order)
        return f"ch_{self.id}"

    async def brings(self, method_ref: str) -> None:
        await self.billing.post(
            self.partner, f"/v1/subscriptions/{self.id}/payment_method", {"method_ref": method_ref}
        )
        await self.billing.run()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(ZONE))

    async def said(self) -> list[dict[str, Any]]:
        return await self.billing.published(self.id)

    async def types(self) -> list[str]:
        return [each["type"] for each in await self.billing.published(self.id)]

    async def standing(self) -> dict[str, Any]:
        [row] = await self.billing.rows(
            "select * from contracts where subscription_id = $1", self.id
        )
        return row

    async def invoices(self) -> list[dict[str, Any]]:
        return await self.billing.rows(
            "select * from invoices where subscription_id = $1 order by id", self.id
        )

    async def attempts(self) -> list[dict[str, Any]]:
        return await self.billing.rows(
            "select * from payment_attempts where subscription_id = $1 order by id", self.id
        )

    def taken(self) -> int:
        """What the gateway holds of this subscription's money, by its own ledger."""
        movements = self.billing.gateway.get("/v1/ledger")["movements"]
        mine = [each for each in movements if self.id in (each["method_ref"] or "")]
        sign = {"capture": 1, "refund": -1, "chargeback": -1}
        return sum(sign[each["kind"]] * each["amount"] for each in mine)

    async def refunds(self) -> list[dict[str, Any]]:
        return await self.billing.rows(
            """
            select * from refunds where subscription_id = $1 or checkout_id = $2
            order by ordered_at""",
            self.id,
            self.checkout_id,
        )

    def card(self, name: str) -> str:
        """A payment method of this subscription alone, so that its money can be told apart."""
        return f"{name}_{self.id}"
