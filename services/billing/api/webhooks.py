"""HTTP for the gateway: what it tells is stored before it is answered, and believed only later."""

import base64
import hmac
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from services.billing.context import Context
from services.billing.use_cases.queues import StoredWebhook
from shared.access import Unauthenticated
from shared.errors import Invalid

TOLERANCE_SECONDS = 300
LONGEST = 255


class MalformedWebhook(Invalid):
    code = "malformed_webhook"


def webhook_routes(context: Context) -> APIRouter:
    """The path names no gateway: it is the usual one that calls."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.post("/gateway", status_code=HTTPStatus.OK)
    async def hear(request: Request) -> Response:
        name = context.default_gateway
        body = await request.body()
        _require_signature(request, body, context.webhook_secrets.get(name), context)
        async with context.begin() as tx:
            await tx.webhooks.store(
                _parsed(name, body), context.technical_now(), context.patience.answer_within
            )
        return Response(status_code=HTTPStatus.OK)

    return router


def _require_signature(request: Request, body: bytes, secret: str | None, context: Context) -> None:
    event_id = request.headers.get("webhook-id", "")
    stamp = request.headers.get("webhook-timestamp", "")
    given = request.headers.get("webhook-signature", "").split(" ")
    if secret is None or not _is_recent(stamp, context.technical_now()):
        raise _unproven()
    expected = signature(secret, event_id, stamp, body)
    if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in given):
        raise _unproven()


def signature(secret: str, event_id: str, stamp: str, body: bytes) -> str:
    """Of the standard webhooks: `v1,` and the base64 of an HMAC over id, time and raw body."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _is_recent(stamp: str, now: datetime) -> bool:
    return stamp.isdecimal() and abs(int(stamp) - now.timestamp()) <= TOLERANCE_SECONDS


def _unproven() -> Unauthenticated:
    return Unauthenticated(
        "the signature is missing, wrong or too old",
        way_out="Sign id.timestamp.body with the secret.",
    )


def _parsed(gateway: str, body: bytes) -> StoredWebhook:
    try:
        told: Any = orjson.loads(body)
        event_id, kind, data = told["id"], told["type"], told["data"]
        key, reference = data.get("key"), data.get("reference")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise MalformedWebhook("the body is not a webhook", field="body") from None
    texts = [event_id, kind, *(each for each in (key, reference) if each is not None)]
    if not all(isinstance(each, str) and 0 < len(each) <= LONGEST for each in texts):
        raise MalformedWebhook("id, type, key and reference are texts", field="body")
    return StoredWebhook(gateway, event_id, kind, key, reference, body)
