"""What people do: the shop that sells, the customer who pays, the operator who acts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import orjson

from shared.database import is_transient
from tests.model.flow import Flow
from tests.model.gateway import Card
from tests.model.process import Process
from tests.model.story import State
from tests.model.trouble import Crash
from tests.model.world import ADMIN, World

PATIENCE = 4
PRICE = 1000
MONTH = {"unit": "month", "count": 1}
# Code: interval, trial days, what the end of the term does, price.
OFFERS: dict[str, tuple[dict[str, Any], int, str, int]] = {
    "monthly": (MONTH, 0, "suspend", PRICE),
    "tried": (MONTH, 14, "suspend", PRICE),
    "strict": (MONTH, 0, "terminate", PRICE),
    "tried-strict": (MONTH, 7, "terminate", PRICE),
    "weekly": ({"unit": "week", "count": 1}, 0, "suspend", PRICE),
    "quarterly": ({"unit": "month", "count": 3}, 0, "suspend", 3 * PRICE),
    "yearly": ({"unit": "year", "count": 1}, 0, "terminate", 9 * PRICE),
    "free": (MONTH, 0, "suspend", 0),
    "gone": (MONTH, 0, "suspend", PRICE),
}
# The shop still sells it, and nobody here knows it any more.
UNKNOWN = "gone"
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Africa/Cairo")


class Unheard(Exception):
    """Every try broke: the one who asked does not know what became of it."""


@dataclass
class Checkout:
    """`believable`: the shop has really taken what it says. `card` is what is charged later."""

    id: str
    offer: str
    card: str | None
    reference: str | None
    at: datetime
    body: dict[str, Any] = field(repr=False)


class Moves:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.world: World = flow.world
        self.checkouts: dict[str, Checkout] = {}
        self.method_of: dict[str, str] = {}
        self._n = self._kept = 0

    def begin_anew(self) -> None:
        self.checkouts.clear()
        self.method_of.clear()
        self._n = self._kept

    async def open_shop(self) -> None:
        """A partner with a shop that sells everything; all services know of it."""
        self._n += 1
        world = self.world
        profile = {
            "name": "Acme",
            "sandbox": False,
            "timezone": "Europe/Berlin",
            "country": "DE",
            "currency": "EUR",
            "support_email": "help@acme.example.com",
        }
        made = await self.ask(world.customers, "POST", "/v1/partners", profile, ADMIN)
        world.partner_id, world.api_key = made["id"], made["api_key"]
        world.source = f"https://shop.example/{self._n}"
        await self.ask(world.customers, "POST", "/v1/sources", {"source": world.source})
        await self.flow.settle()
        for code in sorted(OFFERS.keys() - {UNKNOWN}):
            await self.ask(world.subscriptions, "POST", "/v1/offers", _offer(code))
        await self.flow.settle()
        self._kept = self._n

    def check_out(self, offer: str, payment: str, card: Card, zone: str, times: int = 1) -> None:
        """`payment` is what the shop says: captured (a lie in `unproven`), method, or none."""
        self._n += 1
        n, price = self._n, OFFERS[offer][3]
        ref, reference = f"card_{n}", f"shop_{n}"
        told: dict[str, Any] = {"status": "none"}
        if payment == "method":
            told = {"status": "method", "gateway": "cards", "method_ref": ref}
        elif payment in {"captured", "unproven"}:
            told = {
                "status": "captured",
                "gateway": "cards",
                "reference": reference,
                "amount_minor": price,
                "currency": "EUR",
                "method_ref": ref,
            }
        self.world.gateway.cards[ref] = card
        if payment == "captured" and price:
            self.world.gateway.capture(reference, price, "EUR")
        body = {
            "checkout_id": f"checkout-{n}",
            "customer": {
                "reference": f"person-{n}",
                "name": "Ada Okafor",
                "email": f"ada{n}@example.org",
                "timezone": zone,
            },
            "offer": offer,
            "currency": "EUR",
            "payment": told,
        }
        made = Checkout(
            f"checkout-{n}",
            offer,
            ref if "method_ref" in told else None,
            reference if told["status"] == "captured" else None,
            self.world.clock.instant,
            body,
        )
        self.checkouts[made.id] = made
        if made.card:
            self.method_of[made.id] = made.card
        for again in range(times):
            self._publish(made, f"evt-{n}" if again % 2 == 0 else f"evt-{n}-{again}")

    def _publish(self, checkout: Checkout, event_id: str) -> None:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": event_id,
            "ce_source": self.world.source,
            "ce_type": "checkout.completed",
            "content-type": "application/json",
        }
        body = orjson.dumps(checkout.body)
        self.world.bus.publish("checkout.completed", checkout.id, body, headers)

    async def subscription(self, method: str, sub: str, act: str, body: Any = None) -> Any:
        return await self.ask(
            self.world.subscriptions, method, f"/v1/subscriptions/{sub}/{act}", body
        )

    async def bring_method(self, state: State, card: Card) -> None:
        self._n += 1
        ref = f"card_{self._n}"
        self.world.gateway.cards[ref] = card
        self.method_of[state["checkout_reference"]] = ref
        path = f"/v1/subscriptions/{state['id']}/payment_method"
        await self.ask(self.world.billing, "POST", path, {"method_ref": ref})

    async def pay_by_hand(self, sub: str) -> None:
        row = await self.world.billing.sql.fetchrow(
            """
            select id from invoices where subscription_id = $1 and status = 'open'
            order by period_no limit 1""",
            sub,
        )
        if row is not None:
            await self.ask(self.world.billing, "POST", f"/v1/invoices/{row['id']}/pay")

    async def ask(
        self, process: Process, method: str, path: str, body: Any = None, secret: str = ""
    ) -> Any:
        """Until an answer comes, with one key for all tries. A refusal has a code."""
        self._n += 1
        headers = {
            "authorization": f"Bearer {secret or self.world.api_key}",
            "idempotency-key": f"request-{self._n}-{process.crashes}",
        }
        for _ in range(PATIENCE):
            answer = await self._try(process, method, path, body, headers)
            if answer is not None and not _is_busy(answer):
                break
        else:
            raise Unheard
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
        told = answer.json()
        assert answer.is_success or told.get("code"), f"{method} {path}: {answer.text}"
        return told

    async def _try(
        self, process: Process, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> httpx2.Response | None:
        try:
            return await process.http.request(method, path, json=body, headers=headers)
        except Crash:
            await process.crash()
        except Exception as error:
            if not is_transient(error):
                raise
        return None


def _is_busy(answer: httpx2.Response) -> bool:
    """The try before it broke in the middle; nobody else may do it before a minute is over."""
    return answer.status_code == 409 and answer.json().get("code") == "request_in_progress"


def _offer(code: str) -> dict[str, Any]:
    interval, trial_days, end, price = OFFERS[code]
    return {
        "code": code,
        "name": code,
        "interval": interval,
        "trial_days": trial_days,
        "end_of_term": end,
        "products": [{"code": "space", "name": "Web space", "prices_minor": {"EUR": price}}],
    }
