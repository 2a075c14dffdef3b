from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term, add_days, add_months, days_between, next_end
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    AlignmentPlan,
    Candidate,
    CommonDate,
    Likeness,
    LineKind,
    PaidPeriod,
    PriceBook,
    PriceKind,
    PriceRow,
    Reason,
    SeatState,
    State,
    extend_to,
    first_occurrence,
    match_candidates,
    plan_added_seats,
    plan_alignment,
    possible_dates,
)

TODAY = date(2025, 2, 1)
DECEMBER = date(2025, 12, 15)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


def book(renewal: str, new: str = "9999") -> PriceBook:
    return PriceBook("Sculpt", "EUR", tuple(PriceRow(term, date(2024, 1, 1), euros(new), euros(renewal)) for term in Term))


def candidate(key: str, seats: int, renewal: str, ends_on: date, **more: object) -> Candidate:
    facts: dict[str, object] = {"state": State.ACTIVE, "term": Term.YEAR, "method": "card", "anchor_day": ends_on.day}
    facts |= {"key": key, "name": key.upper(), "contract": "K1", "seats": seats, "seats_at_renewal": seats}
    return Candidate(**{**facts, "ends_on": ends_on, "book": book(renewal), **more})  # type: ignore[arg-type]


A = candidate("a", 4, "250", date(2025, 4, 10))
B = candidate("b", 2, "1800", date(2025, 9, 1))
C = candidate("c", 1, "420", DECEMBER)
TABLE = (A, B, C)


def lines(plan: AlignmentPlan) -> list[tuple[str, int, int, str]]:
    return [(one.candidate.key, one.line.days, one.line.denominator, str(one.line.net)) for one in plan.extensions]


# --- the table of rules 5 ----------------------------------------------------------------------------------------------


def test_the_table_of_three_subscriptions() -> None:
    plan = plan_alignment(TABLE, TODAY)
    assert plan.common == CommonDate(DECEMBER, 15)
    assert lines(plan) == [("a", 249, 365, "682.19"), ("b", 105, 365, "1035.62"), ("c", 0, 365, "0.00")]
    assert (str(plan.net), plan.together_on) == ("1717.81", DECEMBER)
    assert [one.ends_on for one in plan.extensions] == [DECEMBER] * 3
    assert [one.charged for one in plan.extensions] == [True, True, False]


def test_an_extension_says_all_that_the_invoice_needs() -> None:
    line = plan_alignment(TABLE, TODAY).extensions[0].line
    assert (line.kind, line.price_kind, line.quantity, str(line.unit_price)) == (
        LineKind.EXTENSION,
        PriceKind.RENEWAL,
        4,
        "250.00",
    )
    assert (line.start, line.end, line.term) == (date(2025, 4, 10), DECEMBER, Term.YEAR)


def test_seats_added_after_aligning_pay_for_both_parts_of_the_time_left() -> None:
    extension = plan_alignment(TABLE, TODAY).extensions[0].line
    running = PaidPeriod(date(2024, 4, 10), date(2025, 4, 10), 365, Term.YEAR, euros("250"), renewed=False)
    extended = PaidPeriod(extension.start, extension.end, extension.denominator, Term.YEAR, extension.unit_price, renewed=False)
    state = SeatState(4, 4, (running, extended), Term.YEAR, "EUR", euros("280"), "Sculpt", 1)
    plan = plan_added_seats(state, AddSeats(1), TODAY)
    assert [(line.days, str(line.net)) for line in plan.lines] == [(68, "52.16"), (249, "191.01")]
    assert str(plan.net) == "243.17"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 4, 10), [("a", 0, 365, "0.00"), ("b", 221, 365, "2179.73"), ("c", 116, 365, "133.48")]),
        (date(2025, 9, 1), [("a", 144, 365, "394.52"), ("b", 0, 365, "0.00"), ("c", 260, 365, "299.18")]),
    ],
)
def test_an_earlier_date_moves_the_later_ones_to_its_next_occurrence(day: date, expected: list[object]) -> None:
    plan = plan_alignment(TABLE, TODAY, day)
    assert lines(plan) == expected
    assert plan.together_on == add_months(day, 12, day.day)
    assert all(one.ends_on >= one.candidate.ends_on for one in plan.extensions)


# --- the common date ---------------------------------------------------------------------------------------------------


