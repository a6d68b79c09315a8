"""One partner, a shop of his, and what it may say was bought."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.customers.domain.checkout import Checkout, CheckoutId, CheckoutKey
from services.customers.domain.customer import Customer, CustomerId, CustomerKey
from services.customers.domain.details import Details, DetailsForm
from services.customers.domain.email import Email
from services.customers.domain.order_form import OrderedItem, OrderForm, Payment
from shared.ids import PartnerId

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)
ACME = PartnerId("ptn_acme")
ADA = Email("ada@example.org", "ada@example.org")


def an_email(text: str) -> Email:
    return Email(text, text)


def details(**changes: Any) -> Details:
    return replace(Details(name="Ada Okafor", email=ADA), **changes)


def a_customer(reference: str | None = None, **changes: Any) -> Customer:
    customer, _ = Customer.open(
        CustomerKey(ACME, CustomerId("cus_1")),
        details(),
        reference=reference,
        claims_email=True,
        timezone="Europe/Berlin",
        told_at=NOW,
        at=NOW,
    )
    return replace(customer, **changes)


def an_order(**changes: Any) -> OrderForm:
    form = OrderForm(
        reference="shop-1",
        customer_reference=None,
        customer=DetailsForm(name="Ada Okafor", email="ada@example.org"),
        offer="tv-basic",
        currency="EUR",
        items=(OrderedItem(product="tv"),),
        payment=Payment(
            status="captured", gateway="cards", reference="ch_1", amount_minor=1299, currency="EUR"
        ),
    )
    return replace(form, **changes)


def a_checkout(form: OrderForm | None = None) -> Checkout:
    return Checkout.received(
        CheckoutKey(ACME, CheckoutId("chk_1")),
        form or an_order(),
        source="https://shop.example",
        price_trusted=False,
        digest=b"content",
        customer_id=CustomerId("cus_1"),
        timezone="Europe/Berlin",
        gateway="cards",
        at=NOW,
    )
