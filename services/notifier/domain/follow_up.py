"""Which mails follow from what has happened: the table of triggers, as code."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from services.notifier.domain.facts import Facts, instant
from services.notifier.domain.journey import Draft, reminder, welcome_series, win_back
from services.notifier.domain.occasion import Occasion, What
from services.notifier.domain.subscription import Subscription
from services.notifier.domain.template import Template
from shared.calendar import days_later

RETENTION_DAYS: Final = 30
FIRST_PAYMENT_WITHIN: Final = timedelta(hours=23)
# The checkout is refused right after these, and the mail about that says why.
TOLD_BY_THE_REJECTION: Final = frozenset({"reference_taken", "not_captured"})
OWES: Final = "non_payment"
ENDED: Final = "ended"


def mails_for(occasion: Occasion, newest: Subscription | None) -> list[Draft]:
    """`newest` is the subscription as it stands now, which may be later than the event.

    An event takes effect even when a newer state is known: only what is planned looks ahead.
    """
    if occasion.what is What.CHECKOUT_REJECTED:
        return _checkout_rejected(occasion)
    if newest is None:
        raise ValueError(f"{occasion.what} needs its subscription")
    return _RULES[occasion.what](occasion, newest)


def _checkout_rejected(occasion: Occasion) -> list[Draft]:
    if occasion.customer_id is None:
        return []
    return [Draft(Template.CHECKOUT_REJECTED, occasion.customer_id, occasion.facts)]


def _activated(occasion: Occasion, newest: Subscription) -> list[Draft]:
    told = occasion.subscription or newest
    first = Template.CREDENTIALS if occasion.seal else Template.WELCOME
    welcome = Draft(first, told.customer_id, told.facts(), seal=occasion.seal)
    return [welcome, *welcome_series(occasion, newest)]


def _suspended(occasion: Occasion, newest: Subscription) -> list[Draft]:
    told = occasion.subscription or newest
    kept: Facts = {}
    if occasion.facts["hold"] in {OWES, ENDED}:
        until = days_later(occasion.cause.at, RETENTION_DAYS, told.timezone)
        kept = {"data_kept_until": instant(until)}
    return [_at_once(Template.SUSPENDED, told, {**occasion.facts, **kept})]


def _resumed(occasion: Occasion, newest: Subscription) -> list[Draft]:
    told = occasion.subscription or newest
    return [_at_once(Template.RESUMED, told, occasion.facts)]


def _canceled(occasion: Occasion, newest: Subscription) -> list[Draft]:
    """Canceled before it ran, it has never been the customer's: the rejection tells the rest."""
    told = occasion.subscription or newest
    if told.status == "canceled":
        return []
    confirmation = _at_once(Template.CANCELLATION, told, occasion.facts)
    return [confirmation, *win_back(occasion, told, newest)]


def _extended(occasion: Occasion, newest: Subscription) -> list[Draft]:
    told = occasion.subscription or newest
    note = _at_once(Template.EXTENDED, told, occasion.facts)
    return [note, *win_back(occasion, told, newest)]


def _terminated(occasion: Occasion, newest: Subscription) -> list[Draft]:
    told = occasion.subscription or newest
    return [_at_once(Template.DATA_DELETED, told, occasion.facts)]


def _payment_failed(occasion: Occasion, newest: Subscription) -> list[Draft]:
    if newest.payer is None or occasion.facts["code"] in TOLD_BY_THE_REJECTION:
        return []
    until = instant(newest.created_at + FIRST_PAYMENT_WITHIN)
    facts = {**newest.facts(), "first_payment_until": until, **occasion.facts}
    return [Draft(Template.PAYMENT_FAILED, newest.payer, facts)]


def _at_once(template: Template, told: Subscription, facts: Facts) -> Draft:
    return Draft(template, told.customer_id, {**told.facts(), **facts})


_RULES: Final[dict[What, Callable[[Occasion, Subscription], list[Draft]]]] = {
    What.ACTIVATED: _activated,
    What.SUSPENDED: _suspended,
    What.RESUMED: _resumed,
    What.CANCELED: _canceled,
    What.EXTENDED: _extended,
    What.TERMINATED: _terminated,
    What.CHARGE_UPCOMING: reminder,
    What.PAYMENT_FAILED: _payment_failed,
}
