"""What will be charged in the coming months, with all that is planned, if nothing changes. Source: rules 4 and 6."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from comptoir.kernel.calendar import Term, add_months
from comptoir.kernel.money import Money

from .prices import PriceBook
from .reason import Reason
from .renewal import NotRenewed, RenewalState, plan_automatic_renewal
from .seats import SeatLine

MONTHS_AHEAD = 12
_Row = tuple[date, int | None, int | None]  # valid from, new price, renewal price


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming renewal, or, with `ends`, the day on which the subscription ends instead and why. Without tax."""

    on: date
    lines: tuple[SeatLine, ...]
    net: Money
    seats: int
    ends: Reason | None = None


def coming_charges(state: RenewalState, today: date, months: int = MONTHS_AHEAD) -> tuple[Coming, ...]:
    """The automatic renewals due from today up to the same day `months` later, at the prices that the book knows.

    The first as planned, the later ones alike. What does not renew by itself ends: `seats_end`, or `price_missing`.
    A renewal that is late stands on its own day, in the past; one on an open invoice is charged already.
    """
    until = add_months(today, months, today.day)
    found: list[Coming] = []
    while state.plan.renews_on < until:
        charge, after = _next(state)
        found.append(charge)
        if after is None:
            break
        state = after
    return tuple(found)


def by_day(charges: Iterable[Coming], currency: str) -> dict[date, Money]:
    """What is charged on each day, the earliest first: for a calendar over many subscriptions of one currency."""
    days: dict[date, list[Money]] = {}
    for charge in charges:
        if charge.ends is None:
            days.setdefault(charge.on, []).append(charge.net)
    return {day: Money.sum(days[day], currency) for day in sorted(days)}


class ChargesOfMany:
    """What `coming_charges` says of thousands of subscriptions, added up: minor units, in a small part of its time.

    Of those that renew on the same days with the same term and product, the days and prices are found once, and the seats
    multiplied: a full term costs its price, to the minor unit, so nothing is rounded.
    """

    def __init__(self, books: Mapping[int, PriceBook], today: date, months: int = MONTHS_AHEAD) -> None:
        self.until = add_months(today, months, today.day)
        self._rows = {pk: _by_term(book) for pk, book in books.items()}
        self._days: dict[tuple[str, date, int], Sequence[date]] = {}

    def charges(
        self, product: int, term: str, renews_on: date, anchor_day: int, kept: int, raised: int
    ) -> tuple[Sequence[tuple[date, int]], date | None]:
        """What is charged on which days, and the day on which it ends, as the book has no renewal price for it.

        `term` is that of the next renewal; `kept` seats pay its renewal price, those `raised` the new price the first time.
        """
        rows, found, seats = self._rows[product].get(term, ()), list[tuple[date, int]](), kept + raised
        for on in self._renewals(term, renews_on, anchor_day):
            new, renewal = _valid(rows, on)
            if renewal is None:
                return found, on
            if found:
                found.append((on, renewal * seats))
            elif new is None:
                seats = kept  # the others have no price: they are not raised
                found.append((on, renewal * kept))
            else:
                found.append((on, renewal * kept + new * raised))
        return found, None

    def _renewals(self, term: str, renews_on: date, anchor_day: int) -> Sequence[date]:
        key = term, renews_on, anchor_day
        if key not in self._days:
            days, months = [renews_on], Term(term).months
            while (after := add_months(days[-1], months, anchor_day)) < self.until:
                days.append(after)
            self._days[key] = days if renews_on < self.until else ()
        return self._days[key]


def _by_term(book: PriceBook) -> Mapping[str, Sequence[_Row]]:
    """The prices of each term, the newest first: valid from, new, renewal."""
    found: dict[str, list[_Row]] = {}
    for row in sorted(book.rows, key=lambda row: row.valid_from, reverse=True):
        minors = row.new.minor if row.new else None, row.renewal.minor if row.renewal else None
        found.setdefault(row.term.value, []).append((row.valid_from, *minors))
    return found


def _valid(rows: Sequence[_Row], on: date) -> tuple[int | None, int | None]:
    for since, new, renewal in rows:
        if since <= on:
            return new, renewal
    return None, None


def _next(state: RenewalState) -> tuple[Coming, RenewalState | None]:
    plan = state.plan
    nothing = Money.zero(plan.book.currency)
    if not plan.automatic:
        facts = {"on": plan.renews_on, "seats": plan.seats_now}
        return Coming(plan.renews_on, (), nothing, plan.seats_now, Reason("seats_end", facts)), None
    done = plan_automatic_renewal(state, plan.renews_on)
    if isinstance(done, NotRenewed):
        return Coming(done.on, (), nothing, plan.seats_now, done.reason), None
    after = replace(
        plan,
        seats_now=done.seats_after,
        seats_at_renewal=done.seats_after,
        term=done.term_after,
        planned_term=None,
        renews_on=done.period.end,
        paid_ahead=False,
    )
    return Coming(plan.renews_on, done.lines, done.net, done.seats_after), RenewalState(after, done.period.start)
