"""A customer account: whose it is, how it is recognised, and what is told when it changes."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, NewType, TypeAlias

from services.customers.domain.details import Address, CustomerType, Details
from services.customers.domain.email import Email
from shared.errors import Conflict, Invalid, NotFound, Stale
from shared.ids import PartnerId

CustomerId = NewType("CustomerId", str)
DEFAULT_LANGUAGE: Final = "en"


class CustomerKey(NamedTuple):
    """No read without the partner: another partner's customer does not exist."""

    partner_id: PartnerId
    id: CustomerId


class IdentityKind(StrEnum):
    REFERENCE = "reference"
    EMAIL = "email"


class Identity(NamedTuple):
    """What one person has for himself at one partner."""

    partner_id: PartnerId
    kind: IdentityKind
    value: str


class CustomerNotFound(NotFound):
    code = "customer_not_found"


class CustomerStale(Stale):
    code = "customer_stale"


class EmailTaken(Conflict):
    code = "email_taken"


class ReferenceTaken(Conflict):
    code = "reference_taken"


class NameMissing(Invalid):
    code = "name_missing"


class ChangeKind(StrEnum):
    OPENED = "opened"
    HEARD = "heard"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class CustomerCreated:
    customer: "Customer"
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerUpdated:
    customer: "Customer"
    kind: ChangeKind
    at: datetime


CustomerEvent: TypeAlias = CustomerCreated | CustomerUpdated


@dataclass(slots=True, kw_only=True)
class Customer:
    """`told_at` is how new the news is that the details are made of.

    `claims_email` is False where another customer of the partner had the address first: then this
    one is recognised by its reference alone.
    """

    id: CustomerId
    partner_id: PartnerId
    version: int
    reference: str | None
    type: CustomerType
    name: str = field(repr=False)
    email: Email = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    vat_number: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    timezone: str
    language: str
    notifications_enabled: bool
    sign_in_enabled: bool
    claims_email: bool
    told_at: datetime
    created_at: datetime

    @classmethod
    def open(
        cls,
        key: CustomerKey,
        details: Details,
        *,
        reference: str | None,
        claims_email: bool,
        timezone: str,
        told_at: datetime,
        at: datetime,
        notifications_enabled: bool = True,
        sign_in_enabled: bool = False,
    ) -> tuple["Customer", list[CustomerEvent]]:
        """`timezone` is the partner's, for a person who named none."""
        if details.name is None or details.email is None:
            raise NameMissing(
                "an account needs a name and an e-mail address",
                field="name" if details.name is None else "email",
                way_out="Send both.",
            )
        customer = cls(
            id=key.id,
            partner_id=key.partner_id,
            version=1,
            reference=reference,
            type=details.type or CustomerType.INDIVIDUAL,
            name=details.name,
            email=details.email,
            phone=details.phone,
            vat_number=details.vat_number,
            address=details.address,
            timezone=details.timezone or timezone,
            language=details.language or DEFAULT_LANGUAGE,
            notifications_enabled=notifications_enabled,
            sign_in_enabled=sign_in_enabled,
            claims_email=claims_email,
            told_at=told_at,
            created_at=at,
        )
        return customer, [CustomerCreated(replace(customer), at)]

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.partner_id, self.id)

    @property
    def identities(self) -> list[Identity]:
        """What it is recognised by."""
        found = []
        if self.reference is not None:
            found.append(Identity(self.partner_id, IdentityKind.REFERENCE, self.reference))
        if self.claims_email:
            found.append(email_identity(self.partner_id, self.email))
        return found

    def hear(
        self,
        details: Details,
        *,
        reference: str | None,
        told_at: datetime,
        email_free: bool,
        at: datetime,
    ) -> list[CustomerEvent]:
        """Take over what a checkout says of the person, unless something newer is known.

        What it does not mention stays, and the switches that the partner set stay too. A
        reference is learnt at any time and never changes. `email_free` says that nobody else
        has the address that is heard.
        """
        learnt = self.reference is None and reference is not None
        if learnt:
            self.reference = reference
        moved = False
        if told_at >= self.told_at:
            self.told_at = told_at
            moved = self._take_over(details, email_free=email_free)
        if not learnt and not moved:
            return []
        return [self._updated(ChangeKind.HEARD, at)]

    def edit(
        self,
        details: Details,
        *,
        forget: frozenset[str] = frozenset(),
        notifications_enabled: bool | None = None,
        sign_in_enabled: bool | None = None,
        email_free: bool,
        at: datetime,
    ) -> list[CustomerEvent]:
        """What the partner says is the newest; `forget` names optional details to be cleared."""
        moved = self._take_over(details, email_free=email_free)
        for name in sorted(forget & {"phone", "vat_number", "address"}):
            moved = moved or getattr(self, name) is not None
            setattr(self, name, None)
        switches = {
            "notifications_enabled": notifications_enabled,
            "sign_in_enabled": sign_in_enabled,
        }
        for name, value in switches.items():
            if value is not None and value is not getattr(self, name):
                setattr(self, name, value)
                moved = True
        if not moved:
            return []
        self.told_at = max(self.told_at, at)
        return [self._updated(ChangeKind.EDITED, at)]

    def _take_over(self, details: Details, *, email_free: bool) -> bool:
        news = {
            name: value for name, value in details.said().items() if value != getattr(self, name)
        }
        if details.email is not None and details.email.key != self.email.key:
            self.claims_email = email_free
        for name, value in news.items():
            setattr(self, name, value)
        return bool(news)

    def _updated(self, kind: ChangeKind, at: datetime) -> CustomerUpdated:
        self.version += 1
        return CustomerUpdated(replace(self), kind, at)


def email_identity(partner_id: PartnerId, email: Email) -> Identity:
    return Identity(partner_id, IdentityKind.EMAIL, email.key)


def reference_identity(partner_id: PartnerId, reference: str) -> Identity:
    return Identity(partner_id, IdentityKind.REFERENCE, reference)
