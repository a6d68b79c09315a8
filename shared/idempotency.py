"""A request that is sent again with its `Idempotency-Key` gets the stored answer and no second
effect (IETF draft httpapi-idempotency-key).

What a request makes is named after its key as well (`Caller.request_key`), which covers a crash
between the effect's commit and the stored answer. Of an answer that says `Cache-Control: no-store`,
since a secret is in it, only that it was given is kept.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import Header
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.access import Access, Forbidden, HasSql, Unauthenticated
from shared.clock import system_now
from shared.errors import Invalid
from shared.http_problems import problem

MAX_BODY = 256 * 1024
MAX_KEY = 255
ABANDONED_AFTER = timedelta(seconds=60)
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
Begin = Callable[[], AbstractAsyncContextManager[HasSql]]


class IdempotencyKeyMissing(Invalid):
    code = "idempotency_key_missing"


def require_idempotency_key(
    idempotency_key: Annotated[str | None, Header(max_length=MAX_KEY)] = None,
) -> None:
    """A dependency of routes that move money or place orders."""
    if not idempotency_key:
        raise IdempotencyKeyMissing(
            "this request needs a key, since it must not happen twice",
            field="Idempotency-Key",
            way_out="send the header `Idempotency-Key` with a value of your own, new for each intent",
        )


def shown_once(response: Response) -> None:
    """A dependency of routes whose answer has a secret in it: nobody on its way may keep it."""
    response.headers["cache-control"] = "no-store"


class IdempotencyMiddleware:
    """Pure ASGI, so that a cancelled request leaks nothing."""

    def __init__(self, app: ASGIApp, begin: Begin, access: Access) -> None:
        self._app = app
        self._begin = begin
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = await _read(receive)
        if body is None:
            await problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"at most {MAX_BODY} bytes"
            )(scope, receive, send)
            return
        key = headers.get("idempotency-key")
        if not key or scope["method"] not in UNSAFE:
            await self._app(scope, _again(body, receive), send)
            return
        if len(key) > MAX_KEY or not key.isprintable():
            await _unusable_key()(scope, receive, send)
            return
        partner = await self._partner(headers)
        if partner is None:
            await self._app(scope, _again(body, receive), send)
            return
        await self._once(partner, key, body, scope, receive, send)

    async def _partner(self, headers: Headers) -> str | None:
        try:
            return (await self._access.prove(headers)).partner_id
        except (Unauthenticated, Forbidden):
            return None

    async def _once(  # noqa: PLR0917  an ASGI call has three of them
        self, partner: str, key: str, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        target = f"{scope['method']} {scope['path']}?".encode() + scope.get("query_string", b"")
        digest = sha256(target + b"\n" + body).digest()
        stored = await self._claim(partner, key, digest)
        if stored is not None:
            await _replay(stored, digest)(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, _again(body, receive), answer.send)
        finally:
            await self._keep(partner, key, answer)

    async def _claim(self, partner: str, key: str, digest: bytes) -> "_Stored | None":
        """None: the request is ours to carry out."""
        now = system_now()
        async with self._begin() as tx:
            ours = await tx.sql.fetchval(
                """
                insert into idempotency as i (partner_id, key, request_hash, begun_at)
                values ($1, $2, $3, $4)
                on conflict (partner_id, key) do update set begun_at = $4
                where i.status is null and i.begun_at < $5 and i.request_hash = $3
                returning true""",
                partner,
                key,
                digest,
                now,
                now - ABANDONED_AFTER,
            )
            if ours:
                return None
            row = await tx.sql.fetchrow(
                "select request_hash, status, body from idempotency where partner_id = $1 and key = $2",
                partner,
                key,
            )
        if row is None:
            return _Stored(digest, None, None)
        return _Stored(bytes(row["request_hash"]), row["status"], row["body"])

    async def _keep(self, partner: str, key: str, answer: "_Answer") -> None:
        """An answer of 500 and above, or one that says when to try again, is not kept: nothing was
        decided, the next try may succeed.
        """
        async with self._begin() as tx:
            if answer.final:
                await tx.sql.execute(
                    "update idempotency set status = $3, body = $4 where partner_id = $1 and key = $2",
                    partner,
                    key,
                    answer.status,
                    None if answer.shown_once else bytes(answer.body),
                )
            else:
                await tx.sql.execute(
                    """
                    delete from idempotency
                    where partner_id = $1 and key = $2 and status is null""",
                    partner,
                    key,
                )


class _Stored:
    """No `status`: not answered yet. A `status` without `body`: an answer that is not kept."""

    def __init__(self, digest: bytes, status: int | None, body: bytes | None) -> None:
        self.digest = digest
        self.status = status
        self.body = body


class _Answer:
    """Passes the answer on and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None
        self.body = bytearray()
        self.shown_once = False
        self._try_again = False

    @property
    def final(self) -> bool:
        decided = self.status is not None and self.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return decided and not self._try_again

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = Headers(raw=message["headers"])
            self._try_again = "retry-after" in headers
            self.shown_once = "no-store" in headers.get("cache-control", "").lower()
        elif message["type"] == "http.response.body" and not self.shown_once:
            self.body += message.get("body", b"")
        await self._send(message)


def _unusable_key() -> ASGIApp:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_request",
        f"the key must be printable text of at most {MAX_KEY} characters",
        {"param": "Idempotency-Key", "way_out": "use a UUID, new for each intent"},
    )


def _replay(stored: _Stored, digest: bytes) -> ASGIApp:
    if stored.digest != digest:
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this key came before with another request",
            {"param": "Idempotency-Key", "way_out": "use a new key for a new intent"},
        )
    if stored.status is None:
        return problem(
            HTTPStatus.CONFLICT,
            "request_in_progress",
            "the same request is being carried out",
            {"way_out": "ask again in a second"},
            {"retry-after": "1"},
        )
    if stored.body is None:
        return problem(
            HTTPStatus.CONFLICT,
            "answer_not_kept",
            "this key was used; its answer is shown once only",
            {
                "param": "Idempotency-Key",
                "way_out": "if the answer was lost, take back what it made and ask with a new key",
            },
        )
    failed = stored.status >= HTTPStatus.BAD_REQUEST
    media = "application/problem+json" if failed else "application/json"
    return Response(bytes(stored.body), stored.status, {"idempotent-replayed": "true"}, media)


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None where it is too large (or the asker has gone)."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
