from dataclasses import replace
from datetime import date, timedelta

import pytest

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    LineKind,
    NotRenewed,
    PlanState,
    PriceBook,
    PriceKind,
    PriceRow,
    Reason,
    RenewalPlan,
    RenewalState,
    RenewByHand,
    State,
    plan_automatic_renewal,
    plan_renewal_by_hand,
)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


SEED = (
    PriceRow(Term.MONTH, date(2024, 1, 1), euros("35"), euros("35")),
    PriceRow(Term.YEAR, date(2024, 1, 1), euros("280"), euros("250")),
    PriceRow(Term.THREE_YEARS, date(2024, 1, 1), euros("755"), euros("675")),
)
END = date(2026, 1, 1)
PLAN = PlanState(
    seats_now=4,
    seats_at_renewal=4,
    term=Term.YEAR,
    renews_on=END,
    anchor_day=1,
    book=PriceBook("Sculpt LT", "EUR", SEED),
)
STATE = RenewalState(PLAN, date(2025, 1, 1))
AS_PLANNED = RenewByHand()


def with_plan(state: RenewalState = STATE, **changes: object) -> RenewalState:
    return replace(state, plan=replace(state.plan, **changes))  # type: ignore[arg-type]


def with_rows(*rows: PriceRow) -> RenewalState:
    return with_plan(book=replace(PLAN.book, rows=(*SEED, *rows)))


def by_hand(state: RenewalState, on: date, command: RenewByHand = AS_PLANNED) -> RenewalPlan:
    return plan_renewal_by_hand(state, command, on)


def refused(state: RenewalState, on: date) -> Refused:
    with pytest.raises(Refused) as refusal:
        by_hand(state, on)
    return refusal.value


def run(state: RenewalState, on: date = END) -> RenewalPlan:
    done = plan_automatic_renewal(state, on)
    assert isinstance(done, RenewalPlan)
    return done


# --- by hand -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "seats", "net"),
    [(None, None, "1000.00"), (Term.THREE_YEARS, None, "2700.00"), (Term.THREE_YEARS, 3, "2025.00"), (Term.MONTH, 5, "175.00")],
)
def test_a_renewal_before_expiry_keeps_the_renewal_price_whatever_the_term(
    term: Term | None, seats: int | None, net: str
) -> None:
    plan = by_hand(STATE, date(2025, 12, 31), RenewByHand(term, seats))
    assert str(plan.net) == net
    assert (plan.period.price_kind, plan.period.start, plan.late) == (PriceKind.RENEWAL, END, False)
    assert (plan.term_after, plan.seats_after, plan.anchor_after) == (term or Term.YEAR, seats or 4, 1)


def test_by_hand_it_opens_90_days_before_the_end() -> None:
    assert str(by_hand(STATE, date(2025, 10, 3)).net) == "1000.00"
    early = refused(STATE, date(2025, 10, 2))
    assert (early.code, early.params) == ("too_early", {"opens_on": date(2025, 10, 3)})


def test_a_month_is_renewed_from_its_first_day() -> None:
    month = RenewalState(replace(PLAN, term=Term.MONTH, renews_on=date(2025, 2, 28), anchor_day=31), date(2025, 1, 31))
    plan = by_hand(month, date(2025, 1, 31))
    assert (plan.period.start, plan.period.end, plan.period.days) == (date(2025, 2, 28), date(2025, 3, 31), 31)
    assert refused(month, date(2025, 1, 30)).code == "too_early"


def test_never_more_than_one_period_ahead() -> None:
    ahead = replace(with_plan(paid_ahead=True), period_start=date(2025, 12, 1))
    assert refused(ahead, date(2025, 11, 30)).code == "already_renewed"
    assert refused(replace(STATE, open_invoice_due_on=date(2026, 1, 5)), date(2025, 12, 20)).code == "already_renewed"


def test_what_is_planned_is_what_renews_by_hand_unless_something_else_is_asked() -> None:
    planned = with_plan(seats_at_renewal=3, planned_term=Term.THREE_YEARS)
    assert str(by_hand(planned, date(2025, 12, 1)).net) == "2025.00"
    assert str(by_hand(planned, date(2025, 12, 1), RenewByHand(Term.YEAR, 4)).net) == "1000.00"


def test_more_seats_by_hand_pay_the_new_price_for_those_above_todays() -> None:
    renewed, raised = by_hand(STATE, date(2025, 12, 1), RenewByHand(seats=6)).lines
    assert (renewed.quantity, str(renewed.net)) == (4, "1000.00")
    assert (raised.kind, raised.quantity, str(raised.net)) == (LineKind.RAISED, 2, "560.00")


