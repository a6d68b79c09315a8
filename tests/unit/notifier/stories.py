"""Ann of Acme, her subscription, and what may happen to it; shared by the notifier's tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.notifier.domain.facts import Facts
from services.notifier.domain.follow_up import mails_for
from services.notifier.domain.journey import Draft
from services.notifier.domain.message import Message
from services.notifier.domain.occasion import Cause, Occasion, Seal, What
from services.notifier.domain.people import Brand, Contact, CustomerId
from services.notifier.domain.subscription import Subscription, SubscriptionId
from services.notifier.domain.template import Template
from shared.ids import PartnerId

ACME, ANN, SUB = PartnerId("ptn_acme"), CustomerId("cus_ann"), SubscriptionId("sub_1")
BERLIN = "Europe/Berlin"
NOON = datetime(2027, 3, 1, 11, tzinfo=UTC)
"""12:00 in Berlin."""

PRO = Subscription(
    id=SUB,
    partner_id=ACME,
    version=3,
    customer_id=ANN,
    bill_to=ANN,
    status="active",
    offer="pro",
    interval_unit="month",
    interval_count=1,
    currency="EUR",
    total_minor=1999,
    timezone=BERLIN,
    created_at=NOON,
    next_boundary_at=datetime(2027, 3, 31, 22, tzinfo=UTC),
    ends_at=None,
    canceled_at=None,
    holds=frozenset(),
)
CONTACT = Contact(ACME, ANN, 1, "Ann Lee", "ann@example.org", "ann@example.org", "en", BERLIN, True)
BRAND = Brand(ACME, 1, "Acme Hosting", "help@acme.example", False, True)
SEALED = Seal("key_1", "a.b.c.d.e", datetime(2027, 3, 14, tzinfo=UTC))
OWN_FACTS: dict[What, Facts] = {
    What.SUSPENDED: {"hold": "non_payment", "reason": "dunning exhausted"},
    What.EXTENDED: {"intervals": 1, "until": None, "paid_externally_minor": 0},
    What.CHARGE_UPCOMING: {"due_at": "2027-03-31T22:00:00+00:00", "total_minor": 1999},
    What.PAYMENT_FAILED: {"code": "insufficient_funds", "hard": False, "final": False},
    What.CHECKOUT_REJECTED: {"code": "unknown_offer", "message": "No such offer."},
}


def subscription(**changed: Any) -> Subscription:
    return replace(PRO, **changed)


def leaving(ends_at: datetime, canceled_at: datetime = NOON, **changed: Any) -> Subscription:
    return subscription(ends_at=ends_at, canceled_at=canceled_at, **changed)


def occasion(what: What, at: datetime = NOON, event_id: str = "evt_1", **changed: Any) -> Occasion:
    facts = {**OWN_FACTS.get(what, {}), **changed.pop("facts", {})}
    told = Occasion(
        what=what,
        partner_id=ACME,
        cause=Cause(event_id, at, "timer:renewal", "cor_1"),
        facts=facts,
        subscription_id=None if what is What.CHECKOUT_REJECTED else SUB,
    )
    return replace(told, **changed)


def drafts(told: Occasion, newest: Subscription = PRO) -> list[Draft]:
    return mails_for(told, newest)


def draft_of(template: Template, told: Occasion, newest: Subscription = PRO) -> Draft:
    return next(each for each in drafts(told, newest) if each.template is template)


def message(
    template: Template = Template.RESUMED,
    what: What = What.RESUMED,
    newest: Subscription = PRO,
    now: datetime = NOON,
    **changed: Any,
) -> Message:
    told = occasion(what, **changed)
    return Message.drafted(draft_of(template, told, newest), told, now)
