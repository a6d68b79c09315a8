from dataclasses import replace

import pytest

from services.subscriptions.domain.checkout import Checkout, CheckoutItem, PaymentStatus
from services.subscriptions.domain.offer import Offer
from services.subscriptions.domain.order import Refusal
from services.subscriptions.domain.placement import Misfit, place_order
from services.subscriptions.domain.subscription import Status
from shared.errors import Invalid
from shared.ids import PartnerId
from shared.money import LARGEST_QUANTITY
from tests.unit.subscriptions.stories import (
    ACME,
    HOSTING,
    JANUARY_31,
    TRIAL,
    a_checkout,
    a_payment,
    anything_fits,
    because,
)

CAPTURED = PaymentStatus.CAPTURED
PAID = a_payment(CAPTURED, reference="ch_1", amount_minor=1250, currency="EUR")


def test_a_sound_checkout_makes_a_subscription_at_the_catalogs_prices() -> None:
    checkout = a_checkout(CheckoutItem("space", 3, configuration={"region": "eu"}))

    subscription, [created] = place_order(checkout, HOSTING, anything_fits, because())

    [item] = subscription.items
    assert (item.product, item.quantity, item.unit_price_minor) == ("space", 3, 1000)
    assert item.configuration == {"region": "eu"}
    assert (subscription.status, subscription.version) == (Status.CREATED, 1)
    assert (subscription.interval, subscription.timezone) == (HOSTING.interval, checkout.timezone)
    assert subscription.created_at == JANUARY_31
    assert created.payment == checkout.payment
    assert created.subscription == subscription


def test_the_same_checkout_always_makes_the_same_subscription() -> None:
    first, _ = place_order(a_checkout(), HOSTING, anything_fits, because())
    again, _ = place_order(a_checkout(), HOSTING, anything_fits, because())
    other, _ = place_order(a_checkout(id="chk_2"), HOSTING, anything_fits, because())

    assert first == again
    assert {each.id for each in first.items}.isdisjoint(each.id for each in other.items)
    assert first.id != other.id


def test_without_items_each_product_is_taken_once() -> None:
    subscription, _ = place_order(a_checkout(), HOSTING, anything_fits, because())

    assert [(each.product, each.quantity) for each in subscription.items] == [
        ("space", 1),
        ("domain", 1),
    ]


def test_money_captured_for_exactly_the_first_period_is_accepted() -> None:
    subscription, [created] = place_order(
        a_checkout(payment=PAID), HOSTING, anything_fits, because()
    )

    assert sum(each.amount_minor for each in subscription.items) == 1250
    assert created.payment == PAID


def test_a_trusted_source_names_prices_also_in_a_currency_without_one() -> None:
    items = CheckoutItem("space", 1, 900), CheckoutItem("domain", 1, 0)
    checkout = a_checkout(*items, currency="CHF", price_trusted=True)

    subscription, _ = place_order(checkout, HOSTING, anything_fits, because())

    assert [each.unit_price_minor for each in subscription.items] == [900, 0]


def test_anyone_may_name_the_catalogs_own_price() -> None:
    checkout = a_checkout(CheckoutItem("space", 1, 1000))

    subscription, _ = place_order(checkout, HOSTING, anything_fits, because())

    assert subscription.items[0].unit_price_minor == 1000


def test_a_trial_needs_no_payment() -> None:
    checkout = a_checkout(payment=a_payment(PaymentStatus.NONE))

    subscription, _ = place_order(checkout, TRIAL, anything_fits, because())

    assert subscription.trial_days == 14


@pytest.mark.parametrize("amount", [None, 0])
def test_a_trial_may_come_with_an_empty_capture(amount: int | None) -> None:
    checkout = a_checkout(payment=replace(PAID, amount_minor=amount))

    subscription, _ = place_order(checkout, TRIAL, anything_fits, because())

    assert subscription.status is Status.CREATED


