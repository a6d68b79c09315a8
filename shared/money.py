"""Amounts as whole minor units of one ISO 4217 currency; nothing here ever meets a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Final, Self

from shared.errors import Invalid

# The list is spelled out, because the package that has it parses XML for 40 ms at import; a test
# holds the two against each other. Codes without a minor unit (metals, test codes) are no money.
_CODES_BY_EXPONENT: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# No longer on the list, and still in the books of the years before.
WITHDRAWN: Final = {"ANG": 2, "BGN": 2, "HRK": 2}
EXPONENTS: Final = {
    code: exponent for exponent, codes in _CODES_BY_EXPONENT.items() for code in codes.split()
} | WITHDRAWN

# Of one product in one order. Contracts, which only ever widen, leave it to whoever judges.
LARGEST_QUANTITY: Final = 100_000
# What a 64-bit column holds.
_LARGEST_MINOR: Final = 2**63 - 1
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?")


class UnknownCurrency(Invalid):
    code = "unknown_currency"


class CurrenciesDiffer(Invalid):
    code = "currencies_differ"


class MalformedAmount(Invalid):
    code = "malformed_amount"


class TooManyDecimals(Invalid):
    code = "too_many_decimals"


class AmountTooLarge(Invalid):
    code = "amount_too_large"


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(
            f"{currency!r} is not a currency",
            field="currency",
            way_out="Give the three capital letters of ISO 4217, such as EUR.",
        ) from None


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """Adding or comparing two currencies raises; equality of two currencies is plainly False."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {self.minor!r}")
        if abs(self.minor) > _LARGEST_MINOR:
            raise AmountTooLarge(f"{self.minor} minor units are too many", field="amount")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def prorate(self, numerator: int, denominator: int) -> "Money":
        """The share numerator/denominator, rounded half up, and the same below zero as above it.

        Two shares that complement each other may miss the whole by one minor unit; `split` does
        not.

        Args:
            numerator: >= 0; more than the denominator gives more than the whole.
            denominator: > 0.

        Raises:
            ValueError: the share is negative or has no denominator.

        Source: docs/semantics.md B2.2.
        """
        if denominator <= 0 or numerator < 0:
            raise ValueError(f"no share: {numerator}/{denominator}")
        share = (2 * abs(self.minor) * numerator + denominator) // (2 * denominator)
        return Money(share if self.minor >= 0 else -share, self.currency)

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Parts in the ratio of the weights that add up to the whole, to the last minor unit.

        The units left over by rounding down go to the largest remainders, of equal ones to the
        first.

        Args:
            weights: each >= 0, at least one > 0.

        Raises:
            ValueError: a weight is negative, or nothing has any weight.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError(f"no weights to split by: {list(weights)}")
        whole = abs(self.minor)
        parts = [whole * weight // total for weight in weights]
        remainders = [whole * weight % total for weight in weights]
        left_over = whole - sum(parts)
        by_remainder = sorted(range(len(parts)), key=lambda place: -remainders[place])
        for place in by_remainder[:left_over]:
            parts[place] += 1
        sign = 1 if self.minor >= 0 else -1
        return tuple(Money(sign * part, self.currency) for part in parts)

    def format(self) -> str:
        """`12.50 EUR`, `-3 JPY`: for logs, documents and people of any language."""
        digits = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        whole, fraction = divmod(abs(self.minor), 10**digits)
        decimals = f".{fraction:0{digits}d}" if digits else ""
        return f"{sign}{whole}{decimals} {self.currency}"

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(
                f"{self.currency} and {other.currency} cannot be put together",
                field="currency",
                way_out="Give both amounts in one currency.",
            )


def parse_decimal(text: str, currency: str) -> Money:
    """`"12.5", "EUR"` is 12.50 EUR; a decimal too many is refused, never rounded (B9.7)."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise MalformedAmount(
            f"{text!r} is not an amount",
            field="amount",
            way_out="Write digits with a point before the decimals, such as 12.50.",
        )
    sign, whole, decimals = match[1], match[2], match[3] or ""
    digits = exponent(currency)
    if len(decimals) > digits:
        raise TooManyDecimals(
            f"{currency} has {digits} decimals, {text!r} has {len(decimals)}",
            field="amount",
            way_out=f"Give at most {digits} decimals.",
        )
    minor = int(whole + decimals.ljust(digits, "0"))
    return Money(-minor if sign else minor, currency)
