"""Which tax an invoice bears, and how much. Source: rules 1.

Rates are basis points (2000 is 20 %); prices are without tax.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

# The 27 of the Treaty on European Union, article 52, after 31 January 2020; codes of ISO 3166. Northern Ireland (XI) is
# in the EU's VAT area for goods only, so not for what is sold here.
# fmt: off
EU_MEMBERS = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on
_PREFIX = {"GR": "EL"}  # the one VAT prefix that is not the country's code (Directive 2006/112/EC, article 215)
_PREFIXES = {_PREFIX.get(country, country) for country in EU_MEMBERS}


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The rate of a country (ISO 3166) from a day on, until the next rule of that country."""

    country: str
    rate_basis_points: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class Seller:
    """The legal entity that invoices: its country."""

    country: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer as far as tax goes: country and VAT number, as typed ("" if none)."""

    country: str
    tax_number: str = ""


class TaxKind(StrEnum):
    """Why the invoice bears the tax that it bears."""

    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    DESTINATION = "destination"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class TaxTreatment:
    """The rate of an invoice, the country whose rate it is, and the `code` of the sentence that the invoice carries."""

    kind: TaxKind
    rate_basis_points: int
    code: str
    country: str


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax at one rate, on the sum of the rounded net lines that bear it."""

    rate_basis_points: int
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """What an invoice sums to. `total` is `net` + `tax`; `per_rate` adds up to both."""

    net: Money
    tax: Money
    total: Money
    per_rate: tuple[TaxLine, ...]


def vat_number(country: str, text: str) -> str | None:
    """The VAT number of an EU country as invoices write it ("FR40303265045"), from what was typed; None if not valid.

    The format and check digits are checked offline (rules 1). The country's prefix may be left out; another's is wrong.
    """
    if country not in EU_MEMBERS:
        return None
    prefix = _PREFIX.get(country, country)
    typed = "".join(text.split()).upper()
    given = typed[:2]
    if given in {country, prefix}:
        typed = typed[2:]
    elif given in _PREFIXES:  # else some would pass as national numbers: FR numbers may begin with letters
        return None
    try:
        return vat.validate(prefix + typed)
    except ValidationError:
        return None


class TaxNumbers:
    """Fills `organisations.TaxNumbers`."""

    def checked(self, country: str, typed: str) -> str | None:
        """As `vat_number`; outside the EU the number is kept as typed, since nothing here knows its form."""
        return vat_number(country, typed) if country in EU_MEMBERS else " ".join(typed.split())


def tax_treatment(seller: Seller, buyer: Buyer, rates: Iterable[TaxRule], on: date) -> TaxTreatment:
    """How a sale invoiced on `on` is taxed (rules 1): the same rule for a vendor inside the EU and outside it.

    Same country: its rate. Other EU country with a valid VAT number: 0, reverse charge; without: the rate of the
    customer's country. Elsewhere: 0, unless a rate is entered. Refused with `tax_rate_missing` where a rate is needed
    and none is valid on that day: tax is never guessed.
    """
    country = buyer.country
    rate = _rate_of(country, rates, on)
    if country == seller.country:
        return _taxed(TaxKind.DOMESTIC, rate, country, on)
    if country not in EU_MEMBERS and rate is None:
        return TaxTreatment(TaxKind.OUTSIDE, 0, "tax_outside", country)
    if vat_number(country, buyer.tax_number) is not None:
        return TaxTreatment(TaxKind.REVERSE_CHARGE, 0, "tax_reverse_charge", country)
    return _taxed(TaxKind.DESTINATION, rate, country, on)


def totals(lines: Sequence[Money], treatment: TaxTreatment) -> Totals:
    """Net, tax and total of an invoice's rounded net lines: tax once per rate, half up (rules 1), not per line.

    ValueError if there is no line, CurrencyMismatch if they are in several currencies.
    """
    if not lines:
        raise ValueError("An invoice has at least one line.")
    net = Money.sum(lines, lines[0].currency)
    tax = net.percent(treatment.rate_basis_points)
    return Totals(net, tax, net + tax, (TaxLine(treatment.rate_basis_points, net, tax),))


def percent_text(basis_points: int) -> str:
    """A rate as the API says it: "20.00" for 2000 basis points."""
    return f"{basis_points // 100}.{basis_points % 100:02d}"


def credit_tax(before: Totals, after: Totals) -> Money:
    """The tax that a credit note gives back: tax before less tax after, so that a full return closes to zero (rules 1).

    `before` and `after` are the totals of the invoice with all earlier credits taken off, without and with this one.
    ValueError if nothing is given back.
    """
    if after.net > before.net:
        raise ValueError("A credit note cannot make an invoice larger.")
    return before.tax - after.tax


def _rate_of(country: str, rates: Iterable[TaxRule], on: date) -> int | None:
    valid = [rule for rule in rates if rule.country == country and rule.valid_from <= on]
    return max(valid, key=lambda rule: rule.valid_from).rate_basis_points if valid else None


def _taxed(kind: TaxKind, rate: int | None, country: str, on: date) -> TaxTreatment:
    if rate is None:
        raise Refused("tax_rate_missing", params={"country": country, "on": on})
    return TaxTreatment(kind, rate, f"tax_{kind}", country)
