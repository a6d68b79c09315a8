"""Amounts are whole minor units, and no arithmetic gains or loses one."""

from fractions import Fraction

import iso4217
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.money import (
    EXPONENTS,
    WITHDRAWN,
    AmountTooLarge,
    CurrenciesDiffer,
    MalformedAmount,
    Money,
    TooManyDecimals,
    UnknownCurrency,
    exponent,
    parse_decimal,
)

# A busy machine is no failure.
UNHURRIED = settings(deadline=None)
MINORS = st.integers(min_value=-(10**12), max_value=10**12)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=20).filter(any)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_currencies_are_those_of_iso_4217_and_a_few_of_older_books() -> None:
    listed = {each.code: each.exponent for each in iso4217.Currency if each.exponent is not None}

    assert listed | WITHDRAWN == EXPONENTS
    assert not listed.keys() & WITHDRAWN.keys()


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "XAU", "XTS", " EUR"])
def test_what_is_not_a_currency_is_refused_with_the_way_out(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as refused:
        Money(1, currency)

    assert refused.value.field == "currency"
    assert refused.value.way_out


def test_currencies_have_their_own_number_of_decimals() -> None:
    assert [exponent(each) for each in ("JPY", "EUR", "KWD", "CLF")] == [0, 2, 3, 4]


def test_amounts_of_one_currency_add_up() -> None:
    assert eur(1250) + eur(50) == eur(1300)
    assert eur(1250) - eur(1300) == eur(-50)
    assert -eur(7) == eur(-7)
    assert eur(999).times(3) == eur(2997)
    assert sum([eur(1), eur(2)], Money.zero("EUR")) == eur(3)


def test_amounts_compare_within_their_currency() -> None:
    assert eur(1) < eur(2) <= eur(2) < eur(3)
    assert max(eur(5), eur(-9)) == eur(5)
    assert eur(100) != Money(100, "USD")
    assert not eur(0)


def test_two_currencies_never_mix() -> None:
    dollar = Money(1, "USD")

    for mixed in (
        lambda: eur(1) + dollar,
        lambda: eur(1) - dollar,
        lambda: eur(1) < dollar,
        lambda: eur(1) >= dollar,
    ):
        with pytest.raises(CurrenciesDiffer):
            mixed()


def test_minor_units_are_whole() -> None:
    for minor in (1.0, True, "1"):
        with pytest.raises(TypeError, match="minor units"):
            Money(minor, "EUR")  # type: ignore[arg-type]  # what a careless caller may pass


def test_an_amount_that_no_column_holds_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        eur(2**63)
    with pytest.raises(AmountTooLarge):
        eur(2**62).times(2)


# The amounts of semantics B2.2.
@pytest.mark.parametrize(
    ("price", "remaining", "total", "share"),
    [
        (500, 29, 30, 483),
        (2000, 29, 30, 1933),
        (3000, 22, 31, 2129),
        (5000, 22, 31, 3548),
        (3000, 1_845_000, 2_678_400, 2067),
        (5000, 1_845_000, 2_678_400, 3444),
    ],
)
def test_proration_gives_the_published_check_values(
    price: int, remaining: int, total: int, share: int
) -> None:
    assert eur(price).prorate(remaining, total) == eur(share)
    assert eur(-price).prorate(remaining, total) == eur(-share)


def test_half_a_minor_unit_is_rounded_away_from_zero() -> None:
    assert eur(5).prorate(1, 2) == eur(3)
    assert eur(-5).prorate(1, 2) == eur(-3)


def test_a_share_needs_a_denominator_and_no_minus() -> None:
    for numerator, denominator in [(1, 0), (1, -2), (-1, 2)]:
        with pytest.raises(ValueError, match="no share"):
            eur(1).prorate(numerator, denominator)


@UNHURRIED
# Nine million times the largest is still an amount.
@given(MINORS, st.integers(0, 9 * 10**6), st.integers(1, 10**7))
def test_a_share_is_the_nearest_whole_minor_unit(minor: int, part: int, whole: int) -> None:
    share = eur(minor).prorate(part, whole)

    error = abs(Fraction(minor * part, whole) - share.minor)
    assert error <= Fraction(1, 2)
    assert eur(-minor).prorate(part, whole) == -share


@UNHURRIED
@given(MINORS, st.integers(1, 400), st.data())
def test_two_shares_that_complement_each_other_miss_the_whole_by_one_unit_at_most(
    minor: int, days: int, data: st.DataObject
) -> None:
    used = data.draw(st.integers(0, days))

    both = eur(minor).prorate(used, days) + eur(minor).prorate(days - used, days)

    assert abs((both - eur(minor)).minor) <= 1


@UNHURRIED
@given(MINORS, WEIGHTS)
def test_a_split_loses_nothing_and_is_never_a_whole_unit_unfair(
    minor: int, weights: list[int]
) -> None:
    parts = eur(minor).split(weights)

    assert sum(parts, Money.zero("EUR")) == eur(minor)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
        assert weight or not part
    assert eur(-minor).split(weights) == tuple(-part for part in parts)


def test_what_is_left_over_goes_to_the_largest_remainders_and_then_to_the_first() -> None:
    assert eur(100).split([1, 1, 1]) == (eur(34), eur(33), eur(33))
    assert eur(10).split([1, 2, 4]) == (eur(1), eur(3), eur(6))
    assert eur(1).split([0, 1, 1]) == (eur(0), eur(1), eur(0))


def test_a_split_needs_weights() -> None:
    for weights in ([], [0, 0], [3, -1]):
        with pytest.raises(ValueError, match="no weights"):
            eur(1).split(weights)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (1200, "JPY", "1200 JPY"),
        (-3, "JPY", "-3 JPY"),
        (12345, "KWD", "12.345 KWD"),
        (0, "USD", "0.00 USD"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(
    minor: int, currency: str, text: str
) -> None:
    money = Money(minor, currency)

    assert money.format() == text
    assert parse_decimal(text.split(maxsplit=1)[0], currency) == money


def test_fewer_decimals_than_the_currency_has_are_filled_up() -> None:
    assert parse_decimal("12.5", "EUR") == eur(1250)
    assert parse_decimal("12", "KWD") == Money(12000, "KWD")


@pytest.mark.parametrize(
    ("text", "currency"), [("12.345", "EUR"), ("12.500", "EUR"), ("1.0", "JPY"), ("1.2345", "KWD")]
)
def test_more_decimals_than_the_currency_has_are_refused_and_not_rounded(
    text: str, currency: str
) -> None:
    with pytest.raises(TooManyDecimals) as refused:
        parse_decimal(text, currency)

    assert refused.value.field == "amount"
    assert refused.value.way_out == f"Give at most {exponent(currency)} decimals."


@pytest.mark.parametrize(
    "text", ["", "12,50", "1e3", "+5", ".5", "5.", "NaN", "1_000", " 1", "1\n", "١٢", "0x1", "--1"]
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(MalformedAmount):
        parse_decimal(text, "EUR")


def test_an_amount_of_too_many_digits_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        parse_decimal("9" * 18, "EUR")


@UNHURRIED
@given(MINORS, st.sampled_from(sorted(EXPONENTS)))
def test_every_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert parse_decimal(money.format().split()[0], currency) == money
