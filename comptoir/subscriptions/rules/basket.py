"""Several things bought at once: one line each, one code for all, one quote. Source: rules 2 (seed P8, P13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from hashlib import sha256

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .prices import PriceBook, Promotion, UnitPrice, Wanted
from .purchase import Buy, PurchasePlan, plan_purchase
from .quote import Quote
from .seats import SeatLine

MOST_WISHES = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """So many seats of a product, by its code, for a term."""

    product: str
    term: Term
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What is wished for, by whom, and all that its price is made of.

    `books` is by product code. `agreed` holds the unit prices of a price quote that still holds, one for each wish.
    """

    wishes: Sequence[Wish]
    books: Mapping[str, PriceBook]
    country: str
    promotions: Sequence[Promotion] = ()
    code: str = ""
    agreed: Sequence[UnitPrice] = ()


def merged(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    """The same wishes, those for the same product and term in one, in the order in which they came."""
    seats: dict[tuple[str, Term], int] = {}
    for wish in wishes:
        seats[wish.product, wish.term] = seats.get((wish.product, wish.term), 0) + wish.seats
    return tuple(Wish(product, term, number) for (product, term), number in seats.items())


def plan_basket(basket: Basket, today: date) -> tuple[PurchasePlan, ...]:
    """One purchase for each wish, in their order, each with the promotion that takes most off it (rules 2).

    A code that holds for some of it is enough. Refused with `basket_empty`, `basket_too_full`, `seats_out_of_range` (422),
    `price_missing`, and `promotion_code_unknown` (422) if the code holds for nothing in it.
    """
    if not basket.wishes:
        raise Refused("basket_empty")
    if len(basket.wishes) > MOST_WISHES:
        raise Refused("basket_too_full", params={"most": MOST_WISHES}, status=422)
    _refuse_unknown_code(basket, today)
    return tuple(_planned(basket, position, today) for position in range(len(basket.wishes)))


def _planned(basket: Basket, position: int, today: date) -> PurchasePlan:
    wish = basket.wishes[position]
    agreed = basket.agreed[position] if basket.agreed else None
    # a code that holds for another wish must not stand in the way of this one
    code = basket.code if _holds_for(basket, wish, today) else ""
    wanted = Wanted(wish.product, wish.term, basket.country, code)
    return plan_purchase(basket.books[wish.product], Buy(wanted, wish.seats, agreed), today, basket.promotions)


def _refuse_unknown_code(basket: Basket, today: date) -> None:
    if basket.code.strip() and not basket.agreed and not any(_holds_for(basket, wish, today) for wish in basket.wishes):
        raise Refused("promotion_code_unknown", params={"code": basket.code.strip()}, field="code", status=422)


def _holds_for(basket: Basket, wish: Wish, today: date) -> bool:
    typed = basket.code.strip().upper()
    return any(
        promotion.code.strip().upper() == typed
        and promotion.valid_from <= today <= promotion.valid_to
        and promotion.product in {None, wish.product}
        and promotion.term in {None, wish.term}
        and promotion.country in {None, basket.country}
        for promotion in basket.promotions
        if promotion.code
    )


def quote_of_lines(lines: Iterable[SeatLine], tax: Money, today: date) -> str:
    """The opaque text for lines that are to be bought: the same for the same day, lines and tax; else another.

    In which language a promotion is named does not count.
    """
    said = [astuple(replace(line, promotion="")) for line in lines], astuple(tax)
    return str(Quote(today, 1, sha256(repr(said).encode()).hexdigest()[:16]))
