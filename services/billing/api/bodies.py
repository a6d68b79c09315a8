"""The JSON that billing speaks over HTTP; apart from the domain and from Kafka on purpose."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

PathId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,60}$")]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")]
MethodRef = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Body = TypeVar("Body", bound=BaseModel)


class MethodRequest(BaseModel):
    """Without `gateway` the usual one is meant. A field that we do not know is a misspelt one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    gateway: Name | None = None
    method_ref: MethodRef


class LineBody(BaseModel):
    identity: str
    item_id: str
    product: str
    quantity: int
    unit_price_minor: int
    amount_minor: int


class RetryBody(BaseModel):
    n: int
    due_at: datetime
    status: Literal["scheduled", "attempted", "skipped"]


class InvoiceBody(BaseModel):
    """`retries` and `grace_until` are there once a charge has failed, and do not move."""

    object: Literal["invoice"] = "invoice"
    id: str
    number: str
    status: str
    subscription_id: str
    bill_to: str
    currency: str
    total_minor: int
    paid_minor: int
    credited_minor: int
    period_no: int
    period_start: datetime
    period_end: datetime
    issued_at: datetime
    due_at: datetime
    settled_by: str | None
    lines: list[LineBody]
    retries: list[RetryBody]
    grace_until: datetime | None


class PaymentBody(BaseModel):
    object: Literal["payment"] = "payment"
    id: str
    key: str
    invoice_id: str
    subscription_id: str
    n: int
    cause: str
    state: str
    amount_minor: int
    currency: str
    gateway: str
    reference: str | None
    code: str | None
    is_hard: bool
    created_at: datetime


class RefundBody(BaseModel):
    object: Literal["refund"] = "refund"
    id: str
    key: str
    subscription_id: str | None
    checkout_id: str | None
    gateway: str
    reference: str
    amount_minor: int | None
    currency: str | None
    state: str
    reason: str
    ordered_at: datetime


class StandingBody(BaseModel):
    object: Literal["standing"] = "standing"
    subscription_id: str
    version: int
    status: str
    paid_through: datetime | None
    open_invoice_id: str | None
    next_attempt_at: datetime | None
    grace_until: datetime | None
    gateway: str | None
    method_ref: str | None
    renews_at: datetime | None


class SeriesBody(BaseModel):
    object: Literal["number_series"] = "number_series"
    kind: str
    year: int
    first: int
    last: int
    count: int
    gaps: list[int]
    duplicates: list[int]
    dates_ascend: bool
    voids: list[str]


class BalanceBody(BaseModel):
    object: Literal["balance"] = "balance"
    account: str
    currency: str
    amount_minor: int


def shown(body: type[Body], row: Any) -> Body:
    """A row and its body bear the same names."""
    names = [name for name in body.model_fields if name != "object"]
    return body.model_validate({name: getattr(row, name) for name in names})
