from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    LineKind,
    PaidPeriod,
    Pending,
    PlanChange,
    PlanField,
    PlanState,
    PriceBook,
    PriceKind,
    PriceRow,
    Reason,
    SeatState,
    Sitting,
    by_rank,
    compare_terms,
    pending_changes,
    plan_added_seats,
    plan_automatic,
    plan_seats,
    plan_term,
    planned,
    preview_plan,
    renewal_lines,
    who_stays,
    withdraw_plan,
)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


SEED = (
    PriceRow(Term.MONTH, date(2024, 1, 1), euros("35"), euros("35")),
    PriceRow(Term.YEAR, date(2024, 1, 1), euros("280"), euros("250")),
    PriceRow(Term.THREE_YEARS, date(2024, 1, 1), euros("755"), euros("675")),
)
BOOK = PriceBook("Sculpt LT", "EUR", SEED)
END = date(2026, 1, 1)
STATE = PlanState(seats_now=4, seats_at_renewal=4, term=Term.YEAR, renews_on=END, anchor_day=1, book=BOOK)


def net(state: PlanState, term: Term | None = None) -> str:
    return str(Money.sum((line.net for line in renewal_lines(state, state.renews_on, term)), "EUR"))


def test_the_table_of_the_seeds_product() -> None:
    assert net(STATE) == "1000.00"
    three_years = plan_term(STATE, Term.THREE_YEARS)
    assert net(three_years) == "2700.00"
    assert str(BOOK.price(PriceKind.NEW, Term.THREE_YEARS, END) * 4) == "3020.00"
    assert net(plan_seats(three_years, 3)) == "2025.00"
    assert net(plan_term(plan_seats(STATE, 3), Term.THREE_YEARS)) == "2025.00"


def test_the_renewal_is_one_line_for_a_full_term_from_the_old_end() -> None:
    (line,) = renewal_lines(plan_term(STATE, Term.THREE_YEARS), END)
    assert (line.kind, line.price_kind, line.quantity, line.unit_price) == (
        LineKind.RENEWAL,
        PriceKind.RENEWAL,
        4,
        euros("675"),
    )
    assert (line.start, line.end, line.days, line.denominator, line.term) == (END, date(2029, 1, 1), 1096, 1096, Term.THREE_YEARS)


def test_planned_seats_above_todays_pay_the_new_price_in_a_line_of_their_own() -> None:
    renewed, raised = renewal_lines(plan_seats(STATE, 6), END)
    assert (renewed.kind, renewed.quantity, str(renewed.net)) == (LineKind.RENEWAL, 4, "1000.00")
    assert (raised.kind, raised.price_kind, raised.quantity, str(raised.net)) == (LineKind.RAISED, PriceKind.NEW, 2, "560.00")
    assert (raised.start, raised.end) == (renewed.start, renewed.end)


def test_the_price_is_that_of_the_day_that_counts() -> None:
    dearer = replace(BOOK, rows=(*SEED, PriceRow(Term.YEAR, date(2025, 12, 1), euros("300"), euros("270"))))
    state = replace(STATE, book=dearer)
    assert str(renewal_lines(state, date(2025, 11, 30))[0].net) == "1000.00"
    assert str(renewal_lines(state, date(2025, 12, 1))[0].net) == "1080.00"


def test_an_added_seat_keeps_the_plan_as_a_difference() -> None:
    plan = plan_seats(STATE, 3)
    running = PaidPeriod(date(2025, 1, 1), END, 365, Term.YEAR, None, renewed=False)
    seats = SeatState(plan.seats_now, plan.seats_at_renewal, (running,), Term.YEAR, "EUR", euros("280"), "Sculpt LT", 1)
    added = plan_added_seats(seats, AddSeats(2), date(2025, 10, 1))
    assert (added.seats_now_after, added.seats_at_renewal_after) == (6, 5)


@pytest.mark.parametrize("seats", [0, -1])
def test_the_last_seat_is_not_planned_away(seats: int) -> None:
    with pytest.raises(Refused) as refusal:
        plan_seats(STATE, seats)
    assert (refusal.value.code, refusal.value.field) == ("last_seat", "seats")


def test_the_least_and_the_most_seats_can_be_planned() -> None:
    assert plan_seats(STATE, 1).seats_at_renewal == 1
    assert plan_seats(STATE, 100_004).seats_at_renewal == 100_004
    with pytest.raises(Refused) as refusal:
        plan_seats(STATE, 100_005)
    assert (refusal.value.code, refusal.value.status) == ("seats_out_of_range", 422)


