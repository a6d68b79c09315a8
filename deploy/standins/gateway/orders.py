"""What a client of the gateway may ask for, checked before anything is done."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

Key = Annotated[str, Field(min_length=1, max_length=500)]
Amount = Annotated[StrictInt, Field(gt=0, le=10**15)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
MethodRef = Annotated[str, Field(min_length=1, max_length=200)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChargeOrder(Order):
    key: Key
    amount: Amount
    currency: Currency
    method_ref: MethodRef
    description: Annotated[str, Field(max_length=500)] | None = None


class ChargeSet(Order):
    charges: Annotated[list[ChargeOrder], Field(min_length=1, max_length=1000)]


class KeySet(Order):
    keys: Annotated[list[Key], Field(max_length=1000)]


class RefundOrder(Order):
    key: Key
    reference: str
    amount: Amount


class CaptureOrder(Order):
    reference: Annotated[str, Field(pattern=r"^ch_[\w.:-]{1,200}$")]
    amount: Amount
    currency: Currency
    method_ref: MethodRef


class DisputeOrder(Order):
    reference: str
    state: Literal["opened", "evidence_due", "won", "lost"]
    amount: Amount | None = None


class SettleOrder(Order):
    reference: str
    status: Literal["succeeded", "failed"]


class WebhookOrder(Order):
    url: str | None
    secret: str = ""
