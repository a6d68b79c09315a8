from collections.abc import Callable

import pytest

from services.subscriptions.domain.ending import When, cancel, end_term
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.labels import LABELS, Facet, View, facet, facets_called
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.subscription import Subscription
from services.subscriptions.domain.suspension import place_hold
from tests.unit.subscriptions.stories import (
    GRACE,
    RETRYING,
    TRIAL,
    a_created_subscription,
    a_standing,
    an_active_subscription,
    because,
    berlin_midnight,
)

FEBRUARY_28 = berlin_midnight(2027, 2, 28)


def canceled() -> Subscription:
    subscription = a_created_subscription()
    cancel(subscription, When.NOW, because())
    return subscription


def ending() -> Subscription:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because())
    return subscription


def ended() -> Subscription:
    subscription = ending()
    end_term(subscription, because(FEBRUARY_28))
    return subscription


def ended_and_suspected() -> Subscription:
    subscription = ended()
    place_hold(subscription, HoldKind.FRAUD_REVIEW, because())
    return subscription


def held() -> Subscription:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.REQUESTED, because())
    return subscription


def past_due() -> Subscription:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, RETRYING), because())
    return subscription


def in_grace() -> Subscription:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, GRACE), because())
    return subscription


@pytest.mark.parametrize(
    ("story", "s0", "s1", "s2"),
    [
        (a_created_subscription, "Inactive", None, "Created"),
        (lambda: an_active_subscription(TRIAL), "Active", "Active", "Active"),
        (an_active_subscription, "Active", "Active", "Active"),
        (ending, "Scheduled for Deletion", "Active", "Active"),
        (past_due, "Active", "Active", "Active"),
        (in_grace, "Active", "Active", "Active"),
        (held, "Inactive", "Suspended", "Suspended"),
        (ended, "Inactive", "Expired", "Suspended"),
        (ended_and_suspected, "Inactive", "Suspended", "Suspended"),
        (canceled, "Inactive", "Expired", "Canceled"),
    ],
)
def test_each_view_has_its_own_word(
    story: Callable[[], Subscription], s0: str, s1: str | None, s2: str
) -> None:
    assert LABELS[facet(story())] == (s0, s1, s2)


def test_a_word_stands_for_all_that_a_view_calls_so() -> None:
    assert facets_called(View.S0, "Scheduled for Deletion") == [Facet.ENDING]
    assert facets_called(View.S1, "Expired") == [Facet.ENDED, Facet.CANCELED, Facet.TERMINATED]
    assert facets_called(View.S2, "Resiliated") == [Facet.TERMINATED]
    assert facets_called(View.S1, "Resiliated") == []


def test_every_facet_has_its_labels() -> None:
    assert set(LABELS) == set(Facet)
