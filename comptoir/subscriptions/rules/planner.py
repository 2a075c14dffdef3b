"""Every possible common date beside the others: what is paid now, at the next renewals, over 12 months. Source: rules 5.

A customer may have 1,000 subscriptions with as many dates, a million extensions. Each is rounded as its line will be
(`alignment.extend_to`), so all are computed; what makes it fast is that subscriptions in the order of their ends share their
new end in long runs, and that a run is summed at once.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from comptoir.kernel.calendar import add_months, days_in_term
from comptoir.kernel.money import Money

from .alignment import Candidate, CommonDate, first_occurrence, possible_dates
from .prices import PriceKind

_AHEAD_MONTHS = 12


@dataclass(frozen=True, slots=True)
class DateOption:
    """One possible common date, without tax. `common` None: what is paid if nothing is aligned.

    `at_renewal` sums the next renewal of each; `twelve_months` all that is paid from today up to the same day next
    year, `now` included. What does not renew automatically is in neither but for its extension.
    """

    common: CommonDate | None
    now: Money
    at_renewal: Money
    twelve_months: Money
    together_on: date | None


def date_options(candidates: Sequence[Candidate], today: date) -> tuple[DateOption, ...]:
    """First the option to leave all as it is, then every possible date, the earliest first; the last is the default.

    The candidates match (`alignment.match_candidates`) and are active. Prices are those valid on each renewal's day as the book
    knows them; a renewal without a price counts for nothing. Refused with `price_missing` if an extension has none.
    """
    table = _Table(candidates, today)
    as_it_is = _Tally(0, tuple(table.unaligned()))
    known: dict[CommonDate, _Tally] = {}  # dates a whole number of terms apart come to the same
    found = []
    for common in possible_dates(table.candidates):
        first = CommonDate(first_occurrence(common, table.term, table.ends[0]), common.anchor_day)
        if first not in known:
            runs = tuple(table.runs(first))
            known[first] = _Tally(sum(table.extensions(run) for run in runs), runs)
        found.append((common, known[first]))
    table.sum_renewals([as_it_is, *known.values()])
    return (_option(None, as_it_is, table.currency), *(_option(common, tally, table.currency) for common, tally in found))


@dataclass(frozen=True, slots=True)
class _Run:
    """The candidates `[low, high)` in the order of their ends, which all end on `day` and renew with that anchor."""

    low: int
    high: int
    day: date
    anchor_day: int


@dataclass(slots=True)
class _Tally:
    now: int
    runs: tuple[_Run, ...]
    next: int = 0
    year: int = 0


class _Table:
    """The candidates in the order of their ends, with what each line needs as whole numbers."""

    def __init__(self, candidates: Sequence[Candidate], today: date) -> None:
        self.candidates = sorted(candidates, key=lambda one: one.ends_on)
        self.term, self.currency = self.candidates[0].term, self.candidates[0].book.currency
        self.ends = [one.ends_on for one in self.candidates]
        self.horizon = add_months(today, _AHEAD_MONTHS, today.day)
        # round(x * days / d), half up, is (2 * x * (day - end) + d) // (2 * d): here (a * day + b) // c
        self.lines: list[tuple[int, int, int]] = []
        prices = {id(one.book): one.book.price(PriceKind.RENEWAL, self.term, today).minor for one in self.candidates}
        for one in self.candidates:
            amount = prices[id(one.book)] * one.seats
            days = days_in_term(one.ends_on, self.term, one.anchor_day)
            self.lines.append((2 * amount, days - 2 * amount * self._count(one.ends_on), 2 * days))

    def runs(self, common: CommonDate) -> Iterator[_Run]:
        """Where each ends if all take that date, which lies on or after the first end and less than a term after it."""
        low, steps = 0, 0
        while low < len(self.ends):
            day = add_months(common.day, steps * self.term.months, common.anchor_day)
            high = bisect_right(self.ends, day, lo=low)
            if high > low:
                yield _Run(low, high, day, common.anchor_day)
            low, steps = high, steps + 1

    def unaligned(self) -> Iterator[_Run]:
        """Each as it is."""
        for place, one in enumerate(self.candidates):
            yield _Run(place, place + 1, one.ends_on, one.anchor_day)

    def extensions(self, run: _Run) -> int:
        """What the extensions of a run cost in all, in minor units: each rounded as its own line."""
        day = self._count(run.day)
        return sum([(a * day + b) // c for a, b, c in self.lines[run.low : run.high]])

    def sum_renewals(self, tallies: Sequence[_Tally]) -> None:
        """Add to each tally its next renewals and those up to the horizon, walking through the days once."""
        wanted = sorted(self._renewals(tallies), key=lambda one: one.day)
        changes = _price_days(self.candidates)
        first, later = [0] * len(self.ends), [0] * len(self.ends)
        reached = 0
        for renewal in wanted:
            while reached < len(changes) and changes[reached][0] <= renewal.day:
                day, place = changes[reached]
                first[place], later[place] = _amounts(self.candidates[place], day)
                reached += 1
            amounts = first if renewal.is_first else later
            amount = sum(amounts[renewal.low : renewal.high])
            if renewal.is_first:
                renewal.tally.next += amount
            if renewal.day < self.horizon:
                renewal.tally.year += amount

    def _renewals(self, tallies: Sequence[_Tally]) -> Iterator["_Renewal"]:
        for tally in tallies:
            for run in tally.runs:
                yield _Renewal(run.day, tally, run.low, run.high, True)
                steps, day = 1, add_months(run.day, self.term.months, run.anchor_day)
                while day < self.horizon:
                    yield _Renewal(day, tally, run.low, run.high, False)
                    steps, day = steps + 1, add_months(run.day, (steps + 1) * self.term.months, run.anchor_day)

    def _count(self, day: date) -> int:
        return day.toordinal() - self.ends[0].toordinal()


@dataclass(frozen=True, slots=True)
class _Renewal:
    day: date
    tally: _Tally = field(compare=False)
    low: int
    high: int
    is_first: bool


def _price_days(candidates: Sequence[Candidate]) -> list[tuple[date, int]]:
    """The days on which the amount of some candidate changes, with its place; each has one before all renewals."""
    days: dict[int, list[date]] = {}
    for one in candidates:
        if id(one.book) not in days:
            days[id(one.book)] = sorted({row.valid_from for row in one.book.rows if row.term == one.term})
    return sorted((day, place) for place, one in enumerate(candidates) for day in days[id(one.book)])


def _amounts(one: Candidate, on: date) -> tuple[int, int]:
    """What its next renewal, and each later one, costs at the prices of a day, in minor units; 0 where it won't renew."""
    renewal = one.book.find(PriceKind.RENEWAL, one.term, on)
    if renewal is None or not one.automatic:
        return 0, 0
    raised = max(0, one.seats_at_renewal - one.seats)
    new = one.book.find(PriceKind.NEW, one.term, on) if raised else None
    if new is None:
        kept = min(one.seats, one.seats_at_renewal)
        return renewal.minor * kept, renewal.minor * kept
    return renewal.minor * one.seats + new.minor * raised, renewal.minor * one.seats_at_renewal


def _option(common: CommonDate | None, tally: _Tally, currency: str) -> DateOption:
    now, renewals, year = (Money(minor, currency) for minor in (tally.now, tally.next, tally.now + tally.year))
    return DateOption(common, now, renewals, year, None if common is None else tally.runs[-1].day)
