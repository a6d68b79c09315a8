"""What happened, as any subscriber of the topics sees it: one line a fact."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from aiokafka import AIOKafkaConsumer

from shared.money import Money

FACTS = (
    "checkout.accepted",
    "checkout.rejected",
    "customer.created",
    "subscription.created",
    "subscription.activated",
    "subscription.renewed",
    "subscription.past_due",
    "subscription.recovered",
    "subscription.suspended",
    "subscription.resumed",
    "subscription.canceled",
    "subscription.terminated",
    "period.opened",
    "payment.succeeded",
    "payment.failed",
    "payment.refunded",
    "dunning.exhausted",
    "notification.sent",
)
TOLD = frozenset(FACTS) - {"checkout.accepted", "customer.created", "period.opened"}
LINES_A_DAY = 8


class Timeline:
    """Reads all facts of one partner; counts each event id once, tells the first few of a kind a
    day, and sums up the rest.
    """

    def __init__(self, bootstrap: str, partner_id: str, say: Callable[[str], None]) -> None:
        self._partner = partner_id
        self._say = say
        self._names: dict[str, str] = {}
        self._seen: set[str] = set()
        self._told: Counter[tuple[str, str]] = Counter()
        self._more: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.counts: Counter[str] = Counter()
        self.first_activation: asyncio.Event = asyncio.Event()
        self._consumer = AIOKafkaConsumer(
            *FACTS,
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            group_id=None,
            fetch_max_wait_ms=20,
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._consumer.start()
        self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self._consumer.stop()

    async def _read(self) -> None:
        async for record in self._consumer:
            headers = dict(record.headers)
            name = headers.get("ce_id", b"").decode()
            if headers.get("ce_partnerid") != self._partner.encode() or name in self._seen:
                continue
            self._seen.add(name)
            self._take(record.topic, orjson.loads(record.value), headers["ce_time"].decode())

    def _take(self, fact: str, body: dict[str, Any], at: str) -> None:
        self.counts[fact] += 1
        if fact == "customer.created":
            self._names[body["customer"]["id"]] = body["customer"]["name"]
        if "subscription" in body:
            state = body["subscription"]
            self._names[state["id"]] = self._names.get(state["customer_id"], state["customer_id"])
        if fact == "subscription.activated":
            self.first_activation.set()
        if fact not in TOLD:
            return
        day = at[:10]
        if self._told[day, fact] < LINES_A_DAY:
            self._told[day, fact] += 1
            self._say(_line(at, self._who(body), fact, body))
        else:
            self._more[day][fact] += 1

    async def catch_up(self) -> None:
        """Until all that stands on the topics now is told."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        for place, end in ends.items():
            while await self._consumer.position(place) < end:  # noqa: ASYNC110  no event tells
                await asyncio.sleep(0.01)

    def tell_the_rest(self, before: str = "9999") -> None:
        """What was too much to tell line by line, of the days that are over."""
        for day in sorted(each for each in self._more if each < before):
            rest = ", ".join(f"{n} {fact}" for fact, n in sorted(self._more.pop(day).items()))
            self._say(f"{day}        and {rest} more")

    def _who(self, body: dict[str, Any]) -> str:
        for part, key in (
            ("subscription", "id"),
            ("standing", "subscription_id"),
            ("checkout", "customer_id"),
            ("message", "customer_id"),
            ("refund", "subscription_id"),
        ):
            found = (body.get(part) or {}).get(key)
            if found:
                return self._names.get(found, str(found))
        return str((body.get("checkout") or {}).get("reference", ""))


def _line(at: str, who: str, fact: str, body: dict[str, Any]) -> str:
    when = datetime.fromisoformat(at).strftime("%Y-%m-%d %H:%M")
    return f"{when}  {who[:18]:<18}  {fact:<23}  {_amount(body):>13}  {_next(fact, body)}"


def _amount(body: dict[str, Any]) -> str:
    for part in ("payment", "refund"):
        found = body.get(part) or {}
        if found.get("amount_minor") is not None and found.get("currency"):
            return Money(found["amount_minor"], found["currency"]).format()
    return ""


def _next(fact: str, body: dict[str, Any]) -> str:
    match fact:
        case "checkout.rejected":
            rejection = body["rejection"]
            field = f"{rejection['field']}: " if rejection.get("field") else ""
            said = f"{field}{rejection['message']}"
        case "payment.failed":
            again = body.get("next_attempt_at") or body.get("grace_until")
            said = f"{body['code']}; next {again[:10] if again else 'another method is needed'}"
        case "notification.sent":
            said = f"mail: {body['message']['template']}"
        case "subscription.suspended":
            said = f"{body['hold']['kind']}; kept for 30 days"
        case _:
            said = _date_to_come(body.get("subscription") or {})
    return said


def _date_to_come(state: dict[str, Any]) -> str:
    if state.get("status") == "canceled":
        return "never began"
    if state.get("ends_at"):
        return f"ends {_day(state, state['ends_at'])}"
    boundary = state.get("next_boundary_at")
    return f"next charge {_day(state, boundary)}" if boundary else ""


def _day(state: dict[str, Any], instant: str) -> str:
    """The customer's own day, on which he is charged."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(state['timezone'])):%Y-%m-%d}"
