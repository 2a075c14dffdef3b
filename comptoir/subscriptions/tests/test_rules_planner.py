import sys
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term, add_months
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    Candidate,
    DateOption,
    PlanState,
    PriceBook,
    PriceRow,
    RenewalState,
    coming_charges,
    date_options,
    extend_to,
    possible_dates,
)
from tests.depth import times

from .test_rules_alignment import DECEMBER, TABLE, TODAY, A, C, candidate, euros


def said(option: DateOption) -> tuple[date | None, str, str, str, date | None]:
    day = option.common.day if option.common else None
    return day, str(option.now), str(option.at_renewal), str(option.twelve_months), option.together_on


def test_the_totals_of_the_table_beside_the_other_dates_and_leaving_all_as_it_is() -> None:
    assert [said(option) for option in date_options(TABLE, TODAY)] == [
        (None, "0.00", "5020.00", "5020.00", None),
        (date(2025, 4, 10), "2313.21", "5020.00", "3313.21", date(2026, 4, 10)),
        (date(2025, 9, 1), "693.70", "5020.00", "5293.70", date(2026, 9, 1)),
        (DECEMBER, "1717.81", "5020.00", "6737.81", DECEMBER),
    ]


def test_dates_a_term_apart_come_to_the_same() -> None:
    ahead = replace(C, key="d", ends_on=date(2026, 12, 15))
    options = date_options((A, C, ahead), TODAY)
    assert [said(one)[1:] for one in options[2:]] == [said(options[3])[1:]] * 2
    assert options[3].together_on == date(2026, 12, 15)


def test_what_does_not_renew_by_itself_costs_its_extension_alone() -> None:
    default = date_options((replace(A, automatic=False), C), TODAY)[-1]
    assert (str(default.now), str(default.at_renewal), str(default.twelve_months)) == ("682.19", "420.00", "1102.19")


def test_planned_seats_count_at_the_renewal_and_raised_ones_at_the_new_price() -> None:
    fewer, more = replace(A, seats_at_renewal=3), replace(A, seats_at_renewal=6)
    assert str(date_options((fewer, C), TODAY)[-1].at_renewal) == "1170.00"
    assert str(date_options((more, C), TODAY)[-1].at_renewal) == str(Money.parse("1420", "EUR") + euros("9999") * 2)


def test_a_price_that_changes_before_the_renewal_counts_from_its_day() -> None:
    raised = replace(A.book, rows=(*A.book.rows, PriceRow(Term.YEAR, date(2025, 6, 1), euros("300"), euros("275"))))
    before, april, december = date_options((replace(A, book=raised), C), TODAY)
    assert [str(one.at_renewal) for one in (before, april, december)] == ["1420.00", "1420.00", "1520.00"]
    gone = replace(A.book, rows=(*A.book.rows, PriceRow(Term.YEAR, date(2025, 6, 1), None, None)))
    assert str(date_options((replace(A, book=gone), C), TODAY)[-1].at_renewal) == "420.00"


def test_an_extension_without_a_price_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        date_options((A, replace(C, book=PriceBook("Cast", "EUR", ()))), TODAY)
    assert refusal.value.code == "price_missing"


def naive(candidates: tuple[Candidate, ...], today: date) -> list[tuple[date, str, str, str]]:
    """Each date one by one, each subscription one by one, each renewal as the run would do it."""
    found = []
    horizon = add_months(today, 12, today.day)
    for common in possible_dates(candidates):
        now, first, year = Money.zero("EUR"), Money.zero("EUR"), Money.zero("EUR")
        for one in candidates:
            extension = extend_to(one, common, today)
            now += extension.line.net
            plan = PlanState(
                seats_now=one.seats,
                seats_at_renewal=one.seats_at_renewal,
                term=one.term,
                renews_on=extension.ends_on,
                anchor_day=common.anchor_day,
                book=one.book,
                automatic=one.automatic,
            )
            charges = coming_charges(RenewalState(plan, today), today, months=96)
            first += charges[0].net
            year += Money.sum((charge.net for charge in charges if charge.on < horizon), "EUR")
        found.append((common.day, str(now), str(first), str(now + year)))
    return found


@st.composite
def alike(draw: st.DrawFn) -> tuple[Candidate, ...]:
    term = draw(st.sampled_from(Term))
    books = []
    for place in range(draw(st.integers(1, 3))):
        later = draw(st.dates(date(2025, 2, 1), date(2027, 1, 1)))
        low, high = draw(st.integers(1, 99_999)), draw(st.integers(1, 99_999))
        rows = [
            PriceRow(term, day, Money(2 * price, "EUR"), Money(price, "EUR"))
            for day, price in ((date(2020, 1, 1), low), (later, high))
        ]
        if term == Term.MONTH:  # rules 2: its renewal price is its new price
            rows = [replace(row, new=row.renewal) for row in rows]
        books.append(PriceBook(f"P{place}", "EUR", tuple(rows)))
    found = []
    for place in range(draw(st.integers(1, 6))):
        ends_on = TODAY + timedelta(days=draw(st.integers(1, 500)))
        seats, later_seats = draw(st.integers(1, 20)), draw(st.integers(1, 20))
        more = {"term": term, "book": draw(st.sampled_from(books)), "automatic": draw(st.booleans())}
        found.append(candidate(f"s{place}", seats, "1", ends_on, seats_at_renewal=later_seats, **more))
    return tuple(found)


@settings(max_examples=times(150, 1500), deadline=None)
@given(alike())
def test_the_planner_says_what_doing_it_one_by_one_would_charge(candidates: tuple[Candidate, ...]) -> None:
    assert [said(option)[:4] for option in date_options(candidates, TODAY)[1:]] == naive(candidates, TODAY)


@pytest.mark.parametrize(("term", "span", "dates"), [(Term.THREE_YEARS, 1095, 1000), (Term.YEAR, 364, 364), (Term.MONTH, 28, 28)])
def test_a_thousand_subscriptions_with_all_their_dates_are_weighed_while_one_looks(term: Term, span: int, dates: int) -> None:
    books = []
    for place in range(50):
        rows = [PriceRow(term, day, Money(28000 + place, "EUR"), Money(25000 + place, "EUR")) for day in (TODAY, DECEMBER)]
        books.append(PriceBook(f"P{place}", "EUR", tuple(rows)))
    many = []
    for place in range(1000):
        ends_on = TODAY + timedelta(days=1 + place * span // 1000)
        many.append(candidate(f"s{place}", place % 40 + 1, "1", ends_on, term=term, book=books[place % 50]))
    took = []
    for _ in range(3):
        before = time.process_time()
        options = date_options(many, TODAY)
        took.append(time.process_time() - before)
    assert len(options) == dates + 1
    assert min(took) < 0.3 or sys.gettrace()  # a coverage run measures something else
