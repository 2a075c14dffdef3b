"""Two years of commands in any order, by the rules and by the model that counts every day and seat (`day_by_day.py`)."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from comptoir.kernel.calendar import Term, add_days, days_between
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    Buy,
    Candidate,
    History,
    LedgerEntry,
    NewPeriod,
    PaidPeriod,
    PastPeriod,
    PlanState,
    PriceBook,
    PriceKind,
    PriceRow,
    RenewalPlan,
    RenewalState,
    RenewByHand,
    SeatLine,
    SeatState,
    State,
    Wanted,
    coming_charges,
    on_day,
    plan_added_seats,
    plan_alignment,
    plan_automatic_renewal,
    plan_purchase,
    plan_renewal_by_hand,
    plan_seats,
    plan_term,
    run_due,
    state_of,
)

from .day_by_day import No, Owned, Tag

START, YEARS = date(2025, 1, 1), 2
LAST = START.replace(year=START.year + YEARS)
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


def done(real: Callable[[], object], model: Callable[[], object]) -> None:
    """Both do it, or both refuse."""
    refused = None
    try:
        real()
    except Refused as refusal:
        refused = refusal.code
    try:
        model()
    except No:
        assert refused is not None, "the rules did what the model would not"
    else:
        assert refused is None, f"the rules refused what the model did: {refused}"


terms = st.sampled_from(list(Term))
which = st.integers(0, 2)


class TwoYears(RuleBasedStateMachine):
    """Three subscriptions, bought on three days, and a nightly run that may stand still for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.today = self.last_run = START
        self.stands_still = False
        self.waiting: list[date] = []  # days whose run has not come
        self.real: list[Kept] = []
        self.model: list[Owned] = []
        self.seen: list[dict[date, tuple[int, str]]] = [{}, {}, {}]

    @initialize(bought=st.lists(st.integers(0, 27), min_size=3, max_size=3), first=terms, seats=st.integers(1, 5))
    def buy(self, bought: list[int], first: Term, seats: int) -> None:
        for days, term in zip(bought, (first, Term.YEAR, Term.YEAR), strict=True):
            on = add_days(START, -days)
            self.real.append(Kept(term, seats, seats, on.day))
            self.model.append(Owned(TAGS, on.day, term.value, seats, seats))
            self.real[-1].buy(on)
            self.model[-1].buy(on)
        self.night()

    @rule(place=which, count=st.integers(1, 7))
    def add(self, place: int, count: int) -> None:
        done(lambda: self.real[place].add(count, self.today), lambda: self.model[place].add(count, self.today))

    @rule(place=which, count=st.integers(0, 9))
    def plan_seats(self, place: int, count: int) -> None:
        kept = self.real[place]

        def real() -> None:
            kept.at_renewal = plan_seats(kept.plan(self.today), count).seats_at_renewal
            kept.write(self.today)

        done(real, lambda: self.model[place].plan_seats(count, self.today))

    @rule(place=which, term=terms)
    def plan_term(self, place: int, term: Term) -> None:
        kept = self.real[place]

        def real() -> None:
            kept.planned = plan_term(kept.plan(self.today), term).planned_term

        done(real, lambda: self.model[place].plan_term(term.value))

    @rule(place=which, automatic=st.sampled_from([True, True, False]))
    def turn_automatic(self, place: int, automatic: bool) -> None:
        self.real[place].automatic = self.model[place].automatic = automatic

    @rule(place=which, term=st.none() | terms, count=st.none() | st.integers(0, 9))
    def renew(self, place: int, term: Term | None, count: int | None) -> None:
        kept, owned = self.real[place], self.model[place]
        state = kept.renewal(self.today, self.last_run)

        def real() -> None:
            before = kept.last.end
            kept.renewed(plan_renewal_by_hand(state, RenewByHand(term, count), self.today), self.today)
            self.forget(place, before)

        done(real, lambda: owned.renew(self.today, term and term.value, count, self.awaited(place)))

    @rule(places=st.sampled_from([[0, 1], [1, 2], [1, 2], [0, 1, 2], [2]]), pick=st.integers(0, 2))
    def align(self, places: list[int], pick: int) -> None:
        chosen = sorted(places)
        day = self.real[chosen[pick % len(chosen)]].last.end

        def real() -> None:
            candidates = [self.real[place].candidate(str(place), self.today, self.state(place)) for place in chosen]
            plan = plan_alignment(candidates, self.today, day)
            for extension in plan.extensions:
                kept, line = self.real[int(extension.candidate.key)], extension.line
                kept.anchor = plan.common.anchor_day
                if extension.charged:
                    kept.lines.append(line)
                    price = line.unit_price
                    kept.periods.append(PaidPeriod(line.start, line.end, line.denominator, line.term, price, renewed=False))
                    kept.extensions.add(line.start)

        done(real, lambda: self.align_by_day([self.model[place] for place in chosen], day))

    def align_by_day(self, chosen: list[Owned], day: date) -> None:
        if len(chosen) < 2 or any(self.today not in one.paid or one.planned for one in chosen):
            raise No
        if len({(one.paid[self.today].term, one.last.term) for one in chosen}) > 1 or any(
            one.paid[self.today].term != one.last.term for one in chosen
        ):
            raise No
        anchor = max(one.anchor for one in chosen if one.end == day)
        if all(one.anchor == anchor and one.occurrence(day, anchor, one.last.term) == one.end for one in chosen):
            raise No
        for one in chosen:
            one.extend(day, anchor, self.today)

    @precondition(lambda self: self.today < LAST)
    @rule(days=st.integers(1, 45))
    def wait(self, days: int) -> None:
        for _ in range(days):
            for place, owned in enumerate(self.model):
                self.seen[place][self.today] = (owned.now, owned.state(self.today))
            self.today = add_days(self.today, 1)
            self.night()

    @precondition(lambda self: self.today < LAST)
    @rule(place=which, after=st.integers(-92, 46))
    def wait_for_an_end(self, place: int, after: int) -> None:
        """To a day near a renewal date, where most can go wrong."""
        self.wait(min(500, max(1, days_between(self.today, self.real[place].last.end) + after)))

    @precondition(lambda self: self.today < LAST)
    @rule(place=which, late=st.integers(1, 60), then=st.sampled_from(["nothing", "by hand", "no longer automatic"]))
    def let_the_run_be_late(self, place: int, late: int, then: str) -> None:
        self.stands_still = True
        self.wait(min(500, max(1, days_between(self.today, self.real[place].last.end) + late)))
        if then == "by hand":
            self.renew(place, None, None)
        elif then == "no longer automatic":
            self.turn_automatic(place, False)
        self.stands_still = False
        self.wait(1)

    def night(self) -> None:
        for kept, owned in zip(self.real, self.model, strict=True):
            kept.turn(self.today)
            owned.begin(self.today)
        self.waiting.append(self.today)
        if not self.stands_still:
            self.run()

    def run(self) -> None:
        for place, kept in enumerate(self.real):
            while run_due(kept.plan(self.today), self.last_run, self.today):
                before = kept.last.end
                plan = plan_automatic_renewal(kept.renewal(self.today, self.last_run), self.today)
                assert isinstance(plan, RenewalPlan)
                kept.renewed(plan, self.today)
                self.forget(place, before)
        for day in self.waiting:
            for owned in self.model:
                if owned.automatic and owned.end == day:
                    owned.run()
        self.last_run, self.waiting = self.today, []

    def forget(self, place: int, since: date) -> None:
        """What was seen from that day on is seen anew: a late renewal covers days that had lapsed."""
        self.seen[place] = {day: what for day, what in self.seen[place].items() if day < since}

    def awaited(self, place: int) -> bool:
        return self.model[place].automatic and self.model[place].end in self.waiting

    def state(self, place: int) -> State:
        last = self.real[place].last
        return state_of(last.end, last.term, self.today, run_awaited=self.awaited(place))

    @invariant()
    def both_have_the_same_seats_term_and_end(self) -> None:
        for kept, owned in zip(self.real, self.model, strict=True):
            assert (kept.now, kept.at_renewal, kept.anchor) == (owned.now, owned.at_renewal, owned.anchor)
            assert (kept.last.end, kept.last.term, kept.planned) == (owned.end, owned.last.term, owned.planned)
            assert kept.ahead(self.today) == owned.ahead(self.today)
            if self.today in owned.paid:
                assert (owned.paid[self.today].seats, owned.paid[self.today].term) == (kept.now, kept.term)

    def teardown(self) -> None:
        self.both_have_paid_the_same_days_over_the_same_denominators()
        self.every_seat_and_day_is_paid_once_to_within_half_a_cent_a_line()
        self.any_past_day_is_told_as_it_was()

    def both_have_paid_the_same_days_over_the_same_denominators(self) -> None:
        for kept, owned in zip(self.real, self.model, strict=True):
            paid = {add_days(one.start, day): one.days for one in kept.periods for day in range(days_between(one.start, one.end))}
            assert paid == {day: row.full for day, row in owned.paid.items()}
            assert sum(days_between(one.start, one.end) for one in kept.periods) == len(paid)  # none twice

    def every_seat_and_day_is_paid_once_to_within_half_a_cent_a_line(self) -> None:
        for kept, owned in zip(self.real, self.model, strict=True):
            assert sum(line.quantity * line.days for line in kept.lines) == owned.seat_days
            assert owned.seat_days == sum(row.seats for row in owned.paid.values())
            charged = Money.sum((line.net for line in kept.lines), "EUR").minor
            assert abs(charged - owned.exact) <= Fraction(len(kept.lines), 2)

    @invariant()
    def both_stand_alike(self) -> None:
        for place, owned in enumerate(self.model):
            assert self.state(place).value == owned.state(self.today, self.awaited(place))

    def any_past_day_is_told_as_it_was(self) -> None:
        for kept, seen in zip(self.real, self.seen, strict=True):
            periods = tuple(PastPeriod(one.start, one.end, one.term, one.price) for one in kept.periods)
            history = History(tuple(kept.entries), periods)
            for day in seen:
                found = on_day(history, day)
                assert found is not None
                assert (found.seats, found.state.value) == seen[day]


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_two_years_of_any_commands_come_to_what_counting_every_day_comes_to() -> None:
    short = settings(max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(TwoYears, settings=short)


@pytest.mark.deep
@pytest.mark.skipif("COMPTOIR_DEEP" not in os.environ, reason="takes minutes; run by make deep")
def test_two_years_of_many_more_commands_come_to_what_counting_every_day_comes_to() -> None:
    deep = settings(max_examples=1500, stateful_step_count=80, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(TwoYears, settings=deep)


# --- one order or many, in either order --------------------------------------------------------------------------------


def bought(term: Term, seats: int = 4, on: date = START) -> Kept:
    kept = Kept(term, seats, seats, on.day)
    kept.buy(on)
    kept.lines.clear()
    return kept


def net(kept: Kept) -> Money:
    return Money.sum((line.net for line in kept.lines), "EUR")


@given(terms, st.integers(1, 40), st.integers(0, 27), st.booleans())
def test_orders_of_one_seat_cost_what_one_order_costs_but_for_half_a_cent_each(
    term: Term, count: int, days: int, ahead: bool
) -> None:
    one, many = bought(term), bought(term)
    today = add_days(START, days)
    for kept in (one, many):
        if ahead and term is Term.MONTH:
            kept.renewed(plan_renewal_by_hand(kept.renewal(today, today), RenewByHand(), today), today)
    one.add(count, today)
    for _ in range(count):
        many.add(1, today)
    # each line is at most half a cent off what it should be, the line of one order as well
    periods = len(one.lines) - (1 if ahead and term is Term.MONTH else 0)
    assert abs(net(one).minor - net(many).minor) * 2 <= periods * (count + 1)
    assert (one.now, one.at_renewal) == (many.now, many.at_renewal) == (4 + count, 4 + count)


@given(st.sampled_from([Term.MONTH, Term.THREE_YEARS]), st.integers(1, 9), st.integers(0, 364))
def test_a_change_of_term_and_an_added_seat_come_to_the_same_in_either_order(term: Term, count: int, days: int) -> None:
    today = add_days(START, days)
    first, second = bought(Term.YEAR), bought(Term.YEAR)
    first.planned = plan_term(first.plan(today), term).planned_term
    first.add(count, today)
    second.add(count, today)
    second.planned = plan_term(second.plan(today), term).planned_term
    for kept in (first, second):
        done = plan_automatic_renewal(kept.renewal(kept.last.end, kept.last.end), kept.last.end)
        assert isinstance(done, RenewalPlan)
        kept.renewed(done, kept.last.end)
    assert first.lines == second.lines
    assert (first.now, first.term, first.last) == (second.now, second.term, second.last)
    assert (first.now, first.term) == (4 + count, term)


@given(st.integers(1, 9), st.integers(0, 300), st.integers(1, 60))
def test_seats_added_after_aligning_pay_the_new_price_for_every_day_left(count: int, days: int, apart: int) -> None:
    today = add_days(START, days)
    one, other = bought(Term.YEAR), bought(Term.YEAR, on=add_days(START, -apart))
    plan = plan_alignment([one.candidate("a", today, State.ACTIVE), other.candidate("b", today, State.ACTIVE)], today)
    early = next(extension for extension in plan.extensions if extension.charged)
    line = early.line
    other.periods.append(PaidPeriod(line.start, line.end, line.denominator, line.term, line.unit_price, renewed=False))
    assert other.last.end == one.last.end == add_days(START, 365)
    other.add(count, today)
    new = BOOK.find(PriceKind.NEW, Term.YEAR, today)
    assert new is not None
    assert [one.unit_price for one in other.lines] == [new, new]
    assert sum(one.days for one in other.lines) == days_between(today, other.last.end)
    exact = sum(Fraction(one.unit_price.minor * one.quantity * one.days, one.denominator) for one in other.lines)
    assert abs(net(other).minor - exact) <= 1


@settings(max_examples=40)
@given(terms, st.none() | terms, st.integers(1, 9), st.integers(0, 27))
def test_what_is_foretold_for_twelve_months_is_what_is_charged(term: Term, planned: Term | None, seats: int, days: int) -> None:
    kept, today = bought(term), add_days(START, days)
    kept.at_renewal, kept.planned = seats, planned
    foretold = coming_charges(kept.renewal(today, today), today)
    charged, day, horizon = [], today, today.replace(year=today.year + 1)
    while day < horizon:
        if run_due(kept.plan(day), add_days(day, -1), day):
            plan = plan_automatic_renewal(kept.renewal(day, add_days(day, -1)), day)
            assert isinstance(plan, RenewalPlan)
            charged.append((day, plan.net, plan.seats_after))
            kept.renewed(plan, day)
        day += timedelta(days=1)
    assert [(one.on, one.net, one.seats) for one in foretold] == charged