def test_seats_that_are_paid_ahead_are_settled_but_term_and_automatic_can_be_planned() -> None:
    ahead = replace(STATE, paid_ahead=True)
    with pytest.raises(Refused) as refusal:
        plan_seats(ahead, 3)
    assert (refusal.value.code, refusal.value.params) == ("already_renewed", {"renews_on": END})
    assert plan_term(ahead, Term.MONTH).planned_term == Term.MONTH
    assert not plan_automatic(ahead, False).automatic


def test_a_term_is_not_planned_where_nothing_renews() -> None:
    off = plan_automatic(STATE, False)
    with pytest.raises(Refused) as refusal:
        plan_term(off, Term.MONTH)
    assert (refusal.value.code, refusal.value.params) == ("automatic_renewal_off", {"on": END})
    assert plan_term(off, Term.YEAR) == off


def test_a_term_without_a_renewal_price_on_that_day_is_not_planned() -> None:
    gone = replace(BOOK, rows=(*SEED, PriceRow(Term.MONTH, END, None, None)))
    with pytest.raises(Refused) as refusal:
        plan_term(replace(STATE, book=gone), Term.MONTH)
    assert refusal.value.code == "price_missing"


def test_planning_what_there_is_leaves_nothing_pending() -> None:
    assert plan_term(plan_term(STATE, Term.MONTH), Term.YEAR) == STATE
    assert plan_seats(plan_seats(STATE, 2), 4) == STATE
    assert pending_changes(STATE) == ()


def test_what_is_pending_is_told_field_by_field() -> None:
    state = plan_automatic(plan_term(plan_seats(STATE, 2), Term.MONTH), False)
    assert pending_changes(state) == (
        Pending(PlanField.SEATS, 4, 2),
        Pending(PlanField.TERM, Term.YEAR, Term.MONTH),
        Pending(PlanField.AUTOMATIC, True, False),
    )


@pytest.mark.parametrize("field", PlanField)
def test_withdrawing_one_change_leaves_the_others(field: PlanField) -> None:
    state = plan_automatic(plan_term(plan_seats(STATE, 2), Term.MONTH), False)
    left = {one.field for one in pending_changes(withdraw_plan(state, field))}
    assert left == set(PlanField) - {field}


@given(st.permutations(list(PlanField)), st.integers(1, 9), st.sampled_from(Term))
def test_no_change_erases_another_in_whatever_order(order: list[PlanField], seats: int, term: Term) -> None:
    steps = {
        PlanField.SEATS: lambda state: plan_seats(state, seats),
        PlanField.TERM: lambda state: plan_term(state, term),
        PlanField.AUTOMATIC: lambda state: plan_automatic(state, True),
    }
    state = STATE
    for field in order:
        state = steps[field](state)
    assert (state.seats_at_renewal, state.next_term, state.automatic) == (seats, term, True)


def test_one_command_changes_several_fields_and_can_turn_automatic_on_for_its_term() -> None:
    off = plan_seats(plan_automatic(STATE, False), 3)
    change = PlanChange(automatic=True, term=Term.MONTH, withdraw=frozenset({PlanField.SEATS}))
    after = planned(off, change)
    assert (after.seats_at_renewal, after.planned_term, after.automatic) == (4, Term.MONTH, True)
    assert planned(STATE, PlanChange()) == STATE
    assert planned(STATE, PlanChange(seats=9)).seats_at_renewal == 9


def test_terms_are_compared_by_what_they_cost_and_save() -> None:
    month, year, three = compare_terms(STATE)
    assert [(one.term, one.today, one.planned) for one in (month, year, three)] == [
        (Term.MONTH, False, False),
        (Term.YEAR, True, True),
        (Term.THREE_YEARS, False, False),
    ]
    assert [str(one.net) for one in (month, year, three)] == ["140.00", "1000.00", "2700.00"]
    assert [str(one.over_three_years) for one in (month, year, three)] == ["5040.00", "3000.00", "2700.00"]
    assert [str(one.per_year) for one in (month, year, three)] == ["1680.00", "1000.00", "900.00"]
    assert [str(one.saved_over_three_years) for one in (month, year, three)] == ["-2040.00", "0.00", "300.00"]
    assert [str(one.costs_more) for one in (month, year, three)] == ["2040.00", "0.00", "-300.00"]
    assert [str(one.saved_per_year) for one in (month, year, three)] == ["-680.00", "0.00", "100.00"]
    assert [str(one.bought_new) for one in (month, year, three)] == ["140.00", "1120.00", "3020.00"]


def test_raised_seats_pay_the_new_price_once_in_the_comparison() -> None:
    year = compare_terms(plan_seats(STATE, 6))[1]
    assert str(year.net) == "1560.00"
    assert str(year.over_three_years) == "4560.00"  # 1,560, then twice 6 x 250


