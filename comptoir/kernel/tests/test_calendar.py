from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Span, Term, add_days, add_months, days_between, days_in_term, next_end

days = st.dates(date(1900, 1, 1), date(2900, 12, 31))
anchors = st.integers(1, 31)
months = st.integers(0, 600)


@pytest.mark.parametrize(("term", "count"), [(Term.MONTH, 1), (Term.YEAR, 12), (Term.THREE_YEARS, 36)])
def test_a_term_is_whole_calendar_months(term: Term, count: int) -> None:
    assert term.months == count


def test_terms_are_written_as_in_the_price_book() -> None:
    assert [str(term) for term in Term] == ["month", "year", "3years"]


@pytest.mark.parametrize(
    ("start", "term", "anchor", "end"),
    [
        (date(2025, 1, 31), Term.MONTH, 31, date(2025, 2, 28)),
        (date(2024, 1, 31), Term.MONTH, 31, date(2024, 2, 29)),
        (date(2025, 2, 28), Term.MONTH, 31, date(2025, 3, 31)),
        (date(2025, 2, 28), Term.MONTH, 28, date(2025, 3, 28)),
        (date(2025, 12, 15), Term.MONTH, 15, date(2026, 1, 15)),
        (date(2024, 2, 29), Term.YEAR, 29, date(2025, 2, 28)),
        (date(2027, 2, 28), Term.YEAR, 29, date(2028, 2, 29)),
        (date(2024, 2, 29), Term.THREE_YEARS, 29, date(2027, 2, 28)),
        (date(2024, 3, 15), Term.THREE_YEARS, 15, date(2027, 3, 15)),
        (date(1900, 1, 31), Term.MONTH, 31, date(1900, 2, 28)),
        (date(2000, 1, 31), Term.MONTH, 31, date(2000, 2, 29)),
    ],
)
def test_a_term_ends_on_its_anchor_or_the_last_day_of_a_short_month(start: date, term: Term, anchor: int, end: date) -> None:
    assert next_end(start, term, anchor) == end


def test_a_leap_day_comes_back_after_four_years() -> None:
    assert add_months(date(2024, 2, 29), 48, 29) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "term", "anchor", "count"),
    [
        (date(2025, 1, 1), Term.YEAR, 1, 365),
        (date(2024, 1, 1), Term.YEAR, 1, 366),
        (date(2024, 3, 15), Term.THREE_YEARS, 15, 1095),
        (date(2025, 1, 31), Term.MONTH, 31, 28),
    ],
)
def test_a_period_stores_the_days_of_its_full_term(start: date, term: Term, anchor: int, count: int) -> None:
    assert days_in_term(start, term, anchor) == count


@given(days, anchors, months, months)
def test_the_anchor_survives_short_months(day: date, anchor: int, one: int, other: int) -> None:
    assert add_months(add_months(day, one, anchor), other, anchor) == add_months(day, one + other, anchor)


@given(days, anchors, months)
def test_the_result_is_the_anchor_or_the_last_day_of_its_month(day: date, anchor: int, count: int) -> None:
    result = add_months(day, count, anchor)
    assert result.day == anchor or (result.day < anchor and add_days(result, 1).day == 1)


@given(days, days, anchors, months)
def test_a_later_day_never_ends_earlier(one: date, other: date, anchor: int, count: int) -> None:
    first, last = sorted((one, other))
    assert add_months(first, count, anchor) <= add_months(last, count, anchor)


@given(days, anchors, months)
def test_a_month_more_is_later(day: date, anchor: int, count: int) -> None:
    assert add_months(day, count, anchor) < add_months(day, count + 1, anchor)


@given(days, anchors, months)
def test_going_back_undoes_going_on(day: date, anchor: int, count: int) -> None:
    anchored = add_months(day, 0, anchor)
    assert add_months(add_months(day, count, anchor), -count, anchor) == anchored


@given(days, anchors)
def test_twelve_months_are_a_year_and_three_years_one_term(day: date, anchor: int) -> None:
    after = day
    for _ in range(12):
        after = next_end(after, Term.MONTH, anchor)
    assert after == next_end(day, Term.YEAR, anchor)
    for _ in range(2):
        after = next_end(after, Term.YEAR, anchor)
    assert after == next_end(day, Term.THREE_YEARS, anchor)


@given(days, anchors, st.sampled_from(Term))
def test_a_term_always_has_days(day: date, anchor: int, term: Term) -> None:
    assert days_in_term(day, term, anchor) >= 1


@pytest.mark.parametrize("anchor", [0, 32, -1])
def test_an_anchor_that_no_month_has_is_refused(anchor: int) -> None:
    with pytest.raises(ValueError, match=f"An anchor day lies between 1 and 31, not {anchor}"):
        add_months(date(2025, 1, 1), 1, anchor)


@pytest.mark.parametrize(
    ("start", "term"), [(date(9999, 12, 1), Term.MONTH), (date(9999, 1, 1), Term.YEAR), (date.max, Term.THREE_YEARS)]
)
def test_a_term_beyond_the_calendar_is_refused_with_a_sentence(start: date, term: Term) -> None:
    with pytest.raises(ValueError, match=f"{term.months} months from {start} lies outside the calendar's years 1 to 9999"):
        next_end(start, term, start.day)


def test_the_last_month_of_the_calendar_is_still_reached() -> None:
    assert next_end(date(9999, 11, 30), Term.MONTH, 31) == date.max
    assert add_months(date(1, 2, 1), -1, 1) == date.min


def test_before_the_calendar_is_refused_too() -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        add_months(date.min, -1, 1)


def test_days_are_added_within_the_calendar_only() -> None:
    assert add_days(date(2025, 12, 31), 1) == date(2026, 1, 1)
    for day, count in ((date.max, 1), (date.min, -1), (date(2025, 1, 1), 10**12)):
        with pytest.raises(ValueError, match=f"{count} days from {day} lies outside the calendar's years 1 to 9999"):
            add_days(day, count)


def test_days_between_counts_the_first_and_not_the_last() -> None:
    assert days_between(date(2025, 10, 1), date(2026, 1, 1)) == 92
    assert days_between(date(2026, 1, 1), date(2025, 10, 1)) == -92
    assert days_between(date(2026, 1, 1), date(2026, 1, 1)) == 0


def test_a_span_is_half_open() -> None:
    span = Span(date(2025, 1, 1), date(2026, 1, 1))
    assert span.days == 365
    assert date(2025, 1, 1) in span
    assert date(2025, 12, 31) in span
    assert date(2026, 1, 1) not in span
    assert date(2024, 12, 31) not in span


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2025, 10, 1), 92),
        (date(2025, 1, 1), 365),
        (date(2024, 6, 1), 365),
        (date(2025, 12, 31), 1),
        (date(2026, 1, 1), 0),
        (date(2027, 1, 1), 0),
    ],
)
def test_the_day_itself_counts_among_the_days_left(day: date, left: int) -> None:
    assert Span(date(2025, 1, 1), date(2026, 1, 1)).days_from(day) == left


@pytest.mark.parametrize("end", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_span_without_a_day_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match=f"starts on 2025-01-01 cannot end on {end}"):
        Span(date(2025, 1, 1), end)


@given(days, days, days)
def test_the_days_before_and_from_a_day_make_the_span(one: date, other: date, day: date) -> None:
    start, end = sorted((one, add_days(other, 1)))
    if start == end:
        end = add_days(end, 1)
    span = Span(start, end)
    if day in span and day != start:
        assert Span(start, day).days + span.days_from(day) == span.days
    assert 0 <= span.days_from(day) <= span.days
