"""The catalog: what can be bought, at which price, how often it is paid and how it may end."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from services.subscriptions.domain.hold import Cause
from shared.calendar import Interval
from shared.errors import Invalid, NotFound, Stale
from shared.ids import PartnerId
from shared.money import exponent

OfferId = NewType("OfferId", str)
LARGEST_MINOR = 10**15
LONGEST_TRIAL_DAYS = 730
LONGEST_MINIMUM_MONTHS = 120
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class OfferKey(NamedTuple):
    partner_id: PartnerId
    code: str


class EndOfTerm(StrEnum):
    """What becomes of a subscription when its ordered end has come."""

    SUSPEND = "suspend"
    TERMINATE = "terminate"


class OfferNotFound(NotFound):
    code = "offer_not_found"


class OfferStale(Stale):
    code = "offer_stale"


class CodeMalformed(Invalid):
    code = "code_malformed"


class NameMissing(Invalid):
    code = "name_missing"


class TrialTooLong(Invalid):
    code = "trial_too_long"


class MinimumOutOfRange(Invalid):
    code = "minimum_out_of_range"


class NothingToSell(Invalid):
    code = "nothing_to_sell"


class ProductRepeated(Invalid):
    code = "product_repeated"


class PriceMissing(Invalid):
    code = "price_missing"


class PriceOutOfRange(Invalid):
    code = "price_out_of_range"


@dataclass(frozen=True, slots=True)
class OfferProduct:
    """`prices_minor` by currency, for one unit and one period, before tax.

    `configuration_schema` is a JSON Schema of what an order may set.
    """

    code: str
    name: str
    prices_minor: Mapping[str, int]
    configuration_schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Known to checkouts by its code. `version` counts its publications that changed anything.

    `minimum_periods` is the minimum term, in periods after the trial; 0 is none.
    """

    id: OfferId
    partner_id: PartnerId
    code: str
    name: str
    interval: Interval
    trial_days: int
    end_of_term: EndOfTerm
    products: tuple[OfferProduct, ...]
    minimum_periods: int = 0
    version: int = 0

    @property
    def key(self) -> OfferKey:
        return OfferKey(self.partner_id, self.code)

    def product(self, code: str) -> OfferProduct | None:
        return next((each for each in self.products if each.code == code), None)


@dataclass(frozen=True, slots=True)
class OfferPublished:
    offer: Offer
    cause: Cause


def publish(known: Offer | None, draft: Offer, cause: Cause) -> tuple[Offer, list[OfferPublished]]:
    """What was sold under the offer before keeps its prices; the same again says nothing new.

    Raises:
        Invalid: the draft cannot be sold; the field says where.
    """
    _check(draft)
    version = known.version if known else 0
    if known == replace(draft, version=version):
        return known, []
    offer = replace(draft, version=version + 1)
    return offer, [OfferPublished(offer, cause)]


def _check(draft: Offer) -> None:
    _check_code(draft.code, "code")
    _check_name(draft.name, "name")
    if not 0 <= draft.trial_days <= LONGEST_TRIAL_DAYS:
        raise TrialTooLong(
            f"a trial of {draft.trial_days} days",
            field="trial_days",
            way_out=f"Give 0 to {LONGEST_TRIAL_DAYS} days.",
        )
    if not 0 <= draft.minimum_periods * draft.interval.months <= LONGEST_MINIMUM_MONTHS:
        raise MinimumOutOfRange(
            f"a minimum term of {draft.minimum_periods} periods",
            field="minimum_periods",
            way_out=f"Give 0, or periods that make {LONGEST_MINIMUM_MONTHS} months at most.",
        )
    if not draft.products:
        raise NothingToSell(
            "an offer without products", field="products", way_out="Name at least one product."
        )
    for n, product in enumerate(draft.products):
        _check_product(product, f"products.{n}")
    code, times = Counter(each.code for each in draft.products).most_common(1)[0]
    if times > 1:
        raise ProductRepeated(
            f"product {code} stands {times} times",
            field="products",
            way_out="Name each product once; an order may take it several times.",
        )


def _check_product(product: OfferProduct, field: str) -> None:
    _check_code(product.code, f"{field}.code")
    _check_name(product.name, f"{field}.name")
    if not product.prices_minor:
        raise PriceMissing(
            f"product {product.code} has no price",
            field=f"{field}.prices_minor",
            way_out="Give a price in at least one currency; 0 is one.",
        )
    for currency, price in product.prices_minor.items():
        exponent(currency)
        if not 0 <= price <= LARGEST_MINOR:
            raise PriceOutOfRange(
                f"{price} minor units of {currency}",
                field=f"{field}.prices_minor.{currency}",
                way_out=f"Give 0 to {LARGEST_MINOR} minor units.",
            )


def _check_code(code: str, field: str) -> None:
    if not _CODE.fullmatch(code):
        raise CodeMalformed(
            f"{code!r} is no code",
            field=field,
            way_out="Use 1 to 64 letters, digits, dots, hyphens or underscores.",
        )


def _check_name(name: str, field: str) -> None:
    if not name.strip():
        raise NameMissing("a name is missing", field=field, way_out="Give it a name.")
