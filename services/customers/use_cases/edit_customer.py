"""Change an account by hand: its details and its two switches (S0-3)."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.customer import (
    Customer,
    CustomerId,
    CustomerKey,
    EmailTaken,
    email_identity,
)
from services.customers.domain.details import DetailsForm, checked
from services.customers.domain.directory import Directory
from services.customers.domain.email import Email
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class EditCustomer:
    """What is None stays as it is; `forget` names optional details to be cleared."""

    partner_id: PartnerId
    customer_id: CustomerId
    form: DetailsForm
    forget: frozenset[str]
    notifications_enabled: bool | None
    sign_in_enabled: bool | None
    origin: Origin


async def edit_customer(
    command: EditCustomer, tx: Transaction, directory: Directory, now: datetime
) -> Customer:
    details = checked(command.form, directory)
    customer = await tx.customers.get(CustomerKey(command.partner_id, command.customer_id))
    events = customer.edit(
        details,
        forget=command.forget,
        notifications_enabled=command.notifications_enabled,
        sign_in_enabled=command.sign_in_enabled,
        email_free=await _is_free(details.email, customer, tx),
        at=now,
    )
    if events:
        await tx.customers.save_many([(customer, [(event, command.origin) for event in events])])
    return customer


async def _is_free(email: Email | None, customer: Customer, tx: Transaction) -> bool:
    """A customer with a reference may share an address; one without is known by it alone."""
    if email is None or email.key == customer.email.key:
        return customer.claims_email
    identity = email_identity(customer.partner_id, email)
    owner = (await tx.customers.find({identity})).get(identity)
    if owner is None or owner.id == customer.id:
        return True
    if customer.reference is None:
        raise EmailTaken(
            f"{owner.id} has this e-mail address",
            way_out="Use that account, or give this one another address.",
        )
    return False