def test_the_possible_dates_are_the_renewal_dates_each_once() -> None:
    twin = replace(A, key="d")
    assert [one.day for one in possible_dates((C, A, twin, B))] == [date(2025, 4, 10), date(2025, 9, 1), DECEMBER]


def test_of_two_anchors_on_one_day_the_later_counts() -> None:
    ends = date(2025, 2, 28)
    both = (candidate("a", 1, "9", ends, anchor_day=31), candidate("b", 1, "9", ends, anchor_day=28))
    assert possible_dates(both) == (CommonDate(ends, 31),)
    plan = plan_alignment(both, TODAY)
    assert (str(plan.net), plan.common.anchor_day) == ("0.00", 31)


@pytest.mark.parametrize(
    ("common", "term", "not_before", "found"),
    [
        (CommonDate(DECEMBER, 15), Term.YEAR, date(2025, 12, 15), date(2025, 12, 15)),
        (CommonDate(DECEMBER, 15), Term.YEAR, date(2025, 12, 16), date(2026, 12, 15)),
        (CommonDate(date(2027, 12, 15), 15), Term.YEAR, date(2025, 4, 10), date(2025, 12, 15)),
        (CommonDate(DECEMBER, 15), Term.THREE_YEARS, date(2025, 12, 16), date(2028, 12, 15)),
        (CommonDate(date(2028, 12, 15), 15), Term.THREE_YEARS, date(2025, 12, 15), date(2025, 12, 15)),
        (CommonDate(date(2025, 2, 28), 31), Term.MONTH, date(2025, 3, 1), date(2025, 3, 31)),
        (CommonDate(date(2025, 2, 28), 31), Term.MONTH, date(2025, 1, 31), date(2025, 1, 31)),
        (CommonDate(date(2028, 2, 29), 29), Term.YEAR, date(2025, 3, 1), date(2026, 2, 28)),
    ],
)
def test_a_date_occurs_every_term_before_and_after(common: CommonDate, term: Term, not_before: date, found: date) -> None:
    assert first_occurrence(common, term, not_before) == found


def test_another_day_than_one_of_theirs_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        plan_alignment(TABLE, TODAY, date(2025, 12, 16))
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("date_not_common", "date", 422)
    assert refusal.value.params == {"date": date(2025, 12, 16)}


@pytest.mark.parametrize(
    "candidates", [(), (A,), (A, replace(A, key="d"))], ids=["none", "one", "two that renew together already"]
)
def test_what_needs_no_aligning_is_not_aligned(candidates: tuple[Candidate, ...]) -> None:
    with pytest.raises(Refused) as refusal:
        plan_alignment(candidates, TODAY)
    assert refusal.value.code == "nothing_to_align"


def test_two_that_are_a_whole_term_apart_already_renew_together() -> None:
    ahead = replace(A, key="d", ends_on=date(2026, 4, 10))
    with pytest.raises(Refused) as refusal:
        plan_alignment((A, ahead), TODAY)
    assert refusal.value.code == "nothing_to_align"


def test_pending_seats_move_along_and_the_extension_is_for_all_seats_of_today() -> None:
    planned = replace(A, seats_at_renewal=3, automatic=False)
    assert lines(plan_alignment((planned, C), TODAY))[0] == ("a", 249, 365, "682.19")


def test_the_extension_costs_the_renewal_price_of_the_day_of_order() -> None:
    raised = replace(A.book, rows=(*A.book.rows, PriceRow(Term.YEAR, date(2025, 3, 1), euros("300"), euros("365"))))
    assert lines(plan_alignment((replace(A, book=raised), C), TODAY))[0][3] == "682.19"
    assert lines(plan_alignment((replace(A, book=raised), C), date(2025, 3, 1)))[0][3] == "996.00"


def test_one_that_has_no_renewal_price_stops_all() -> None:
    with pytest.raises(Refused) as refusal:
        plan_alignment((A, replace(B, book=PriceBook("Cast", "EUR", ())), C), TODAY)
    assert (refusal.value.code, refusal.value.params["product"]) == ("price_missing", "Cast")


# --- which match -------------------------------------------------------------------------------------------------------


