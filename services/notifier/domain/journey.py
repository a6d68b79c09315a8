"""Mails that are planned ahead, and when a planned one is not wanted any more.

What is written at once follows the event. What is planned follows the subscription as it stands
when the time comes: events of several topics arrive in any order, and people change their minds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.notifier.domain.facts import Facts, instant
from services.notifier.domain.occasion import Occasion, Seal
from services.notifier.domain.people import CustomerId
from services.notifier.domain.schedule import morning_after, next_morning, not_before_morning
from services.notifier.domain.subscription import OVER, Subscription
from services.notifier.domain.template import Template
from shared.calendar import days_later

WELCOME_SERIES: Final = {
    Template.WELCOME_DAY_1: 1,
    Template.WELCOME_DAY_3: 3,
    Template.WELCOME_DAY_7: 7,
}
WIN_BACK_DAYS: Final = 7
SINCE_CANCELLATION: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail to be; without `send_at` it goes at once."""

    template: Template
    customer_id: CustomerId
    facts: Facts
    send_at: datetime | None = None
    seal: Seal | None = field(default=None, repr=False)


def welcome_series(occasion: Occasion, newest: Subscription) -> list[Draft]:
    """One on each of the mornings 1, 3 and 7 days after; none for one who is leaving already."""
    if newest.is_leaving:
        return []
    return [
        Draft(
            template,
            newest.customer_id,
            newest.facts(),
            morning_after(occasion.cause.at, days, newest.timezone),
        )
        for template, days in WELCOME_SERIES.items()
    ]


def win_back(occasion: Occasion, told: Subscription, newest: Subscription) -> list[Draft]:
    """Seven days before the end, in the morning, and not within 48 hours of the cancellation mail.

    Cancelled with fewer days left, it is the first morning that is allowed, even one after the
    end: the data is still there then, and a way back too.

    Source: docs/semantics.md B10.9.
    """
    if told.ends_at is None or _win_back_unwanted(told.facts(), newest):
        return []
    week_before = days_later(told.ends_at, -WIN_BACK_DAYS, told.timezone)
    earliest = max(week_before, (told.canceled_at or occasion.cause.at) + SINCE_CANCELLATION)
    send_at = next_morning(earliest, told.timezone)
    return [Draft(Template.WIN_BACK, told.customer_id, told.facts(), send_at)]


def reminder(occasion: Occasion, newest: Subscription) -> list[Draft]:
    if newest.payer is None or newest.is_leaving:
        return []
    send_at = not_before_morning(occasion.cause.at, newest.timezone)
    facts = {**newest.facts(), **occasion.facts}
    return [Draft(Template.RENEWAL_REMINDER, newest.payer, facts, send_at)]


def why_unwanted(template: Template, facts: Facts, newest: Subscription) -> str | None:
    """The reason for which a planned mail must never go, as the subscription now stands."""
    rule = _UNWANTED.get(template)
    return rule(facts, newest) if rule else None


def why_not_now(newest: Subscription) -> str | None:
    """A hold may be lifted before the hour comes, so it counts only then."""
    return "on_hold" if newest.is_held else None


def _welcome_unwanted(_: Facts, newest: Subscription) -> str | None:
    return "customer_leaves" if newest.is_leaving else None


def _win_back_unwanted(facts: Facts, newest: Subscription) -> str | None:
    """Of several cancellations only the last counts, and only the end that holds now."""
    if newest.ends_at is None or newest.status in OVER:
        return "no_longer_leaving"
    as_now = (instant(newest.ends_at), instant(newest.canceled_at))
    return None if (facts["ends_at"], facts["canceled_at"]) == as_now else "end_moved"


def _reminder_unwanted(_: Facts, newest: Subscription) -> str | None:
    return "no_charge_to_come" if newest.is_leaving else None


_UNWANTED: Final[dict[Template, Callable[[Facts, Subscription], str | None]]] = {
    **dict.fromkeys(WELCOME_SERIES, _welcome_unwanted),
    Template.WIN_BACK: _win_back_unwanted,
    Template.RENEWAL_REMINDER: _reminder_unwanted,
}
