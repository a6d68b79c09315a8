from dataclasses import replace

import pytest

from services.subscriptions.domain.offer import Offer, OfferProduct, OfferPublished, publish
from shared.errors import Invalid
from tests.unit.subscriptions.stories import HOSTING, because

DRAFT = replace(HOSTING, version=0)
SPACE = HOSTING.products[0]


def test_a_first_publication_is_version_one() -> None:
    offer, events = publish(None, DRAFT, because())

    assert offer == replace(DRAFT, version=1)
    assert events == [OfferPublished(offer, because())]


def test_the_same_offer_again_is_the_same_version_and_says_nothing() -> None:
    assert publish(HOSTING, DRAFT, because()) == (HOSTING, [])


def test_a_change_is_the_next_version() -> None:
    offer, [event] = publish(HOSTING, replace(DRAFT, trial_days=7), because())

    assert (offer.version, offer.trial_days) == (2, 7)
    assert event.offer == offer


@pytest.mark.parametrize(
    ("draft", "code", "field"),
    [
        (replace(DRAFT, code=""), "code_malformed", "code"),
        (replace(DRAFT, code="a/b"), "code_malformed", "code"),
        (replace(DRAFT, name="\t"), "name_missing", "name"),
        (replace(DRAFT, trial_days=-1), "trial_too_long", "trial_days"),
        (replace(DRAFT, products=()), "nothing_to_sell", "products"),
        (replace(DRAFT, products=(SPACE, SPACE)), "product_repeated", "products"),
        (
            replace(DRAFT, products=(SPACE, OfferProduct("b", "B", {}))),
            "price_missing",
            "products.1.prices_minor",
        ),
        (
            replace(DRAFT, products=(OfferProduct("b", "B", {"EUR": -1}),)),
            "price_out_of_range",
            "products.0.prices_minor.EUR",
        ),
        (
            replace(DRAFT, products=(OfferProduct("b", "B", {"EURO": 1}),)),
            "unknown_currency",
            "currency",
        ),
    ],
)
def test_an_offer_that_cannot_be_sold_is_refused(draft: Offer, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        publish(None, draft, because())

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.way_out


def test_a_price_of_nothing_is_a_price() -> None:
    free = replace(DRAFT, products=(OfferProduct("free", "Free", {"EUR": 0}),))

    offer, _ = publish(None, free, because())

    assert offer.products[0].prices_minor == {"EUR": 0}
