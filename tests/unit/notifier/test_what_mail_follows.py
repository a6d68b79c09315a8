"""Which mails follow from what has happened."""

from datetime import UTC, datetime

import pytest

from services.notifier.domain.follow_up import mails_for
from services.notifier.domain.occasion import What
from services.notifier.domain.people import CustomerId
from services.notifier.domain.template import Template
from tests.unit.notifier.stories import (
    ANN,
    NOON,
    PRO,
    SEALED,
    draft_of,
    drafts,
    leaving,
    occasion,
    subscription,
)

IN_MARCH = datetime(2027, 3, 31, 22, tzinfo=UTC)


def templates(what: What, **changed: object) -> list[Template]:
    return [each.template for each in drafts(occasion(what), subscription(**changed))]


def test_activation_brings_the_credentials_at_once_and_plans_the_welcome_series() -> None:
    made = drafts(occasion(What.ACTIVATED, seal=SEALED))

    assert [each.template for each in made] == [
        Template.CREDENTIALS,
        Template.WELCOME_DAY_1,
        Template.WELCOME_DAY_3,
        Template.WELCOME_DAY_7,
    ]
    assert made[0].send_at is None
    assert made[0].seal == SEALED
    assert [each.seal for each in made[1:]] == [None, None, None]


def test_activation_without_credentials_says_welcome_without_them() -> None:
    assert templates(What.ACTIVATED)[0] is Template.WELCOME


def test_somebody_who_has_cancelled_before_we_heard_of_the_activation_gets_credentials_only() -> (
    None
):
    told = occasion(What.ACTIVATED, seal=SEALED, subscription=PRO)

    made = drafts(told, leaving(IN_MARCH, version=9))

    assert [each.template for each in made] == [Template.CREDENTIALS]


@pytest.mark.parametrize(
    ("what", "template"),
    [
        (What.RESUMED, Template.RESUMED),
        (What.EXTENDED, Template.EXTENDED),
        (What.TERMINATED, Template.DATA_DELETED),
        (What.PAYMENT_FAILED, Template.PAYMENT_FAILED),
        (What.CHARGE_UPCOMING, Template.RENEWAL_REMINDER),
        (What.SUSPENDED, Template.SUSPENDED),
    ],
)
def test_each_of_these_brings_one_mail(what: What, template: Template) -> None:
    assert templates(what) == [template]


@pytest.mark.parametrize("hold", ["abuse", "requested", "fraud_review"])
def test_a_hold_that_deletes_nothing_names_no_day_of_deletion(hold: str) -> None:
    told = occasion(What.SUSPENDED, facts={"hold": hold})

    assert "data_kept_until" not in draft_of(Template.SUSPENDED, told).facts


@pytest.mark.parametrize("hold", ["non_payment", "ended"])
def test_suspended_for_good_says_that_the_data_is_kept_for_thirty_days(hold: str) -> None:
    told = occasion(What.SUSPENDED, facts={"hold": hold})

    # Noon in Berlin, the clocks were put forward in between.
    facts = draft_of(Template.SUSPENDED, told).facts
    assert facts["data_kept_until"] == "2027-03-31T10:00:00+00:00"


def test_a_cancellation_is_confirmed_with_the_end_as_it_was_told() -> None:
    told = leaving(IN_MARCH)

    made = draft_of(Template.CANCELLATION, occasion(What.CANCELED, subscription=told))

    assert made.facts["ends_at"] == IN_MARCH.isoformat()


def test_a_cancellation_before_activation_brings_no_mail() -> None:
    told = subscription(status="canceled", canceled_at=NOON)

    assert drafts(occasion(What.CANCELED, subscription=told), told) == []


def test_a_cancellation_that_was_taken_back_before_we_heard_of_it_is_confirmed_all_the_same() -> (
    None
):
    told = occasion(What.CANCELED, subscription=leaving(IN_MARCH))

    made = drafts(told, subscription(version=9))

    assert [each.template for each in made] == [Template.CANCELLATION]


def test_a_failed_payment_says_what_comes_next() -> None:
    told = occasion(
        What.PAYMENT_FAILED,
        facts={"next_attempt_at": "2027-03-02T11:00:00+00:00", "amount_minor": 1999},
    )

    [made] = drafts(told)

    assert made.send_at is None
    assert made.facts["next_attempt_at"] == "2027-03-02T11:00:00+00:00"
    assert made.facts["offer"] == "pro"


@pytest.mark.parametrize("code", ["reference_taken", "not_captured"])
def test_a_capture_that_was_not_there_is_left_to_the_mail_about_the_rejection(code: str) -> None:
    assert drafts(occasion(What.PAYMENT_FAILED, facts={"code": code})) == []


@pytest.mark.parametrize("what", [What.PAYMENT_FAILED, What.CHARGE_UPCOMING])
def test_what_the_partner_pays_is_not_the_customers_business(what: What) -> None:
    assert templates(what, bill_to="ptn_acme") == []


@pytest.mark.parametrize("what", [What.PAYMENT_FAILED, What.CHARGE_UPCOMING])
def test_whoever_pays_for_another_hears_of_the_money(what: What) -> None:
    [made] = drafts(occasion(what), subscription(bill_to="cus_boss"))

    assert made.customer_id == CustomerId("cus_boss")


def test_a_rejected_checkout_is_explained_to_a_known_customer() -> None:
    told = occasion(What.CHECKOUT_REJECTED, customer_id=ANN)

    [made] = mails_for(told, None)

    assert (made.template, made.customer_id) == (Template.CHECKOUT_REJECTED, ANN)


def test_a_rejected_checkout_of_nobody_brings_no_mail() -> None:
    assert mails_for(occasion(What.CHECKOUT_REJECTED), None) == []
