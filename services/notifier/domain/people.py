"""Who is written to, and in whose name."""

from dataclasses import dataclass
from typing import NewType

from shared.ids import PartnerId

CustomerId = NewType("CustomerId", str)


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer as of `version`; mails use what is known when they are sent."""

    partner_id: PartnerId
    customer_id: CustomerId
    version: int
    name: str
    email: str
    email_ascii: str
    language: str
    timezone: str
    notifications_enabled: bool

    @property
    def address(self) -> str:
        """The form that every mail server takes, where the address has one."""
        return self.email_ascii or self.email


@dataclass(frozen=True, slots=True)
class Brand:
    """A partner as its customers see it."""

    partner_id: PartnerId
    version: int
    name: str
    support_email: str
    sandbox: bool
    notifications_enabled: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a subscription is called; people know the name, the events the code."""

    partner_id: PartnerId
    code: str
    version: int
    name: str
