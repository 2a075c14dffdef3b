"""The price book of one product, and promotions: which price a seat has on which day. Source: rules 2 (seed P8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money


class PriceKind(StrEnum):
    """Which of the two prices of the book a seat has."""

    NEW = "new"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Both prices of a term, per seat and full term, from a day on. None: not sold, or not renewed."""

    term: Term
    valid_from: date
    new: Money | None
    renewal: Money | None


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices of one product in one currency, in any order."""

    product_name: str
    currency: str
    rows: tuple[PriceRow, ...]

    def find(self, kind: PriceKind, term: Term, on: date) -> Money | None:
        """The price of that kind valid on `on`; None where the book has none. The newest row counts, even if it has none."""
        valid = [row for row in self.rows if row.term == term and row.valid_from <= on]
        if not valid:
            return None
        row = max(valid, key=lambda row: row.valid_from)
        return row.new if kind == PriceKind.NEW else row.renewal

    def price(self, kind: PriceKind, term: Term, on: date) -> Money:
        """As `find`. Refused with `price_missing` where the book has none: a price is never guessed."""
        found = self.find(kind, term, on)
        if found is None:
            raise Refused("price_missing", params={"product": self.product_name, "currency": self.currency})
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Less than the new price on the days `[valid_from, valid_to]`: basis points (1500 is 15 %) or an amount per seat.

    `name` tells it apart and is printed. What is None is not narrowed. With a `code` it holds for whoever gives the code.
    """

    name: str
    valid_from: date
    valid_to: date
    percent_basis_points: int | None = None
    amount: Money | None = None
    product: str | None = None
    term: Term | None = None
    country: str | None = None
    code: str = ""

    def off(self, price: Money) -> Money:
        """What it takes off the price of a seat: rounded half up to the minor unit, never more than the price.

        An amount in another currency takes nothing off.
        """
        if self.percent_basis_points is not None:
            return min(price, price.percent(self.percent_basis_points))
        if self.amount is None or self.amount.currency != price.currency:
            return Money.zero(price.currency)
        return min(price, self.amount)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is bought or added to, by whom, and the code that was typed: what promotions are narrowed by."""

    product: str
    term: Term
    country: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What a seat costs: `price`, and if a promotion made it less, what it was and which. No promotion: `listed` is None."""

    price: Money
    kind: PriceKind
    listed: Money | None = None
    promotion: str = ""


def promotions_for(promotions: Iterable[Promotion], wanted: Wanted, on: date) -> tuple[Promotion, ...]:
    """The promotions that hold for what is wanted, on a day (rules 2). A code counts in any case, spaces around it don't.

    Refused with `promotion_code_unknown` (422, field `code`) if a code was typed and holds for none of it: nobody pays
    more than expected without being told.
    """
    code = _typed(wanted.code)
    found = tuple(promotion for promotion in promotions if _holds(promotion, wanted, code, on))
    if code and not any(promotion.code for promotion in found):
        raise Refused("promotion_code_unknown", params={"code": wanted.code.strip()}, field="code", status=422)
    return found


def discounted(listed: Money, promotions: Iterable[Promotion]) -> UnitPrice:
    """The new price of a seat after the one promotion that takes most off it (rules 2: once per line).

    The rounded discount is taken off the unit price, so that a line's amount is still its unit price times seats and
    days. Of promotions that take the same off, one without a code wins, then the first by name.
    """
    ranked = sorted(promotions, key=lambda promotion: (-promotion.off(listed).minor, bool(promotion.code), promotion.name))
    best = ranked[0] if ranked else None
    if best is None or not best.off(listed).minor:
        return UnitPrice(listed, PriceKind.NEW)
    return UnitPrice(listed - best.off(listed), PriceKind.NEW, listed, best.name)


def _holds(promotion: Promotion, wanted: Wanted, code: str, on: date) -> bool:
    return (
        promotion.valid_from <= on <= promotion.valid_to
        and promotion.product in {None, wanted.product}
        and promotion.term in {None, wanted.term}
        and promotion.country in {None, wanted.country}
        and (not promotion.code or _typed(promotion.code) == code)
    )


def _typed(code: str) -> str:
    return code.strip().upper()
