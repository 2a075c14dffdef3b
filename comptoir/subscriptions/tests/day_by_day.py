"""The plainest reading of rules 1 to 6, to hold the rules against: every paid day is a row, every amount a fraction.

Nothing here shares a line with the rules: dates are found by walking, prices by looking through a list, lapses by counting
days. Slow, and easy to believe.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

MONTHS = {"month": 1, "year": 12, "3years": 36}
ONE = timedelta(days=1)


class No(Exception):
    """The model would not do it."""


@dataclass(frozen=True)
class Tag:
    """A page of the price list: minor units."""

    since: date
    term: str
    new: int
    renewal: int


@dataclass
class Day:
    """One paid day: how many days its full term has, what a seat was sold at for that term, in which period it lies."""

    full: int
    seats: int
    price: int
    term: str
    begins: date
    renewed: bool
    extends: bool


def months_apart(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month


def on_anchor(day: date, anchor: int) -> bool:
    return day.day == anchor or (day.day < anchor and (day + ONE).day == 1)


def later(day: date, months: int, anchor: int) -> date:
    """The day so many calendar months on, found by walking."""
    found = day + ONE
    while not (months_apart(day, found) == months and on_anchor(found, anchor)):
        found += ONE
    return found


@dataclass
class Owned:
    """One subscription."""

    tags: list[Tag]
    anchor: int
    term: str
    now: int
    at_renewal: int
    planned: str | None = None
    automatic: bool = True
    paid: dict[date, Day] = field(default_factory=dict)
    exact: Fraction = Fraction(0)
    seat_days: int = 0

    def price(self, kind: str, term: str, on: date) -> int:
        return [getattr(tag, kind) for tag in self.tags if tag.term == term and tag.since <= on][-1]

    @property
    def end(self) -> date:
        return next(reversed(self.paid)) + ONE

    @property
    def last(self) -> Day:
        return next(reversed(self.paid.values()))

    def ahead(self, today: date) -> bool:
        for row in reversed(self.paid.values()):
            if row.begins <= today:
                return False
            if row.renewed:
                return True
        return False

    def begin(self, today: date) -> None:
        """A period paid ahead begins."""
        day = self.paid.get(today)
        if day and day.renewed and day.begins == today:
            self.now = self.at_renewal

    def state(self, today: date, awaited: bool = False) -> str:
        unpaid = (today - self.end).days
        if unpaid < 0:
            return "active"
        if unpaid < 15 or awaited:
            return "grace"
        return "suspended" if unpaid < 15 + (15 if self.last.term == "month" else 30) else "cancelled"

    def sell(self, day: date, seats: int, price: int, full: int) -> None:
        self.exact += Fraction(price * seats, full)
        self.seat_days += seats

    def cover(self, start: date, term: str, seats: list[tuple[int, int]], renewed: bool) -> None:
        """A full term from `start`: for each part, so many seats at such a price; the first price is the period's."""
        days, full = [start], 0
        end = later(start, MONTHS[term], self.anchor)
        while days[-1] + ONE < end:
            days.append(days[-1] + ONE)
        full = len(days)
        total = sum(count for count, _ in seats)
        for day in days:
            self.paid[day] = Day(full, total, seats[0][1], term, start, renewed, False)
            for count, price in seats:
                self.sell(day, count, price, full)

    def buy(self, today: date) -> None:
        self.cover(today, self.term, [(self.now, self.price("new", self.term, today))], False)

    def add(self, count: int, today: date) -> None:
        if today not in self.paid:
            raise No
        new = self.price("new", self.paid[today].term, today)
        for day, row in self.paid.items():
            if day >= today:
                ahead = row.renewed and row.begins > today
                self.sell(day, count, row.price if ahead else new, row.full)
                row.seats += count
        self.now += count
        self.at_renewal += count

    def plan_seats(self, count: int, today: date) -> None:
        if count < 1 or self.ahead(today):
            raise No
        self.at_renewal = count

    def plan_term(self, term: str) -> None:
        if term == self.last.term:
            self.planned = None
        elif self.automatic:
            self.planned = term
        else:
            raise No

    def renew(self, today: date, term: str | None, count: int | None, awaited: bool) -> None:
        state = self.state(today, awaited)
        if state == "cancelled" or self.ahead(today) or today < self._opens():
            raise No
        if count is not None:
            self.plan_seats(count, today)
        term = term or self.planned or self.last.term
        start = self.end
        if state == "suspended":
            start, self.anchor = today, today.day
        if state == "active":
            parts = self._in_time(term, today)
        elif state == "grace" and awaited:
            parts = self._in_time(term, start)
        else:
            parts = [(self.at_renewal, self.price("new", term, today))]
        self._renewed(start, term, parts, today)

    def run(self) -> None:
        term = self.planned or self.last.term
        self._renewed(self.end, term, self._in_time(term, self.end), self.end)

    def occurrence(self, common: date, anchor: int, term: str) -> date:
        day = self.end
        while not (months_apart(common, day) % MONTHS[term] == 0 and on_anchor(day, anchor)):
            day += ONE
        return day

    def extend(self, common: date, anchor: int, today: date) -> None:
        start, term = self.end, self.last.term
        new_end = self.occurrence(common, anchor, term)
        full = (later(start, MONTHS[term], self.anchor) - start).days
        price = self.price("renewal", term, today)
        seats = self.at_renewal if self.ahead(today) else self.now
        day = start
        while day < new_end:
            self.paid[day] = Day(full, seats, price, term, start, False, True)
            self.sell(day, seats, price, full)
            day += ONE
        self.anchor = anchor

    def _in_time(self, term: str, on: date) -> list[tuple[int, int]]:
        parts = [(min(self.now, self.at_renewal), self.price("renewal", term, on))]
        if self.at_renewal > self.now:
            parts.append((self.at_renewal - self.now, self.price("new", term, on)))
        return parts

    def _renewed(self, start: date, term: str, parts: list[tuple[int, int]], today: date) -> None:
        self.cover(start, term, parts, True)
        self.planned = None
        if start <= today:
            self.now = self.at_renewal

    def _opens(self) -> date:
        """The first day on which it can be renewed by hand: never before the period, an extension with what it extends."""
        day = self.end - ONE
        begins = self.paid[day].begins
        while self.paid[begins].extends:
            begins = self.paid[begins - ONE].begins
        if self.last.term == "month":
            return begins
        opens = self.end
        for _ in range(90):
            opens -= ONE
        return max(begins, opens)
