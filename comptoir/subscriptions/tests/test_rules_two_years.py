"""Two years of commands in any order, by the rules and by the model that counts every day and seat (`day_by_day.py`)."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from comptoir.kernel.calendar import Term, add_days, days_between
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    History,
    PaidPeriod,
    PastPeriod,
    RenewalPlan,
    RenewByHand,
    State,
    on_day,
    plan_alignment,
    plan_automatic_renewal,
    plan_renewal_by_hand,
    plan_seats,
    plan_term,
    run_due,
    state_of,
)

from .day_by_day import No, Owned
from .kept_by_rules import TAGS, Kept

START, YEARS = date(2025, 1, 1), 2
LAST = START.replace(year=START.year + YEARS)


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
    short = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(TwoYears, settings=short)


@pytest.mark.deep
def test_two_years_of_many_more_commands_come_to_what_counting_every_day_comes_to() -> None:
    deep = settings(max_examples=600, stateful_step_count=60, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(TwoYears, settings=deep)
