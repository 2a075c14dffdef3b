from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import ChargesOfMany, PlanState, PriceBook, PriceRow, RenewalState, by_day, coming_charges


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


ROWS = (
    PriceRow(Term.MONTH, date(2024, 1, 1), euros("35"), euros("35")),
    PriceRow(Term.YEAR, date(2024, 1, 1), euros("280"), euros("250")),
)
PLAN = PlanState(
    seats_now=4,
    seats_at_renewal=4,
    term=Term.YEAR,
    renews_on=date(2026, 3, 31),
    anchor_day=31,
    book=PriceBook("Sculpt LT", "EUR", ROWS),
)
YEAR = RenewalState(PLAN, date(2025, 3, 31))
MONTH = RenewalState(replace(PLAN, term=Term.MONTH), date(2026, 2, 28))
TODAY = date(2026, 3, 10)


def said(state: RenewalState, today: date = TODAY) -> list[tuple[date, str, int]]:
    return [(charge.on, str(charge.net), charge.seats) for charge in coming_charges(state, today)]


def test_a_year_is_charged_once_in_the_coming_twelve_months() -> None:
    assert said(YEAR) == [(date(2026, 3, 31), "1000.00", 4)]
    assert said(YEAR, date(2025, 3, 31)) == []
    assert said(YEAR, date(2025, 4, 1)) == [(date(2026, 3, 31), "1000.00", 4)]


def test_a_month_is_charged_twelve_times_on_its_anchor_day() -> None:
    charges = said(MONTH)
    assert len(charges) == 12
    assert [on for on, _, _ in charges[:4]] == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]
    assert charges[-1] == (date(2027, 2, 28), "140.00", 4)


def test_what_is_planned_is_charged_as_planned_and_then_stays() -> None:
    to_month = replace(YEAR, plan=replace(PLAN, planned_term=Term.MONTH, seats_at_renewal=6))
    assert said(to_month)[:2] == [(date(2026, 3, 31), "210.00", 6), (date(2026, 4, 30), "210.00", 6)]
    first, second = coming_charges(to_month, TODAY)[:2]
    assert [line.quantity for line in first.lines] == [4, 2]
    assert [line.quantity for line in second.lines] == [6]


MINORS = st.none() | st.integers(1, 100_000)
BOOKS = st.lists(
    st.builds(
        lambda term, month, new, renewal: PriceRow(
            term,
            date(2026, 1, 1) + timedelta(days=month),
            *(None if minor is None else Money(minor, "EUR") for minor in (new, renewal)),
        ),
        st.sampled_from(Term),
        st.integers(0, 500),
        MINORS,
        MINORS,
    ),
    max_size=6,
    unique_by=lambda row: (row.term, row.valid_from),
)


@given(BOOKS, st.sampled_from(Term), st.dates(date(2026, 1, 5), date(2027, 6, 1)), st.integers(1, 40), st.integers(0, 3))
def test_of_many_at_once_the_same_is_said_as_of_each(
    rows: list[PriceRow], term: Term, renews_on: date, seats: int, raised: int
) -> None:
    book = PriceBook("Sculpt LT", "EUR", tuple(rows))
    plan = replace(PLAN, term=term, book=book, renews_on=renews_on, seats_now=seats, seats_at_renewal=seats + raised)
    each = coming_charges(RenewalState(plan, date(2025, 1, 1)), TODAY)
    charges, ends_on = ChargesOfMany({7: book}, TODAY).charges(7, term.value, renews_on, 31, seats, raised)
    assert list(charges) == [(one.on, one.net.minor) for one in each if one.ends is None]
    assert ends_on == next((one.on for one in each if one.ends is not None), None)


def test_a_price_that_rises_is_charged_from_its_day() -> None:
    rises = PriceRow(Term.MONTH, date(2026, 5, 31), euros("40"), euros("40"))
    state = replace(MONTH, plan=replace(MONTH.plan, book=replace(PLAN.book, rows=(*ROWS, rises))))
    assert [net for _, net, _ in said(state)[:4]] == ["140.00", "140.00", "160.00", "160.00"]


def test_with_automatic_renewal_off_there_is_no_charge_but_an_end() -> None:
    (end,) = coming_charges(replace(YEAR, plan=replace(PLAN, automatic=False)), TODAY)
    assert (end.on, end.net, end.lines) == (date(2026, 3, 31), euros("0"), ())
    assert end.ends is not None
    assert (end.ends.code, end.ends.params) == ("seats_end", {"on": date(2026, 3, 31), "seats": 4})


def test_a_product_that_loses_its_price_is_charged_until_it_ends() -> None:
    gone = PriceRow(Term.MONTH, date(2026, 5, 1), None, None)
    state = replace(MONTH, plan=replace(MONTH.plan, book=replace(PLAN.book, rows=(*ROWS, gone))))
    charges = coming_charges(state, TODAY)
    assert [(charge.on, charge.ends and charge.ends.code) for charge in charges] == [
        (date(2026, 3, 31), None),
        (date(2026, 4, 30), None),
        (date(2026, 5, 31), "price_missing"),
    ]


def test_a_renewal_that_is_late_is_told_on_its_own_day() -> None:
    assert said(YEAR, date(2026, 4, 5))[0] == (date(2026, 3, 31), "1000.00", 4)


def test_charges_of_several_subscriptions_are_summed_by_day_without_those_that_end() -> None:
    ends = coming_charges(replace(YEAR, plan=replace(PLAN, automatic=False)), TODAY)
    days = by_day([*coming_charges(MONTH, TODAY), *coming_charges(YEAR, TODAY), *ends], "EUR")
    assert list(days.items())[:2] == [(date(2026, 3, 31), euros("1140")), (date(2026, 4, 30), euros("140"))]
    assert by_day(ends, "EUR") == {}
