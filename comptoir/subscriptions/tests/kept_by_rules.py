"""A subscription as the actions would keep it, with nothing of its own: for tests of many commands in a row."""

from dataclasses import dataclass, field
from datetime import date

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    Buy,
    Candidate,
    LedgerEntry,
    NewPeriod,
    PaidPeriod,
    PlanState,
    PriceBook,
    PriceKind,
    PriceRow,
    RenewalPlan,
    RenewalState,
    SeatLine,
    SeatState,
    State,
    Wanted,
    plan_added_seats,
    plan_purchase,
    run_due,
)

from .day_by_day import Tag

TAGS = [
    Tag(since, term, new, renewal)
    for since, raised in ((date(2020, 1, 1), 0), (date(2025, 7, 1), 1111), (date(2026, 2, 15), 2347))
    for term, new, renewal in (
        ("month", 3499 + raised, 3499 + raised),
        ("year", 27999 + raised, 24990 + raised),
        ("3years", 75511 + raised, 67503 + raised),
    )
]
BOOK = PriceBook(
    "Sculpt LT",
    "EUR",
    tuple(PriceRow(Term(tag.term), tag.since, Money(tag.new, "EUR"), Money(tag.renewal, "EUR")) for tag in TAGS),
)


@dataclass
class Kept:
    """A subscription as actions would keep it: every amount, day and refusal comes from the rules."""

    term: Term
    now: int
    at_renewal: int
    anchor: int
    planned: Term | None = None
    automatic: bool = True
    periods: list[PaidPeriod] = field(default_factory=list)
    extensions: set[date] = field(default_factory=set)
    entries: list[LedgerEntry] = field(default_factory=list)
    lines: list[SeatLine] = field(default_factory=list)

    @property
    def last(self) -> PaidPeriod:
        return self.periods[-1]

    def plan(self, today: date) -> PlanState:
        return PlanState(
            seats_now=self.now,
            seats_at_renewal=self.at_renewal,
            term=self.last.term,
            renews_on=self.last.end,
            anchor_day=self.anchor,
            book=BOOK,
            planned_term=self.planned,
            automatic=self.automatic,
            paid_ahead=self.ahead(today),
        )

    def ahead(self, today: date) -> bool:
        return any(period.renewed and period.start > today for period in self.periods)

    def renewal(self, today: date, last_run: date) -> RenewalState:
        whole = [period for period in self.periods if period.start not in self.extensions]
        return RenewalState(self.plan(today), whole[-1].start, run_awaited=run_due(self.plan(today), last_run, today))

    def buy(self, today: date) -> None:
        plan = plan_purchase(BOOK, Buy(Wanted("sculpt-lt", self.term, "FR"), self.now), today)
        self.lines.append(plan.line)
        self.begin_with(plan.period, renewed=False)
        self.write(today)

    def add(self, count: int, today: date) -> None:
        price = BOOK.find(PriceKind.NEW, self.term, today)
        state = SeatState(self.now, self.at_renewal, tuple(self.periods), self.term, "EUR", price, "Sculpt LT", 1)
        plan = plan_added_seats(state, AddSeats(count), today)
        self.lines += plan.lines
        self.now, self.at_renewal = plan.seats_now_after, plan.seats_at_renewal_after
        self.write(today)

    def renewed(self, plan: RenewalPlan, today: date) -> None:
        self.lines += plan.lines
        self.begin_with(plan.period, renewed=True)
        self.at_renewal, self.anchor, self.planned = plan.seats_after, plan.anchor_after, None
        if plan.period.start <= today:
            self.now, self.term = plan.seats_after, plan.term_after
            self.write(plan.period.start)

    def begin_with(self, new: NewPeriod, *, renewed: bool) -> None:
        self.periods.append(PaidPeriod(new.start, new.end, new.days, new.term, new.price, renewed))

    def turn(self, today: date) -> None:
        """What `begin_period` does: a period that was renewed early begins."""
        for period in self.periods:
            if period.renewed and period.start == today and (self.now, self.term) != (self.at_renewal, period.term):
                self.now, self.term = self.at_renewal, period.term
                self.write(today)

    def write(self, on: date) -> None:
        latest = max([on, *(entry.on for entry in self.entries)])
        self.entries.append(LedgerEntry(len(self.entries) + 1, latest, self.now, self.at_renewal))

    def candidate(self, key: str, today: date, state: State) -> Candidate:
        changes = self.planned or (self.last.term if self.last.term != self.term else None)
        return Candidate(
            key=key,
            name=key,
            contract="K",
            state=state,
            term=self.term,
            method="card",
            ends_on=self.last.end,
            anchor_day=self.anchor,
            seats=self.at_renewal if self.ahead(today) else self.now,
            seats_at_renewal=self.at_renewal,
            book=BOOK,
            automatic=self.automatic,
            planned_term=changes,
        )
