"""How a stand-in says no: a code, a sentence, the field; a refusal has changed nothing."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.shown = {"error": code, "message": message, "field": field}


def invalid(message: str, field: str | None = None) -> Refusal:
    return Refusal(422, "invalid", message, field)


def not_found(message: str) -> Refusal:
    return Refusal(404, "not_found", message)


def key_reused(key: str) -> Refusal:
    message = f"the key {key!r} was used for another request; take a new key or repeat that request"
    return Refusal(422, "key_reused", message, "key")


def add_refusals(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse(refusal.shown, refusal.status)

    @app.exception_handler(RequestValidationError)
    async def refuse_input(_: Request, wrong: RequestValidationError) -> JSONResponse:
        first = wrong.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or None
        refusal = invalid(f"{field or 'the body'}: {first['msg']}", field)
        return JSONResponse(refusal.shown, refusal.status)