REFUSED: list[tuple[str, Checkout, Offer | None, str, str]] = [
    ("no offer", a_checkout(), None, "offer_unknown", "offer"),
    ("no customer", a_checkout(customer_id=None), HOSTING, "customer_missing", "customer_id"),
    ("no zone", a_checkout(timezone="Mars/Base"), HOSTING, "unknown_zone", "timezone"),
    (
        "a product of another offer",
        a_checkout(CheckoutItem("space", 1), CheckoutItem("mail", 1)),
        HOSTING,
        "product_unknown",
        "items.1.product",
    ),
    ("another currency", a_checkout(currency="CHF"), HOSTING, "currency_not_priced", "currency"),
    (
        "a currency that only one product is priced in",
        a_checkout(currency="USD"),
        HOSTING,
        "currency_not_priced",
        "currency",
    ),
    (
        "no unit",
        a_checkout(CheckoutItem("space", 0)),
        HOSTING,
        "quantity_out_of_range",
        "items.0.quantity",
    ),
    (
        "less than no unit",
        a_checkout(CheckoutItem("space", -1)),
        HOSTING,
        "quantity_out_of_range",
        "items.0.quantity",
    ),
    (
        "too many units",
        a_checkout(CheckoutItem("space", LARGEST_QUANTITY + 1)),
        HOSTING,
        "quantity_out_of_range",
        "items.0.quantity",
    ),
    (
        "a price of a stranger",
        a_checkout(CheckoutItem("space", 1, 1)),
        HOSTING,
        "price_not_trusted",
        "items.0.unit_price_minor",
    ),
    (
        "a price below nothing",
        a_checkout(CheckoutItem("space", 1, -1), price_trusted=True),
        HOSTING,
        "price_not_possible",
        "items.0.unit_price_minor",
    ),
    (
        "a sum beyond all money",
        a_checkout(CheckoutItem("space", 2, 10**15), price_trusted=True),
        HOSTING,
        "total_too_large",
        "items",
    ),
    (
        "less captured than it costs",
        a_checkout(payment=replace(PAID, amount_minor=1249)),
        HOSTING,
        "captured_amount_differs",
        "payment.amount_minor",
    ),
    (
        "no amount captured",
        a_checkout(payment=replace(PAID, amount_minor=None)),
        HOSTING,
        "captured_amount_differs",
        "payment.amount_minor",
    ),
    (
        "captured in another currency",
        a_checkout(payment=replace(PAID, currency="USD")),
        HOSTING,
        "captured_currency_differs",
        "payment.currency",
    ),
    (
        "captured, but where?",
        a_checkout(payment=replace(PAID, reference=None)),
        HOSTING,
        "payment_incomplete",
        "payment.reference",
    ),
    (
        "a method without a name",
        a_checkout(payment=a_payment(method_ref=None)),
        HOSTING,
        "payment_incomplete",
        "payment.method_ref",
    ),
    (
        "money for a trial",
        a_checkout(payment=PAID),
        TRIAL,
        "captured_in_trial",
        "payment.amount_minor",
    ),
]


@pytest.mark.parametrize(
    ("checkout", "offer", "code", "field"),
    [each[1:] for each in REFUSED],
    ids=[each[0] for each in REFUSED],
)
def test_an_order_that_cannot_be_is_refused_with_the_field_and_the_way_out(
    checkout: Checkout, offer: Offer | None, code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        place_order(checkout, offer, anything_fits, because())

    refusal = Refusal.of(refused.value)
    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.message
    assert refusal.way_out


def test_a_configuration_that_breaks_the_products_schema_is_refused() -> None:
    checkout = a_checkout(CheckoutItem("space", 1), CheckoutItem("domain", 1))

    with pytest.raises(Invalid) as refused:
        place_order(
            checkout,
            HOSTING,
            lambda *_: Misfit("region", "'moon' is not one of ['eu', 'us']"),
            because(),
        )

    assert refused.value.code == "configuration_misfit"
    assert refused.value.field == "items.0.configuration.region"


def test_ids_are_apart_between_partners() -> None:
    ours, _ = place_order(a_checkout(), HOSTING, anything_fits, because())
    theirs, _ = place_order(
        replace(a_checkout(), partner_id=PartnerId("ptn_other")), HOSTING, anything_fits, because()
    )

    assert ours.partner_id == ACME
    assert ours.id != theirs.id
