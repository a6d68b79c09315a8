"""Every refusal in one shape: RFC 9457 problem+json, naming the field at fault and the way out."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from shared.access import Forbidden, Unauthenticated
from shared.database import is_transient
from shared.errors import Conflict, DomainError, Invalid, NotFound, Stale

log = logging.getLogger(__name__)
STATUS: tuple[tuple[type[DomainError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Stale, HTTPStatus.CONFLICT),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
)


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        "type": f"urn:perennial:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
        **(extra or {}),
    }
    return Response(
        orjson.dumps(body), status.value, dict(headers or {}), "application/problem+json"
    )


def answer_with_problems(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101  registered for nothing else
    status = next((s for kind, s in STATUS if isinstance(error, kind)), HTTPStatus.CONFLICT)
    extra: dict[str, Any] = {"instance": request.url.path}
    if error.way_out:
        extra["way_out"] = error.way_out
    if isinstance(error, Invalid) and error.field:
        extra["param"] = error.field
    headers = {"retry-after": "1"} if isinstance(error, Stale) else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return problem(status, error.code, str(error), extra, headers)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for nothing else
    errors = [
        {"param": ".".join(str(part) for part in each["loc"][1:]), "message": each["msg"]}
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['param'] or 'body'}: {each['message']}" for each in errors[:5])
    extra = {
        "instance": request.url.path,
        "param": errors[0]["param"] if errors else None,
        "errors": errors,
        "way_out": "correct the named fields; /openapi.json describes them",
    }
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, extra)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    return problem(status, code, str(error.detail), {"instance": request.url.path}, error.headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    extra = {"instance": request.url.path, "way_out": "send the request again with the same key"}
    if is_transient(error):
        log.warning("request.unavailable", extra={"error": repr(error), "path": request.url.path})
        detail, wait = "the database is away or has too much to do", {"retry-after": "1"}
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, extra, wait)
    log.error("request.failed", exc_info=error, extra={"path": request.url.path})
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "this should not happen", extra)
