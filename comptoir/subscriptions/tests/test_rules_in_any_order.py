from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term, add_days, days_between
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    PaidPeriod,
    PriceKind,
    RenewalPlan,
    RenewByHand,
    State,
    coming_charges,
    plan_alignment,
    plan_automatic_renewal,
    plan_renewal_by_hand,
    plan_term,
    run_due,
)
from tests.depth import times

from .kept_by_rules import BOOK, Kept

terms = st.sampled_from(list(Term))
START = date(2025, 1, 1)


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


@settings(max_examples=times(40, 1000))
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