def test_the_last_seat_is_not_renewed_away() -> None:
    with pytest.raises(Refused) as refusal:
        by_hand(STATE, date(2025, 12, 1), RenewByHand(seats=0))
    assert refusal.value.code == "last_seat"


def test_by_hand_the_price_is_that_of_the_day_of_order() -> None:
    raised = with_rows(PriceRow(Term.YEAR, date(2025, 12, 15), euros("300"), euros("270")))
    assert str(by_hand(raised, date(2025, 12, 14)).net) == "1000.00"
    assert str(by_hand(raised, date(2025, 12, 15)).net) == "1080.00"


def test_late_in_grace_by_hand_costs_the_new_price_from_the_old_end() -> None:
    plan = by_hand(STATE, date(2026, 1, 10))
    assert (str(plan.net), plan.period.start, plan.period.end) == ("1120.00", END, date(2027, 1, 1))
    assert (plan.period.price_kind, plan.late, plan.credits_open_invoice) == (PriceKind.NEW, True, False)


def test_a_late_renewal_has_one_line_even_for_more_seats() -> None:
    (line,) = by_hand(STATE, date(2026, 1, 10), RenewByHand(seats=6)).lines
    assert (line.kind, line.price_kind, line.quantity, str(line.net)) == (LineKind.RENEWAL, PriceKind.NEW, 6, "1680.00")


@pytest.mark.parametrize("why", ["automatic_failed", "run_awaited"])
def test_what_the_customer_did_not_cause_costs_no_renewal_price_in_grace(why: str) -> None:
    raised = with_rows(PriceRow(Term.YEAR, date(2026, 1, 2), euros("300"), euros("270")))
    plan = by_hand(replace(raised, **{why: True}), date(2026, 1, 15))
    assert (str(plan.net), plan.period.price_kind, plan.period.start) == ("1000.00", PriceKind.RENEWAL, END)


def test_a_run_that_never_came_costs_nobody_access_or_price() -> None:
    awaited = replace(STATE, run_awaited=True)
    assert awaited.state(date(2026, 6, 1)) is State.GRACE
    assert str(by_hand(awaited, date(2026, 6, 1)).net) == "1000.00"


def test_a_failed_payment_made_good_only_in_suspension_costs_the_new_price() -> None:
    plan = by_hand(replace(STATE, automatic_failed=True), date(2026, 1, 16))
    assert (str(plan.net), plan.period.start) == ("1120.00", date(2026, 1, 16))


def test_suspended_it_starts_on_the_day_of_payment_and_no_day_without_access_is_sold() -> None:
    plan = by_hand(STATE, date(2026, 1, 31))
    assert (plan.period.start, plan.period.end, plan.period.days) == (date(2026, 1, 31), date(2027, 1, 31), 365)
    assert (str(plan.net), plan.anchor_after, plan.credits_open_invoice) == ("1120.00", 31, False)


def test_suspended_with_an_open_renewal_invoice_credits_it() -> None:
    unpaid = replace(STATE, open_invoice_due_on=date(2026, 1, 31))
    assert refused(unpaid, date(2026, 2, 14)).code == "invoice_overdue"
    plan = by_hand(unpaid, date(2026, 2, 15))
    assert (plan.credits_open_invoice, plan.period.start, plan.anchor_after) == (True, date(2026, 2, 15), 15)


def test_cancelled_is_bought_new() -> None:
    assert by_hand(STATE, date(2026, 2, 14)).late
    late = refused(STATE, date(2026, 2, 15))
    assert (late.code, late.params) == ("cancelled", {"ended_on": END})


@pytest.mark.parametrize("on", [date(2025, 12, 1), date(2026, 1, 5), date(2026, 2, 1)], ids=["in time", "grace", "suspended"])
def test_a_renewal_without_its_price_is_refused(on: date) -> None:
    assert refused(with_rows(PriceRow(Term.YEAR, date(2025, 11, 1), None, None)), on).code == "price_missing"


def test_a_retired_product_renews_while_it_has_a_renewal_price() -> None:
    retired = with_rows(PriceRow(Term.YEAR, date(2025, 6, 1), None, euros("260")))
    assert str(by_hand(retired, date(2025, 12, 1)).net) == "1040.00"
    assert refused(retired, date(2026, 1, 5)).code == "price_missing"


# --- by the run --------------------------------------------------------------------------------------------------------


