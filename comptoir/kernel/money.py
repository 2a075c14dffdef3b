"""Money: whole minor units and a currency. One rounding per line, half up; never a float. Source: rules 1."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

# ISO 4217, list one, as amended to 1 January 2026: currencies and funds that have a minor unit; no metals,
# no units of account, no test codes.
_WITH_OTHER_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_WITH_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
EXPONENTS = dict.fromkeys(_WITH_TWO.split(), 2) | {
    code: digits for digits, codes in _WITH_OTHER_EXPONENTS.items() for code in codes.split()
}

_PLAIN = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?")
_LONGEST = 15  # digits of an amount: what a 64-bit column holds, with room for sums


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were added, subtracted or compared."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"An amount in {one} and an amount in {other} cannot be combined.")


def exponent(currency: str) -> int:
    """How many decimals a currency has (EUR 2, JPY 0, KWD 3). ValueError, with a sentence, for an unknown code."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise ValueError(f"{currency!r} is not a currency code of ISO 4217, such as EUR.") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` whole minor units (cents, yen, fils) of `currency` (ISO 4217). May be negative, for credits.

    TypeError if `minor` is not a whole number, ValueError if the currency is unknown.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Money counts whole minor units, not {self.minor!r}.")
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """The amount written in plain digits with a point ("280.00"), as the API and the price book write it.

        ValueError, with a sentence, for anything else and for more decimals than the currency has.
        """
        digits = exponent(currency)
        match = _PLAIN.fullmatch(text)
        if match is None:
            example = cls(28000, currency)
            raise ValueError(f"{text[:40]!r} is not an amount: write plain digits with a point, such as {example}.")
        whole, fraction = match["whole"], match["fraction"] or ""
        if len(fraction) > digits:
            raise ValueError(f"{text[:40]!r} has too many decimals: {currency} has {digits}.")
        if len(whole.lstrip("0")) + digits > _LONGEST:
            raise ValueError(f"{text[:40]!r} is too large an amount.")
        return cls(int(match["sign"] + whole + fraction.ljust(digits, "0")), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in that currency."""
        return cls(0, currency)

    @classmethod
    def sum(cls, amounts: Iterable["Money"], currency: str) -> Self:
        """The sum of amounts that are all in `currency` (zero if there are none), else CurrencyMismatch."""
        total = cls.zero(currency)
        for amount in amounts:
            total = total + amount
        return total

    @property
    def decimal(self) -> Decimal:
        """The exact amount in units of the currency, for formatting by locale."""
        sign = 1 if self.minor < 0 else 0
        return Decimal((sign, tuple(map(int, str(abs(self.minor)))), -exponent(self.currency)))

    def __str__(self) -> str:
        """The plain form of the API: "280.00", "42000" for yen. `Money.parse` reads it back."""
        digits = exponent(self.currency)
        text = str(abs(self.minor)).rjust(digits + 1, "0")
        plain = f"{text[:-digits]}.{text[-digits:]}" if digits else text
        return f"-{plain}" if self.minor < 0 else plain

    def prorate(self, numerator: int, denominator: int, quantity: int = 1) -> Self:
        """`self` x `quantity` x `numerator` / `denominator`, rounded once, half up (rules 1: per line, not per seat).

        Halves go away from zero, so that a credit is the mirror of its line. ValueError for a denominator under 1 or a
        numerator under 0.
        """
        if denominator < 1 or numerator < 0:
            raise ValueError(f"An amount cannot be prorated by {numerator} of {denominator}.")
        exact = self.minor * quantity * numerator
        rounded = (2 * abs(exact) + denominator) // (2 * denominator)
        return self._of(-rounded if exact < 0 else rounded)

    def percent(self, rate_basis_points: int) -> Self:
        """The share of `self` that a rate in basis points makes (2000 is 20 %), rounded once, half up."""
        return self.prorate(rate_basis_points, 10_000)

    def __add__(self, other: "Money") -> Self:
        return self._of(self.minor + self._minor_of(other))

    def __sub__(self, other: "Money") -> Self:
        return self._of(self.minor - self._minor_of(other))

    def __neg__(self) -> Self:
        return self._of(-self.minor)

    def __mul__(self, quantity: int) -> Self:
        if type(quantity) is not int:
            return NotImplemented
        return self._of(self.minor * quantity)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._minor_of(other)

    def _of(self, minor: int) -> Self:
        return type(self)(minor, self.currency)

    def _minor_of(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"An amount combines with amounts only, not with {other!r}.")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor
