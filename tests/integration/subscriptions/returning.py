"""An ended subscription, orders on it, and billing's answers to them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.contracts import billing
from shared.contracts.event import Change
from shared.contracts.subscriptions import Period
from shared.record import Record
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import FEBRUARY_28, Subscriptions

# Ten days after its end, at ten in the morning in Berlin.
BACK = datetime(2027, 3, 10, 9, tzinfo=UTC)
A_MONTH_LATER = datetime(2027, 4, 9, 22, tzinfo=UTC)
CANCEL = {"at": "period_end", "reason": "too many channels"}
NOW = {"at": "now", "reason": "moving abroad"}
AN_HOUR = timedelta(hours=1)


async def an_ended(subscriptions: Subscriptions, at: datetime = BACK) -> str:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    await subscriptions.move_to(FEBRUARY_28)
    await subscriptions.tell_the_panel()
    await subscriptions.move_to(at)
    return made


async def ordered(subscriptions: Subscriptions, made: str, **body: Any) -> dict[str, Any]:
    answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/reactivate", body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def looked_at(subscriptions: Subscriptions, order_id: str) -> dict[str, Any]:
    answer = await subscriptions.get(f"/v1/orders/{order_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def code_of_refusal(subscriptions: Subscriptions, path: str, body: Any) -> str:
    answer = await subscriptions.send("POST", path, body)
    assert answer.status_code == 409, answer.text
    assert answer.json()["way_out"]
    code: str = answer.json()["code"]
    return code


def cleared(made: str, order_id: str, version: int, at: datetime = BACK) -> Record:
    event = billing.OrderCleared(
        standing=_standing(made, version), order_id=order_id, change=_change(at)
    )
    return events.record(event, at)


def declined(made: str, order_id: str, version: int, at: datetime = BACK) -> Record:
    event = billing.OrderDeclined(
        standing=_standing(made, version),
        order_id=order_id,
        code="card_declined",
        message="the charge failed: card_declined",
        way_out="Bring another payment method, then order again.",
        change=_change(at),
    )
    return events.record(event, at)


def opened(made: str, order_id: str, version: int, no: int = 1, by: Any = "payment") -> Record:
    event = billing.PeriodOpened(
        standing=_standing(made, version),
        period=Period(no=no, start=BACK, end=A_MONTH_LATER),
        by=by,
        anchor_on=date(2027, 3, 10),
        order_id=order_id,
        change=_change(BACK),
    )
    return events.record(event, BACK)


def _standing(made: str, version: int) -> billing.Standing:
    return billing.Standing(
        partner_id=events.SHOP, version=version, subscription_id=made, status="current"
    )


def _change(at: datetime) -> Change:
    return Change(kind="test", actor="upstream:shop", at=at)
