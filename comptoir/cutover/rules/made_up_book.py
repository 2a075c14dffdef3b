"""The small price book of a house that sells nothing yet. Amounts are minor units per seat and term, without tax."""

from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Term

SINCE = date(2010, 1, 1)  # before every period that a seed makes up
RESELLERS = (("S900", "Sculpt-Conseil Lyon"), ("S901", "Nord CAO"), ("S902", "Helvetica Systems"))


@dataclass(frozen=True, slots=True)
class MadeProduct:
    """A product, and what a seat costs for a year in euros (minor units)."""

    code: str
    name: str
    family: str
    kind: str
    year: int


@dataclass(frozen=True, slots=True)
class MadePrice:
    """The two prices of one term (rules 2)."""

    new: int
    renewal: int


PRODUCTS = (
    MadeProduct("SCLT", "Sculpt LT", "Sculpt", "desktop", 28_000),
    MadeProduct("SCPT", "Sculpt", "Sculpt", "desktop", 76_000),
    MadeProduct("PLAN", "Plan & Coupe", "Plan", "desktop", 42_000),
    MadeProduct("BATI", "Bâti", "Bâti", "desktop", 198_000),
    MadeProduct("TERR", "Terrain", "Terrain", "desktop", 54_000),
    MadeProduct("RNDR", "Rendu", "Rendu", "cloud", 36_000),
    MadeProduct("PART", "Partage", "Partage", "cloud", 12_000),
    MadeProduct("ATEL", "Atelier Complet", "Atelier", "suite", 264_000),
)
_HUNDREDTHS = {"EUR": 100, "CHF": 105, "GBP": 90, "USD": 110}  # of the price in euros
_TERMS = {Term.MONTH: (11, 100), Term.YEAR: (100, 100), Term.THREE_YEARS: (270, 100)}  # of the price of a year


def price_of(product: MadeProduct, term: Term, currency: str) -> MadePrice:
    """The prices of a term, rounded down to whole units; renewing is a tenth cheaper, but not by the month (rules 2)."""
    share, whole = _TERMS[term]
    new = product.year * share * _HUNDREDTHS[currency] // (whole * 100) // 100 * 100
    return MadePrice(new, new if term is Term.MONTH else new * 9 // 10)