def test_a_term_without_a_price_is_shown_without_one() -> None:
    no_three = replace(BOOK, rows=SEED[:2])
    month, _, three = compare_terms(replace(STATE, book=no_three))
    assert (three.net, three.per_year, three.saved_per_year, three.bought_new, three.lines) == (None, None, None, None, ())
    assert three.costs_more is None
    assert month.net is not None
    no_year = replace(BOOK, rows=(SEED[0], SEED[2]))
    month, year, three = compare_terms(replace(STATE, book=no_year))
    assert (str(month.net), month.saved_over_three_years, year.net) == ("140.00", None, None)
    assert str(three.over_three_years) == "2700.00"


def test_a_term_in_which_raised_seats_have_no_price_can_not_be_compared() -> None:
    no_new = replace(BOOK, rows=(PriceRow(Term.YEAR, date(2024, 1, 1), None, euros("250")), *SEED[2:]))
    _, year, _ = compare_terms(plan_seats(replace(STATE, book=no_new), 5))
    assert (year.net, year.lines) == (None, ())
    _, year, _ = compare_terms(replace(STATE, book=no_new))
    assert (str(year.net), year.bought_new) == ("1000.00", None)


def test_a_comparison_for_another_day_takes_its_prices() -> None:
    dearer = replace(BOOK, rows=(*SEED, PriceRow(Term.YEAR, date(2025, 12, 1), euros("300"), euros("270"))))
    state = replace(STATE, book=dearer)
    assert str(compare_terms(state)[1].net) == "1080.00"
    assert str(compare_terms(state, date(2025, 11, 1))[1].net) == "1000.00"


ANN = Sitting("Ann", date(2024, 1, 5), last_used_on=date(2025, 3, 1))
BOB = Sitting("Bob", date(2024, 1, 5), last_used_on=date(2025, 9, 1))
CYD = Sitting("Cyd", date(2024, 1, 1))
DAN = Sitting("Dan", date(2024, 6, 1))


def test_the_most_recently_used_seats_stay_then_the_earliest_given() -> None:
    assert by_rank([DAN, CYD, ANN, BOB]) == (BOB, ANN, CYD, DAN)
    assert who_stays([DAN, CYD, ANN, BOB], 2) == (BOB, ANN)
    assert who_stays([DAN], -1) == ()


def test_whom_the_manager_chose_comes_before_all() -> None:
    kept = replace(DAN, kept=True)
    assert by_rank([kept, CYD, ANN, BOB]) == (kept, BOB, ANN, CYD)


def test_fewer_seats_than_people_names_who_would_lose_access() -> None:
    preview = preview_plan(STATE, PlanChange(seats=2), [ANN, BOB, CYD, DAN])
    assert preview.losing == (CYD, DAN)
    facts = {"names": ("Cyd", "Dan"), "seats": 2, "on": END, "chosen": False}
    assert preview.warnings == (Reason("people_lose_access", facts),)
    chosen = preview_plan(STATE, PlanChange(seats=2), [replace(ANN, kept=True), BOB, CYD, replace(DAN, kept=True)])
    assert [one.name for one in chosen.losing] == ["Bob", "Cyd"]
    assert chosen.warnings[0].params["chosen"] is True


def test_as_many_seats_as_people_lose_nobody() -> None:
    preview = preview_plan(STATE, PlanChange(seats=2), [ANN, BOB])
    assert (preview.losing, preview.warnings) == ((), ())


def test_the_preview_says_what_will_be_charged_and_until_when() -> None:
    preview = preview_plan(STATE, PlanChange(seats=3, term=Term.THREE_YEARS))
    assert (str(preview.net), preview.starts, preview.ends) == ("2025.00", END, date(2029, 1, 1))
    assert preview.after.seats_now == 4


def test_with_automatic_renewal_off_nothing_is_charged_and_all_seats_end() -> None:
    preview = preview_plan(STATE, PlanChange(automatic=False))
    assert (preview.lines, preview.net, preview.ends) == ((), euros("0"), END)
    assert preview.warnings == (Reason("seats_end", {"on": END, "seats": 4}),)


@pytest.mark.parametrize("seats", [3, 5])
def test_a_plan_without_a_price_is_refused(seats: int) -> None:
    rows = (PriceRow(Term.YEAR, date(2024, 1, 1), None, None if seats == 3 else euros("250")),)
    with pytest.raises(Refused) as refusal:
        preview_plan(replace(STATE, book=replace(BOOK, rows=rows)), PlanChange(seats=seats))
    assert refusal.value.code == "price_missing"
