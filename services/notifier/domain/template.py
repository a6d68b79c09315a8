"""The kinds of mail there are, and what holds for each: how old it may get, who may silence it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Template(StrEnum):
    CREDENTIALS = "credentials"
    WELCOME = "welcome"
    WELCOME_DAY_1 = "welcome_day_1"
    WELCOME_DAY_3 = "welcome_day_3"
    WELCOME_DAY_7 = "welcome_day_7"
    RENEWAL_REMINDER = "renewal_reminder"
    PAYMENT_FAILED = "payment_failed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CANCELLATION = "cancellation"
    WIN_BACK = "win_back"
    EXTENDED = "extended"
    CHECKOUT_REJECTED = "checkout_rejected"
    DATA_DELETED = "data_deleted"


@dataclass(frozen=True, slots=True)
class Rule:
    """`max_age` counts from the event, or from the hour for which the mail was planned; later than
    that the mail would mislead. `security` mails go out whatever anybody has switched off.
    """

    max_age: timedelta | None
    security: bool = False


RULES: Final[dict[Template, Rule]] = {
    # Its seal ends by itself.
    Template.CREDENTIALS: Rule(None, security=True),
    Template.WELCOME: Rule(timedelta(days=7)),
    Template.WELCOME_DAY_1: Rule(timedelta(hours=48)),
    Template.WELCOME_DAY_3: Rule(timedelta(hours=48)),
    Template.WELCOME_DAY_7: Rule(timedelta(hours=48)),
    # From 09:00 three days before the charge: the announcement must never come after it.
    Template.RENEWAL_REMINDER: Rule(timedelta(hours=60)),
    Template.PAYMENT_FAILED: Rule(timedelta(hours=72)),
    Template.SUSPENDED: Rule(timedelta(days=7)),
    Template.RESUMED: Rule(timedelta(hours=72)),
    Template.CANCELLATION: Rule(timedelta(days=14)),
    Template.WIN_BACK: Rule(timedelta(hours=48)),
    Template.EXTENDED: Rule(timedelta(days=7)),
    Template.CHECKOUT_REJECTED: Rule(timedelta(days=7)),
    Template.DATA_DELETED: Rule(timedelta(days=14)),
}
