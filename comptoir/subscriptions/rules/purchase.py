"""Buying seats of a product for a term from a day on, with the best promotion that holds. Source: rules 2 (seed P8, P13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Span, next_end
from comptoir.kernel.errors import Refused

from .prices import PriceBook, PriceKind, Promotion, UnitPrice, Wanted, discounted, promotions_for
from .renewal import NewPeriod
from .seats import MOST_SEATS_AT_ONCE, LineKind, SeatLine, term_line


@dataclass(frozen=True, slots=True)
class Buy:
    """The command: how many seats of what. `agreed` is the unit price of a quote that was accepted while it held."""

    wanted: Wanted
    seats: int
    agreed: UnitPrice | None = None


@dataclass(frozen=True, slots=True)
class PurchasePlan:
    """What a purchase charges and leaves behind: one line, the first period, the anchor of those to come."""

    line: SeatLine
    period: NewPeriod
    anchor_day: int
    seats: int


def plan_purchase(book: PriceBook, command: Buy, today: date, promotions: Iterable[Promotion] = ()) -> PurchasePlan:
    """Seats that work from `today`, for a full term at today's new price, less the best promotion (rules 2).

    A trial that is converted is bought the same way: its days are given, the term starts today. An agreed price takes
    no promotion but the one it was agreed with. Refused with `seats_out_of_range` (422, field `seats`),
    `price_missing`, `promotion_code_unknown`.
    """
    if not 1 <= command.seats <= MOST_SEATS_AT_ONCE:
        limits = {"least": 1, "most": MOST_SEATS_AT_ONCE, "given": command.seats}
        raise Refused("seats_out_of_range", params=limits, field="seats", status=422)
    term = command.wanted.term
    price = command.agreed or _price(book, command.wanted, today, promotions)
    days = Span(today, next_end(today, term, today.day))
    return PurchasePlan(
        line=term_line(LineKind.PURCHASE, command.seats, price, days, term),
        period=NewPeriod(days.start, days.end, days.days, term, price.price, price.kind),
        anchor_day=today.day,
        seats=command.seats,
    )


def _price(book: PriceBook, wanted: Wanted, today: date, promotions: Iterable[Promotion]) -> UnitPrice:
    listed = book.price(PriceKind.NEW, wanted.term, today)
    return discounted(listed, promotions_for(promotions, wanted, today))
