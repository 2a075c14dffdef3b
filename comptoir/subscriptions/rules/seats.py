"""Seats added in the middle of paid periods: one line per period still to run. Source: rules 3 (seed P2, P11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Span, Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .prices import PriceKind, Promotion, UnitPrice, discounted
from .reason import Reason

MOST_SEATS_AT_ONCE = 100_000


class LineKind(StrEnum):
    """What a line is for: a paid period that seats are added to, an extension, a renewal, a purchase.

    `RAISED` are the seats of a renewal above those of the day before it (rules 4).
    """

    RUNNING = "running"
    EXTENSION = "extension"
    RENEWED = "renewed"
    RENEWAL = "renewal"
    RAISED = "raised"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """One paid period `[start, end)`. `days` is its stored denominator, the days of the full term that it is part of.

    `price` is what a seat was sold at for that term (None: not known, from the old centre); `renewed` says that the
    period was bought by a renewal.
    """

    start: date
    end: date
    days: int
    term: Term
    price: Money | None
    renewed: bool


@dataclass(frozen=True, slots=True)
class SeatState:
    """What a subscription is when seats are added. `new_price` is valid today for `term`; None if the book has none.

    `seats_at_renewal` differs from `seats_now` by the pending plan. `version` counts the subscription's changes.
    `promotions` are those that hold for it today (`prices.promotions_for`).
    """

    seats_now: int
    seats_at_renewal: int
    periods: tuple[PaidPeriod, ...]
    term: Term
    currency: str
    new_price: Money | None
    product_name: str
    version: int
    automatic_renewal: bool = True
    promotions: tuple[Promotion, ...] = ()


@dataclass(frozen=True, slots=True)
class AddSeats:
    """The command: how many seats to add."""

    add: int


@dataclass(frozen=True, slots=True)
class SeatLine:
    """`quantity` seats x `unit_price` x `days` of `denominator` days = `net`, for the days `[start, end)`.

    `unit_price` is per seat and full `term`. The preview says it, the invoice carries it. `list_price` is what it was
    before the `promotion` of that name; None without one.
    """

    kind: LineKind
    quantity: int
    unit_price: Money
    days: int
    denominator: int
    start: date
    end: date
    net: Money
    term: Term
    price_kind: PriceKind = PriceKind.NEW
    list_price: Money | None = None
    promotion: str = ""


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """What adding seats charges and leaves behind: shown by the preview, stored by the action, never computed twice."""

    lines: tuple[SeatLine, ...]
    net: Money
    seats_now_after: int
    seats_at_renewal_after: int
    ends_on: date
    warnings: tuple[Reason, ...]


def term_line(kind: LineKind, quantity: int, price: UnitPrice, period: Span, term: Term) -> SeatLine:
    """The line of `quantity` seats for all days of a full term: its denominator is its own days (rules 1)."""
    return SeatLine(
        kind=kind,
        quantity=quantity,
        unit_price=price.price,
        days=period.days,
        denominator=period.days,
        start=period.start,
        end=period.end,
        net=price.price * quantity,
        term=term,
        price_kind=price.kind,
        list_price=price.listed,
        promotion=price.promotion,
    )


def plan_added_seats(state: SeatState, command: AddSeats, today: date) -> SeatPlan:
    """The lines for seats that work from `today`, which counts, to the end of all that is paid (rules 3).

    A pending plan of other seats is kept as a difference: 4, plan 3, +2 gives 6 now, 5 at renewal. Refused with
    `seats_out_of_range` (422), `no_paid_period` if no period covers today, `price_missing`.
    """
    if not 1 <= command.add <= MOST_SEATS_AT_ONCE:
        limits = {"least": 1, "most": MOST_SEATS_AT_ONCE, "given": command.add}
        raise Refused("seats_out_of_range", params=limits, field="add", status=422)
    to_run = _still_to_run(state.periods, today)
    lines = tuple(_line(state, period, command.add, today) for period in to_run)
    ends_on = to_run[-1].end
    return SeatPlan(
        lines=lines,
        net=Money.sum((line.net for line in lines), state.currency),
        seats_now_after=state.seats_now + command.add,
        seats_at_renewal_after=state.seats_at_renewal + command.add,
        ends_on=ends_on,
        warnings=_warnings(state, command, ends_on),
    )


def _still_to_run(periods: Sequence[PaidPeriod], today: date) -> list[PaidPeriod]:
    to_run = sorted((period for period in periods if today < period.end), key=lambda period: period.start)
    if not to_run or today < to_run[0].start:
        raise Refused("no_paid_period", params={"on": today})
    return to_run


def _line(state: SeatState, period: PaidPeriod, add: int, today: date) -> SeatLine:
    kind = _kind(period, today)
    listed = period.price if kind is LineKind.RENEWED else state.new_price
    if listed is None:
        raise Refused("price_missing", params={"product": state.product_name, "currency": state.currency})
    # a promotion is for new prices: never with the price that a period was renewed at
    renewed = UnitPrice(listed, PriceKind.RENEWAL)
    price = renewed if kind is LineKind.RENEWED else discounted(listed, state.promotions)
    days = Span(period.start, period.end).days_from(today)
    return SeatLine(
        kind=kind,
        quantity=add,
        unit_price=price.price,
        days=days,
        denominator=period.days,
        start=max(period.start, today),
        end=period.end,
        net=price.price.prorate(days, period.days, add),
        term=period.term,
        price_kind=price.kind,
        list_price=price.listed,
        promotion=price.promotion,
    )


def _kind(period: PaidPeriod, today: date) -> LineKind:
    # A renewal that has begun is simply the running period: its seats cost today's new price, as in any other.
    if period.start <= today:
        return LineKind.RUNNING
    return LineKind.RENEWED if period.renewed else LineKind.EXTENSION


def _warnings(state: SeatState, command: AddSeats, ends_on: date) -> tuple[Reason, ...]:
    warnings = []
    if not state.automatic_renewal:
        warnings.append(Reason("seats_end", {"on": ends_on, "seats": state.seats_now + command.add}))
    if state.seats_at_renewal != state.seats_now:
        seats = {"now": state.seats_now + command.add, "at_renewal": state.seats_at_renewal + command.add}
        warnings.append(Reason("plan_kept", seats))
    return tuple(warnings)
