from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term, days_in_term, next_end
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import CurrencyMismatch, Money
from comptoir.subscriptions.rules import (
    MOST_SEATS_AT_ONCE,
    AddSeats,
    LineKind,
    PaidPeriod,
    Reason,
    SeatPlan,
    SeatState,
    plan_added_seats,
)

YEAR_2025 = PaidPeriod(date(2025, 1, 1), date(2026, 1, 1), 365, Term.YEAR, Money(25000, "EUR"), renewed=True)
YEAR_2026 = PaidPeriod(date(2026, 1, 1), date(2027, 1, 1), 365, Term.YEAR, Money(25000, "EUR"), renewed=True)
STATE = SeatState(
    seats_now=4,
    seats_at_renewal=4,
    periods=(YEAR_2025,),
    term=Term.YEAR,
    currency="EUR",
    new_price=Money(28000, "EUR"),
    product_name="Sculpt LT",
    version=7,
)
OCTOBER = date(2025, 10, 1)


def one_period(start: date, end: date, term: Term, price: Money) -> SeatState:
    days = days_in_term(start, term, max(start.day, end.day))
    period = PaidPeriod(start, end, days, term, None, renewed=False)
    return replace(STATE, periods=(period,), term=term, currency=price.currency, new_price=price)


def add(state: SeatState, seats: int, today: date = OCTOBER) -> SeatPlan:
    return plan_added_seats(state, AddSeats(seats), today)


@pytest.mark.parametrize(
    ("term", "currency", "price", "seats", "start", "end", "today", "days", "denominator", "net"),
    [
        (Term.YEAR, "EUR", "280.00", 2, date(2025, 1, 1), date(2026, 1, 1), date(2025, 10, 1), 92, 365, "141.15"),
        (Term.YEAR, "EUR", "280.00", 1, date(2024, 1, 1), date(2025, 1, 1), date(2024, 2, 29), 307, 366, "234.86"),
        (
            Term.THREE_YEARS,
            "EUR",
            "755.00",
            5,
            date(2024, 3, 15),
            date(2027, 3, 15),
            date(2025, 9, 15),
            546,
            1095,
            "1882.33",
        ),
        (Term.MONTH, "EUR", "35.00", 3, date(2025, 1, 31), date(2025, 2, 28), date(2025, 2, 10), 18, 28, "67.50"),
        (Term.YEAR, "JPY", "42000", 2, date(2025, 1, 1), date(2026, 1, 1), date(2025, 10, 1), 92, 365, "21173"),
    ],
    ids=["year", "leap year", "3 years", "month, anchor 31", "yen"],
)
def test_new_seats_pay_for_the_days_left(
    term: Term,
    currency: str,
    price: str,
    seats: int,
    start: date,
    end: date,
    today: date,
    days: int,
    denominator: int,
    net: str,
) -> None:
    state = one_period(start, end, term, Money.parse(price, currency))
    plan = add(state, seats, today)
    (line,) = plan.lines
    assert (line.kind, line.quantity, line.days, line.denominator) == (LineKind.RUNNING, seats, days, denominator)
    assert (str(line.unit_price), line.term, line.start, line.end) == (price, term, today, end)
    assert plan.net == line.net == Money.parse(net, currency)
    assert plan.ends_on == end


def test_an_extension_by_alignment_is_a_line_of_its_own_over_its_stored_denominator() -> None:
    running = PaidPeriod(date(2024, 4, 10), date(2025, 4, 10), 365, Term.YEAR, Money(25000, "EUR"), renewed=False)
    extension = PaidPeriod(date(2025, 4, 10), date(2025, 12, 15), 365, Term.YEAR, Money(25000, "EUR"), renewed=False)
    plan = add(replace(STATE, periods=(extension, running)), 1, date(2025, 2, 1))
    said = [(line.kind, line.days, line.denominator, str(line.net), line.start, line.end) for line in plan.lines]
    assert said == [
        (LineKind.RUNNING, 68, 365, "52.16", date(2025, 2, 1), date(2025, 4, 10)),
        (LineKind.EXTENSION, 249, 365, "191.01", date(2025, 4, 10), date(2025, 12, 15)),
    ]
    assert str(plan.net) == "243.17"
    assert plan.ends_on == date(2025, 12, 15)


def test_the_arithmetic_that_the_pages_say_in_words() -> None:
    plan = add(STATE, 3, date(2025, 8, 11))
    line = plan.lines[0]
    assert (line.quantity, str(line.unit_price), line.days, line.denominator, str(line.net)) == (
        3,
        "280.00",
        143,
        365,
        "329.10",
    )


def test_a_period_renewed_early_is_paid_at_the_price_it_was_renewed_at() -> None:
    plan = add(replace(STATE, periods=(YEAR_2025, YEAR_2026)), 2)
    running, renewed = plan.lines
    assert (running.kind, str(running.net)) == (LineKind.RUNNING, "141.15")
    assert (renewed.kind, str(renewed.unit_price), renewed.days, str(renewed.net)) == (
        LineKind.RENEWED,
        "250.00",
        365,
        "500.00",
    )
    assert str(plan.net) == "641.15"
    assert plan.ends_on == date(2027, 1, 1)


def test_a_renewal_for_another_term_keeps_its_own_term_and_price() -> None:
    ahead = PaidPeriod(date(2026, 1, 1), date(2029, 1, 1), 1096, Term.THREE_YEARS, Money(67500, "EUR"), renewed=True)
    line = add(replace(STATE, periods=(YEAR_2025, ahead)), 1).lines[1]
    assert (line.term, str(line.unit_price), str(line.net)) == (Term.THREE_YEARS, "675.00", "675.00")


def test_a_running_period_costs_the_new_price_though_it_was_renewed() -> None:
    assert YEAR_2025.renewed
    assert str(add(STATE, 1).lines[0].unit_price) == "280.00"


