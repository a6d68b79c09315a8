"""The card gateway over HTTP: every failure becomes an answer, and only the gateway's own word
counts as known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx2

from services.billing.domain.charge import Charge
from services.billing.use_cases.ports import (
    ChargeAnswer,
    ChargeOrder,
    FindAnswer,
    GivenBack,
    NotFound,
    RefundAnswer,
    Refused,
    Unanswered,
)

Answer = tuple[int, Any]


class HttpGateway:
    """`client` has the base URL and the time-outs; it is closed by whoever made it."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def charge(self, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        """All of one call bear one time; a call that is not answered says nothing of any of them."""
        bodies = [_body(order) for order in orders]
        if len(orders) == 1:
            return [
                _charge_answer(await self._call("POST", "/v1/charges", orders[0].now, bodies[0]))
            ]
        answer = await self._call("POST", "/v1/charges:batch", orders[0].now, {"charges": bodies})
        if isinstance(answer, Unanswered):
            return [answer] * len(orders)
        status, body = answer
        if status != HTTPStatus.OK:
            return [Unanswered(f"the batch was answered with {status}")] * len(orders)
        return [_of_batch(each) for each in body["results"]]

    async def find(self, key: str, now: datetime | None) -> FindAnswer:
        return _found(await self._call("GET", "/v1/charges", now, params={"key": key}))

    async def find_reference(self, reference: str, now: datetime | None) -> FindAnswer:
        return _found(await self._call("GET", f"/v1/charges/{_path_part(reference)}", now))

    async def refund(
        self, key: str, reference: str, amount_minor: int, now: datetime | None
    ) -> RefundAnswer:
        body = {"key": key, "reference": reference, "amount": amount_minor}
        return _given_back(await self._call("POST", "/v1/refunds", now, body))

    async def find_refund(self, key: str, now: datetime | None) -> RefundAnswer:
        return _given_back(await self._call("GET", "/v1/refunds", now, params={"key": key}))

    async def _call(
        self,
        method: str,
        path: str,
        now: datetime | None,
        body: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer | Unanswered:
        headers = {"Perennial-Now": now.isoformat()} if now else {}
        try:
            response = await self._client.request(
                method, path, json=body, params=params, headers=headers
            )
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Unanswered(f"HTTP {response.status_code}")
            return response.status_code, response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            return Unanswered(repr(error))


def _body(order: ChargeOrder) -> dict[str, object]:
    return {
        "key": order.key,
        "amount": order.amount_minor,
        "currency": order.currency,
        "method_ref": order.method.ref,
    }


def _path_part(reference: str) -> str:
    """A reference comes from outside; nothing in it may lead to another path."""
    return httpx2.URL("/").copy_with(path=f"/{reference.replace('/', '_')}").raw_path.decode()[1:]


def _charge_answer(answer: Answer | Unanswered) -> ChargeAnswer:
    if isinstance(answer, Unanswered):
        return answer
    status, body = answer
    return _charge(body) if status == HTTPStatus.OK else _refused(status, body)


def _of_batch(result: Mapping[str, Any]) -> ChargeAnswer:
    if result["status"] == "refused":
        return Refused(str(result["error"]))
    return _charge(result)


def _refused(status: int, body: Any) -> Refused | Unanswered:
    """Only a refusal of what was asked is final; a limit or a wrong credential is not."""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return Refused(str(body["error"]))
    return Unanswered(f"HTTP {status}")


def _found(answer: Answer | Unanswered) -> FindAnswer:
    if isinstance(answer, Unanswered):
        return answer
    status, body = answer
    if status == HTTPStatus.OK:
        return _charge(body)
    return NotFound() if status == HTTPStatus.NOT_FOUND else Unanswered(f"HTTP {status}")


def _given_back(answer: Answer | Unanswered) -> RefundAnswer:
    if isinstance(answer, Unanswered):
        return answer
    status, body = answer
    if status == HTTPStatus.OK:
        settles_at = body["settles_at"]
        return GivenBack(body["status"], datetime.fromisoformat(settles_at) if settles_at else None)
    return NotFound() if status == HTTPStatus.NOT_FOUND else _refused(status, body)


def _charge(body: Mapping[str, Any]) -> Charge:
    return Charge(
        reference=body["reference"],
        key=body["key"],
        status=body["status"],
        code=body["decline_code"],
        hard=body["decline_kind"] == "hard",
        amount_minor=body["amount"],
        currency=body["currency"],
        captured_minor=body["captured"],
        refunded_minor=body["refunded"],
        refund_pending_minor=body["refund_pending"],
        disputed_minor=body["disputed"],
    )
