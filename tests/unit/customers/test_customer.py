from dataclasses import replace
from datetime import timedelta

import pytest

from services.customers.domain.customer import (
    ChangeKind,
    Customer,
    CustomerCreated,
    CustomerUpdated,
    NameMissing,
    email_identity,
    reference_identity,
)
from services.customers.domain.details import Address, Details
from tests.unit.customers.stories import ACME, ADA, NOW, a_customer, an_email, details

LATER = NOW + timedelta(hours=1)
EARLIER = NOW - timedelta(hours=1)


def heard(customer: Customer, said: Details, **changes: object) -> list[object]:
    told: dict[str, object] = {"reference": None, "told_at": LATER, "email_free": True, "at": LATER}
    return list(customer.hear(said, **(told | changes)))  # type: ignore[arg-type] # as told


def test_a_new_customer_gets_the_partners_timezone_and_is_told() -> None:
    customer, events = Customer.open(
        a_customer().key,
        details(),
        reference=None,
        claims_email=True,
        timezone="Asia/Tokyo",
        told_at=NOW,
        at=NOW,
    )

    assert (customer.timezone, customer.language, customer.version) == ("Asia/Tokyo", "en", 1)
    assert events == [CustomerCreated(customer, NOW)]


def test_an_account_needs_a_name_and_an_address() -> None:
    with pytest.raises(NameMissing) as refused:
        Customer.open(
            a_customer().key,
            Details(email=ADA),
            reference=None,
            claims_email=True,
            timezone="UTC",
            told_at=NOW,
            at=NOW,
        )

    assert refused.value.field == "name"


def test_a_checkout_that_says_what_is_known_says_nothing_new() -> None:
    customer = a_customer()

    assert heard(customer, details()) == []
    assert customer == a_customer(told_at=LATER)


def test_newer_details_are_taken_over_and_the_rest_stays() -> None:
    customer = a_customer(phone="+49 30 12345")
    moved = details(address=Address(country="FR"), timezone="Europe/Paris")

    events = heard(customer, moved)

    assert events == [CustomerUpdated(customer, ChangeKind.HEARD, LATER)]
    assert (customer.version, customer.phone, customer.timezone) == (
        2,
        "+49 30 12345",
        "Europe/Paris",
    )


def test_older_news_changes_nothing() -> None:
    customer = a_customer()

    events = heard(customer, details(name="Old Name"), told_at=EARLIER)

    assert (events, customer) == ([], a_customer())


def test_a_person_without_a_reference_learns_it_from_older_news_too() -> None:
    customer = a_customer()

    events = heard(customer, details(name="Old Name"), told_at=EARLIER, reference="user-1")

    assert events == [CustomerUpdated(customer, ChangeKind.HEARD, LATER)]
    assert (customer.reference, customer.name) == ("user-1", "Ada Okafor")


def test_a_reference_never_changes() -> None:
    customer = a_customer("user-1")

    assert heard(customer, details(), reference="user-2") == []
    assert customer.reference == "user-1"


def test_a_new_address_that_somebody_else_has_is_not_what_the_person_is_known_by() -> None:
    customer = a_customer("user-1")

    heard(customer, details(email=an_email("shared@example.org")), email_free=False)

    assert customer.identities == [reference_identity(ACME, "user-1")]


def test_a_new_address_that_is_free_is_what_the_person_is_known_by() -> None:
    customer = a_customer("user-1", claims_email=False)

    heard(customer, details(email=an_email("new@example.org")))

    assert customer.identities == [
        reference_identity(ACME, "user-1"),
        email_identity(ACME, an_email("NEW@example.org")),
    ]


def test_a_published_customer_does_not_change_afterwards() -> None:
    customer = a_customer()
    [event] = heard(customer, details(name="Ada B."))

    heard(customer, details(name="Ada C."))

    assert isinstance(event, CustomerUpdated)
    assert (event.customer.name, event.customer.version) == ("Ada B.", 2)


def test_the_partners_edit_is_the_newest_word() -> None:
    customer = a_customer()

    customer.edit(details(name="Ada B."), email_free=True, at=LATER)

    assert heard(customer, details(name="Old Name"), told_at=NOW) == []
    assert customer.name == "Ada B."


def test_the_two_switches_can_be_moved() -> None:
    customer = a_customer()

    [event] = customer.edit(
        Details(), notifications_enabled=False, sign_in_enabled=True, email_free=True, at=LATER
    )

    assert event == CustomerUpdated(customer, ChangeKind.EDITED, LATER)
    assert (customer.notifications_enabled, customer.sign_in_enabled) == (False, True)


def test_an_edit_that_changes_nothing_says_nothing() -> None:
    customer = a_customer()

    events = customer.edit(
        details(),
        forget=frozenset({"phone"}),
        notifications_enabled=True,
        email_free=True,
        at=LATER,
    )

    assert (events, customer) == ([], a_customer())


def test_optional_details_can_be_cleared() -> None:
    customer = a_customer(phone="+49 30 12345")

    [event] = customer.edit(Details(), forget=frozenset({"phone"}), email_free=True, at=LATER)

    assert event == CustomerUpdated(replace(customer), ChangeKind.EDITED, LATER)
    assert customer.phone is None