def test_today_counts_from_the_first_day_to_the_last() -> None:
    first, last = add(STATE, 1, date(2025, 1, 1)), add(STATE, 1, date(2025, 12, 31))
    assert (first.lines[0].days, str(first.net)) == (365, "280.00")
    assert (last.lines[0].days, str(last.net)) == (1, "0.77")


def test_periods_that_are_over_are_not_charged() -> None:
    over = PaidPeriod(date(2024, 1, 1), date(2025, 1, 1), 366, Term.YEAR, None, renewed=False)
    assert len(add(replace(STATE, periods=(over, YEAR_2025)), 1).lines) == 1


def test_an_imported_period_may_have_no_price_of_its_own() -> None:
    imported = replace(YEAR_2025, price=None, renewed=False)
    assert str(add(replace(STATE, periods=(imported,)), 2).net) == "141.15"


def test_a_plan_of_fewer_seats_is_kept_as_a_difference() -> None:
    plan = add(replace(STATE, seats_at_renewal=3), 2)
    assert (plan.seats_now_after, plan.seats_at_renewal_after) == (6, 5)
    assert plan.warnings == (Reason("plan_kept", {"now": 6, "at_renewal": 5}),)


def test_without_a_plan_all_seats_renew_together() -> None:
    plan = add(STATE, 2)
    assert (plan.seats_now_after, plan.seats_at_renewal_after) == (6, 6)
    assert plan.warnings == ()


def test_automatic_renewal_off_blocks_nothing_but_says_when_all_end() -> None:
    plan = add(replace(STATE, automatic_renewal=False, seats_at_renewal=3), 2)
    assert str(plan.net) == "141.15"
    assert plan.warnings[0] == Reason("seats_end", {"on": date(2026, 1, 1), "seats": 6})
    assert [warning.code for warning in plan.warnings] == ["seats_end", "plan_kept"]


@pytest.mark.parametrize("seats", [0, -1, MOST_SEATS_AT_ONCE + 1])
def test_a_number_of_seats_out_of_range_is_refused_on_its_field(seats: int) -> None:
    with pytest.raises(Refused) as refusal:
        add(STATE, seats)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("seats_out_of_range", "add", 422)
    assert refusal.value.params == {"least": 1, "most": 100_000, "given": seats}


@pytest.mark.parametrize("seats", [1, MOST_SEATS_AT_ONCE])
def test_the_least_and_the_most_seats_are_accepted(seats: int) -> None:
    assert add(STATE, seats).seats_now_after == 4 + seats


@pytest.mark.parametrize(
    ("periods", "today"),
    [
        ((), OCTOBER),
        ((YEAR_2025,), date(2026, 1, 1)),
        ((YEAR_2025,), date(2024, 12, 31)),
        ((YEAR_2026,), OCTOBER),
    ],
    ids=["none", "on the renewal day", "before the first", "only one ahead"],
)
def test_a_day_that_is_not_paid_takes_no_seats(periods: tuple[PaidPeriod, ...], today: date) -> None:
    with pytest.raises(Refused) as refusal:
        add(replace(STATE, periods=periods), 1, today)
    assert (refusal.value.code, refusal.value.status) == ("no_paid_period", 409)
    assert refusal.value.params == {"on": today}


def test_the_range_is_checked_before_anything_else() -> None:
    with pytest.raises(Refused) as refusal:
        add(replace(STATE, periods=(), new_price=None), 0)
    assert refusal.value.code == "seats_out_of_range"


@pytest.mark.parametrize(
    "state",
    [
        replace(STATE, new_price=None),
        replace(STATE, periods=(YEAR_2025, replace(YEAR_2026, price=None))),
        replace(STATE, new_price=None, periods=(YEAR_2025, YEAR_2026)),
    ],
    ids=["no new price", "renewed at a price not known", "only the renewal has one"],
)
def test_a_missing_price_is_never_guessed(state: SeatState) -> None:
    with pytest.raises(Refused) as refusal:
        add(state, 1)
    assert (refusal.value.code, refusal.value.status) == ("price_missing", 409)
    assert refusal.value.params == {"product": "Sculpt LT", "currency": "EUR"}


def test_a_price_in_another_currency_is_a_bug_not_a_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        add(replace(STATE, new_price=Money(42000, "JPY")), 1)


starts = st.dates(date(2000, 1, 1), date(2100, 1, 1))
prices = st.integers(0, 10**8)


@given(starts, st.sampled_from(Term), prices, st.integers(1, 500), st.data())
def test_any_addition_costs_between_nothing_and_full_periods(
    start: date, term: Term, price: int, seats: int, data: st.DataObject
) -> None:
    end = next_end(start, term, start.day)
    later = next_end(end, term, start.day)
    periods = (
        PaidPeriod(start, end, (end - start).days, term, Money(price, "EUR"), renewed=False),
        PaidPeriod(end, later, (later - end).days, term, Money(price, "EUR"), renewed=True),
    )
    state = replace(STATE, periods=periods, term=term, new_price=Money(price, "EUR"))
    today = start + timedelta(days=data.draw(st.integers(0, (end - start).days - 1)))
    plan = add(state, seats, today)
    one_more = add(state, seats + 1, today)
    assert sum(line.days for line in plan.lines) == (later - today).days
    assert plan.net == Money.sum((line.net for line in plan.lines), "EUR")
    assert Money.zero("EUR") <= plan.net <= Money(price, "EUR") * seats * 2
    assert plan.net <= one_more.net
    assert add(state, seats, start).net == Money(price, "EUR") * seats * 2
    assert plan.seats_now_after - state.seats_now == plan.seats_at_renewal_after - state.seats_at_renewal == seats
