"""Open an account that a partner makes by hand (S0-1)."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.customer import (
    Customer,
    CustomerId,
    CustomerKey,
    EmailTaken,
    Identity,
    ReferenceTaken,
    email_identity,
    reference_identity,
)
from services.customers.domain.details import DetailsForm, checked
from services.customers.domain.directory import Directory
from services.customers.domain.email import Email
from services.customers.domain.text import require_plain, require_said
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId, derived_id
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class OpenCustomer:
    """`request_key` names the account, so that a repeated request makes no second one."""

    partner_id: PartnerId
    reference: str | None
    form: DetailsForm
    notifications_enabled: bool
    sign_in_enabled: bool
    request_key: str
    origin: Origin

    @property
    def key(self) -> CustomerKey:
        made_of = derived_id("cus", self.partner_id, self.request_key)
        return CustomerKey(self.partner_id, CustomerId(made_of))


async def open_customer(
    command: OpenCustomer, tx: Transaction, directory: Directory, now: datetime
) -> Customer:
    if command.reference is not None:
        require_plain(command.reference, "external_reference")
        require_said(command.reference, "external_reference")
    details = checked(command.form, directory)
    known = await tx.customers.find(_identities(command, details.email))
    for customer in known.values():
        if customer.id == command.key.id:
            return customer
    claims_email = _require_new(command, known)
    partners = await tx.partners.get_many({command.partner_id})
    customer, events = Customer.open(
        command.key,
        details,
        reference=command.reference,
        claims_email=claims_email,
        timezone=partners[command.partner_id].profile.timezone,
        told_at=now,
        at=now,
        notifications_enabled=command.notifications_enabled,
        sign_in_enabled=command.sign_in_enabled,
    )
    await tx.customers.save_many([(customer, [(event, command.origin) for event in events])])
    return customer


def _identities(command: OpenCustomer, email: Email | None) -> set[Identity]:
    found = set()
    if command.reference is not None:
        found.add(reference_identity(command.partner_id, command.reference))
    if email is not None:
        found.add(email_identity(command.partner_id, email))
    return found


def _require_new(command: OpenCustomer, known: dict[Identity, Customer]) -> bool:
    """Whether the address is free; where it is not, only another reference tells two apart."""
    for customer in known.values():
        if command.reference is not None and customer.reference == command.reference:
            raise ReferenceTaken(
                f"{customer.id} has this external_reference",
                way_out="Change that account, or give this one another reference.",
            )
        if command.reference is None or customer.reference is None:
            raise EmailTaken(
                f"{customer.id} has this e-mail address",
                way_out="Use that account, or give both an external_reference of their own.",
            )
    return not known