def test_those_alike_match() -> None:
    found = match_candidates(TABLE)
    assert (found.likeness, found.matching, found.unmatched) == (Likeness(Term.YEAR, "card", "EUR"), TABLE, ())


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ({"term": Term.MONTH}, (Reason("term_differs", {"term": Term.YEAR, "on": date(2025, 9, 1)}),)),
        ({"method": "sepa"}, (Reason("payment_method_differs", {"method": "card"}),)),
        ({"book": PriceBook("Cast", "CHF", ())}, (Reason("currency_differs", {"currency": "EUR"}),)),
        ({"planned_term": Term.MONTH}, (Reason("term_change_pending", {"term": Term.MONTH, "on": date(2025, 9, 1)}),)),
        ({"overdue": True}, (Reason("invoice_overdue"),)),
        (
            {"term": Term.MONTH, "planned_term": Term.YEAR, "method": "invoice"},
            (
                Reason("term_differs", {"term": Term.YEAR, "on": date(2025, 9, 1)}),
                Reason("payment_method_differs", {"method": "card"}),
                Reason("term_change_pending", {"term": Term.YEAR, "on": date(2025, 9, 1)}),
            ),
        ),
    ],
    ids=["term", "method", "currency", "term planned", "overdue", "several, one under way"],
)
def test_each_that_does_not_match_is_told_every_step(change: dict[str, object], steps: tuple[Reason, ...]) -> None:
    odd = replace(B, **change)  # type: ignore[arg-type]
    found = match_candidates((A, odd, C))
    assert found.matching == (A, C)
    assert [(one.candidate, one.steps) for one in found.unmatched] == [(odd, steps)]
    with pytest.raises(Refused) as refusal:
        plan_alignment((A, odd, C), TODAY)
    assert refusal.value.code == steps[0].code
    assert refusal.value.params == {**steps[0].params, "names": ("B",)}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.GRACE, "in_grace"),
        (State.SUSPENDED, "suspended"),
        (State.CANCELLED, "cancelled"),
        (State.TRIAL, "trial"),
    ],
)
def test_only_active_ones_are_aligned(state: State, code: str) -> None:
    found = match_candidates((A, replace(B, state=state), C))
    assert found.matching == (A, C)
    assert [step.code for step in found.unmatched[0].steps] == [code]


def test_a_term_planned_to_stay_as_it_is_is_no_change() -> None:
    assert match_candidates((A, replace(B, planned_term=Term.YEAR))).unmatched == ()


def test_the_others_match_what_most_share_or_the_one_that_renews_last() -> None:
    monthly = replace(C, term=Term.MONTH)
    assert match_candidates((A, B, monthly)).matching == (A, B)
    assert match_candidates((A, monthly)).matching == (monthly,)
    assert match_candidates((A, monthly), Likeness(Term.YEAR, "card", "EUR")).matching == (A,)


def test_where_none_is_active_there_is_nothing_to_match() -> None:
    over = replace(A, state=State.CANCELLED)
    found = match_candidates((over,))
    assert (found.likeness, found.matching) == (None, ())
    assert [step.code for step in found.unmatched[0].steps] == ["cancelled"]


# --- any dates ---------------------------------------------------------------------------------------------------------

days = st.dates(date(2023, 1, 1), date(2030, 12, 31))


@given(days, days, st.sampled_from(Term), st.integers(0, 3), st.integers(1, 500), st.integers(0, 10**7))
def test_an_extension_never_shortens_and_never_costs_more_than_a_term(
    ends_on: date, common_day: date, term: Term, clipped: int, seats: int, price: int
) -> None:
    anchor = min(31, ends_on.day + clipped) if add_days(ends_on, 1).day == 1 else ends_on.day
    one = candidate("a", seats, str(Money(price, "EUR")), ends_on, term=term, anchor_day=anchor)
    common = CommonDate(common_day, common_day.day)
    extension = extend_to(one, common, date(2024, 1, 1))
    full = next_end(ends_on, term, anchor)
    assert ends_on <= extension.ends_on <= full
    assert extension.line.days == days_between(ends_on, extension.ends_on)
    assert Money.zero("EUR") <= extension.line.net <= Money(price, "EUR") * seats
    apart = (extension.ends_on.year - common_day.year) * 12 + extension.ends_on.month - common_day.month
    assert apart % term.months == 0
    earlier = add_months(extension.ends_on, -term.months, common.anchor_day)
    assert earlier < ends_on
