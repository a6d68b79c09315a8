"""What the customers service publishes: checkouts, people, partners, keys and clocks."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field
from typing_extensions import override

from shared.contracts.event import (
    Change,
    CheckoutPayment,
    Currency,
    EventContract,
    Part,
    State,
)


class OrderedItem(Part):
    """One product asked for; `unit_price_minor` only where it was named (a negotiated price)."""

    product: str
    quantity: int
    unit_price_minor: int | None = None
    configuration: dict[str, Any] = Field(default_factory=dict)


class CheckoutState(State):
    """One checkout of one partner; `reference` is the upstream's own id of it."""

    id: str
    reference: str
    source: str
    status: Literal["accepted", "fulfilled", "rejected"]
    customer_id: str | None = None
    offer: str
    currency: Currency
    items: list[OrderedItem]
    timezone: str
    price_trusted: bool
    payment: CheckoutPayment
    subscription_id: str | None = None

    @property
    @override
    def key(self) -> str:
        return self.id


class Rejection(Part):
    """Why a checkout was refused: the field at fault and the way out."""

    code: str
    field: str | None = None
    message: str
    way_out: str


class CheckoutAccepted(EventContract):
    """The checkout is sound and its customer is known: a subscription may be made of it."""

    type = "checkout.accepted"
    state = "checkout"
    checkout: CheckoutState
    change: Change


class CheckoutRejected(EventContract):
    """The checkout has ended without a subscription; what was captured for it is given back."""

    type = "checkout.rejected"
    state = "checkout"
    checkout: CheckoutState
    rejection: Rejection
    change: Change


class Address(Part):
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: str


class CustomerState(State):
    """A customer account, with personal data: on `customer.created` and `customer.updated` only."""

    id: str
    external_reference: str | None = None
    type: Literal["individual", "organization"]
    name: str
    email: str
    email_ascii: str
    phone: str | None = None
    vat_number: str | None = None
    address: Address | None = None
    timezone: str
    language: str
    notifications_enabled: bool
    sign_in_enabled: bool

    @property
    @override
    def key(self) -> str:
        return self.id


class CustomerCreated(EventContract):
    type = "customer.created"
    state = "customer"
    customer: CustomerState
    change: Change


class CustomerUpdated(EventContract):
    type = "customer.updated"
    state = "customer"
    customer: CustomerState
    change: Change


class PartnerState(State):
    """A tenant: the brand its customers see and the defaults that hold for them."""

    id: str
    name: str
    sandbox: bool
    timezone: str
    country: str
    currency: Currency
    support_email: str
    notifications_enabled: bool

    @property
    @override
    def key(self) -> str:
        return self.id


class PartnerChanged(EventContract):
    """A partner was made or its settings moved."""

    type = "partner.changed"
    state = "partner"
    partner: PartnerState
    change: Change


class ApiKeyState(State):
    """A credential of a partner's own systems; `hash` is the SHA-256 (hex) of the key."""

    id: str
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: list[str]
    status: Literal["active", "revoked"]

    @property
    @override
    def key(self) -> str:
        return self.id


class ApiKeyChanged(EventContract):
    type = "api_key.changed"
    state = "api_key"
    api_key: ApiKeyState
    change: Change


class VerifyingKeyState(State):
    """The public key (JWK, OKP) with which actor tokens are checked."""

    kid: str
    jwk: dict[str, Any]
    expires_at: AwareDatetime

    @property
    @override
    def key(self) -> str:
        return self.kid


class KeyPublished(EventContract):
    type = "key.published"
    state = "verifying_key"
    verifying_key: VerifyingKeyState
    change: Change


class ClockState(State):
    """A sandbox partner's test clock: `step` counts its stops, `phase` the services within one and
    `round` the times that it was told to advance.

    `turn` is whose due timers may fire: the named service's, `everybody`'s while the clock rests, or
    `nobody`'s.
    """

    id: str
    step: int
    phase: int
    round: int
    now: AwareDatetime
    turn: str = "everybody"

    @property
    @override
    def key(self) -> str:
        return self.id


class ClockStepped(EventContract):
    """The clock stands at `now`: set yours, fire what is due, say when you are done."""

    type = "clock.stepped"
    state = "clock"
    clock: ClockState
    change: Change