def test_the_run_renews_on_the_end_at_the_renewal_price() -> None:
    plan = run(STATE)
    assert (str(plan.net), plan.period.start, plan.period.end, plan.period.days) == ("1000.00", END, date(2027, 1, 1), 365)
    assert (plan.seats_after, plan.term_after, plan.anchor_after, plan.late, plan.warnings) == (4, Term.YEAR, 1, False, ())


def test_the_run_does_what_is_planned() -> None:
    plan = run(with_plan(seats_at_renewal=3, planned_term=Term.THREE_YEARS))
    assert (str(plan.net), plan.seats_after, plan.term_after, plan.period.term) == (
        "2025.00",
        3,
        Term.THREE_YEARS,
        Term.THREE_YEARS,
    )


@pytest.mark.parametrize("late", [0, 1, 14, 15, 60, 400])
def test_a_late_run_charges_the_price_valid_on_the_end_and_starts_there(late: int) -> None:
    raised = with_rows(PriceRow(Term.YEAR, date(2026, 1, 2), euros("300"), euros("270")))
    plan = run(raised, END + timedelta(days=late))
    assert (str(plan.net), plan.period.start, plan.period.price_kind) == ("1000.00", END, PriceKind.RENEWAL)
    assert plan.late is (late > 0)


def test_a_price_raised_on_the_very_day_counts() -> None:
    assert str(run(with_rows(PriceRow(Term.YEAR, END, euros("300"), euros("270")))).net) == "1080.00"


def test_the_anchor_day_survives_short_months() -> None:
    state = RenewalState(replace(PLAN, term=Term.MONTH, renews_on=date(2025, 2, 28), anchor_day=31), date(2025, 1, 31))
    ends = []
    for _ in range(4):
        plan = run(state, state.plan.renews_on)
        ends.append((plan.period.end, plan.period.days))
        state = RenewalState(replace(state.plan, renews_on=plan.period.end), plan.period.start)
    assert ends == [(date(2025, 3, 31), 31), (date(2025, 4, 30), 30), (date(2025, 5, 31), 31), (date(2025, 6, 30), 30)]


def test_a_leap_day_comes_back_after_four_years() -> None:
    state = RenewalState(replace(PLAN, renews_on=date(2025, 2, 28), anchor_day=29), date(2024, 2, 29))
    ends = []
    for _ in range(3):
        plan = run(state, state.plan.renews_on)
        ends.append(plan.period.end)
        state = RenewalState(replace(state.plan, renews_on=plan.period.end), plan.period.start)
    assert ends == [date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]
    assert plan.period.days == 366


def test_without_a_renewal_price_on_the_end_it_ends_and_says_why() -> None:
    done = plan_automatic_renewal(with_rows(PriceRow(Term.YEAR, END, euros("300"), None)), END)
    facts = {"product": "Sculpt LT", "currency": "EUR", "term": Term.YEAR, "on": END}
    assert done == NotRenewed(END, Reason("price_missing", facts))
    assert run(with_rows(PriceRow(Term.YEAR, date(2026, 1, 2), euros("300"), None)), date(2026, 1, 2)).net == euros("1000")


def test_a_planned_term_that_lost_its_price_is_not_replaced_by_one_that_nobody_asked_for() -> None:
    gone = with_plan(with_rows(PriceRow(Term.THREE_YEARS, END, None, None)), planned_term=Term.THREE_YEARS)
    assert isinstance(plan_automatic_renewal(gone, END), NotRenewed)


def test_seats_that_can_not_be_sold_do_not_keep_the_others_from_renewing() -> None:
    retired = with_plan(with_rows(PriceRow(Term.YEAR, date(2025, 6, 1), None, euros("260"))), seats_at_renewal=6)
    plan = run(retired)
    assert (str(plan.net), plan.seats_after, len(plan.lines)) == ("1040.00", 4, 1)
    assert plan.warnings == (Reason("seats_not_raised", {"seats": 4, "planned": 6}),)
    assert [str(line.net) for line in run(with_plan(seats_at_renewal=6)).lines] == ["1000.00", "560.00"]


def test_the_run_never_comes_early_and_leaves_alone_what_is_not_automatic() -> None:
    for state, on, code in (
        (STATE, date(2025, 12, 31), "too_early"),
        (with_plan(automatic=False), END, "automatic_renewal_off"),
    ):
        with pytest.raises(Refused) as refusal:
            plan_automatic_renewal(state, on)
        assert refusal.value.code == code
