"""What this service does when customers speaks."""

from collections.abc import Sequence
from typing import Any

from services.notifier.consumers.heard import cause_of
from services.notifier.context import EdgeTransaction
from services.notifier.domain.facts import Facts
from services.notifier.domain.occasion import Occasion, What
from services.notifier.domain.people import Brand, Contact, CustomerId
from services.notifier.use_cases.tell import tell
from shared.consumer import Consumer
from shared.contracts.customers import (
    CheckoutRejected,
    CustomerCreated,
    CustomerState,
    CustomerUpdated,
    PartnerChanged,
    PartnerState,
)
from shared.ids import PartnerId
from shared.received import Received


def listen_to_customers(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(CustomerCreated, CustomerUpdated)
    async def know_contacts(received: Sequence[Received[Any]], tx: EdgeTransaction) -> None:
        await tx.directory.put_contacts([_contact(each.event.customer) for each in received])

    @consumer.on(PartnerChanged)
    async def know_brands(
        received: Sequence[Received[PartnerChanged]], tx: EdgeTransaction
    ) -> None:
        await tx.directory.put_brands([_brand(each.event.partner) for each in received])

    @consumer.on(CheckoutRejected)
    async def explain_rejections(
        received: Sequence[Received[CheckoutRejected]], tx: EdgeTransaction
    ) -> None:
        occasions = [_rejection(each) for each in received]
        now = await tx.clocks.now_by_partner({each.partner_id for each in occasions})
        await tell(occasions, tx, now)


def _contact(told: CustomerState) -> Contact:
    return Contact(
        PartnerId(told.partner_id),
        CustomerId(told.id),
        told.version,
        told.name,
        told.email,
        told.email_ascii,
        told.language,
        told.timezone,
        told.notifications_enabled,
    )


def _brand(told: PartnerState) -> Brand:
    return Brand(
        PartnerId(told.partner_id),
        told.version,
        told.name,
        told.support_email,
        told.sandbox,
        told.notifications_enabled,
    )


def _rejection(each: Received[CheckoutRejected]) -> Occasion:
    checkout = each.event.checkout
    return Occasion(
        what=What.CHECKOUT_REJECTED,
        partner_id=PartnerId(checkout.partner_id),
        cause=cause_of(each, each.event.change),
        facts=_why(each.event),
        customer_id=CustomerId(checkout.customer_id) if checkout.customer_id else None,
    )


def _why(event: CheckoutRejected) -> Facts:
    return {
        "offer": event.checkout.offer,
        "reference": event.checkout.reference,
        "code": event.rejection.code,
        "message": event.rejection.message,
        "way_out": event.rejection.way_out,
        "was_paid": event.checkout.payment.status == "captured",
    }
