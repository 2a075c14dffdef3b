from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term, add_days
from comptoir.subscriptions.rules import Lapse, Lengths, State, lapse_of, renewable_from, returnable_until, state_of

END = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("today", "term", "state"),
    [
        (date(2026, 2, 28), Term.YEAR, State.ACTIVE),
        (date(2026, 3, 1), Term.YEAR, State.GRACE),
        (date(2026, 3, 15), Term.YEAR, State.GRACE),
        (date(2026, 3, 16), Term.YEAR, State.SUSPENDED),
        (date(2026, 4, 14), Term.YEAR, State.SUSPENDED),
        (date(2026, 4, 15), Term.YEAR, State.CANCELLED),
        (date(2026, 4, 14), Term.THREE_YEARS, State.SUSPENDED),
        (date(2026, 3, 15), Term.MONTH, State.GRACE),
        (date(2026, 3, 30), Term.MONTH, State.SUSPENDED),
        (date(2026, 3, 31), Term.MONTH, State.CANCELLED),
    ],
)
def test_a_lapse_is_15_days_of_grace_then_30_suspended_15_for_a_month(today: date, term: Term, state: State) -> None:
    assert state_of(END, term, today) is state


def test_the_clock_of_a_renewal_on_invoice_starts_at_its_due_day() -> None:
    due = date(2026, 3, 31)
    assert state_of(END, Term.YEAR, date(2026, 3, 30), invoice_due_on=due) is State.ACTIVE
    assert state_of(END, Term.YEAR, due, invoice_due_on=due) is State.GRACE
    assert state_of(END, Term.YEAR, date(2026, 4, 15), invoice_due_on=due) is State.SUSPENDED


def test_an_invoice_due_before_the_end_takes_no_paid_day_away() -> None:
    due = date(2026, 1, 15)
    assert state_of(END, Term.YEAR, date(2026, 2, 28), invoice_due_on=due) is State.ACTIVE
    assert state_of(END, Term.YEAR, END, invoice_due_on=due) is State.GRACE


def test_the_lengths_are_settings() -> None:
    lengths = Lengths(grace=1, suspended=2, suspended_month=1)
    states = [state_of(END, Term.YEAR, add_days(END, day), lengths=lengths) for day in range(4)]
    assert states == [State.GRACE, State.SUSPENDED, State.SUSPENDED, State.CANCELLED]
    assert state_of(END, Term.MONTH, add_days(END, 2), lengths=lengths) is State.CANCELLED


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Term), st.integers(-400, 400))
def test_a_lapse_never_goes_back(end: date, term: Term, day: int) -> None:
    order = [State.ACTIVE, State.GRACE, State.SUSPENDED, State.CANCELLED]
    today, tomorrow = state_of(end, term, add_days(end, day)), state_of(end, term, add_days(end, day + 1))
    assert order.index(tomorrow) - order.index(today) in {0, 1}
    assert (today is State.ACTIVE) == (day < 0)


@pytest.mark.parametrize(
    ("start", "end", "term", "opens"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), Term.YEAR, date(2025, 10, 3)),
        (date(2025, 1, 31), date(2025, 2, 28), Term.MONTH, date(2025, 1, 31)),
        (date(2025, 11, 1), date(2025, 12, 15), Term.YEAR, date(2025, 11, 1)),
    ],
    ids=["90 days before", "a month from its first day", "never before the period"],
)
def test_the_day_on_which_renewal_by_hand_opens(start: date, end: date, term: Term, opens: date) -> None:
    assert renewable_from(start, end, term) == opens


def test_a_line_can_be_returned_for_30_days_15_for_a_month() -> None:
    assert returnable_until(date(2026, 1, 10), Term.YEAR) == date(2026, 2, 9)
    assert returnable_until(date(2026, 1, 10), Term.THREE_YEARS) == date(2026, 2, 9)
    assert returnable_until(date(2026, 1, 10), Term.MONTH) == date(2026, 1, 25)


def test_the_days_of_a_lapse_are_known_beforehand() -> None:
    assert lapse_of(END, Term.YEAR) == Lapse(END, date(2026, 3, 16), date(2026, 4, 15))
    assert lapse_of(END, Term.MONTH, date(2026, 3, 31)) == Lapse(date(2026, 3, 31), date(2026, 4, 15), date(2026, 4, 30))


@pytest.mark.parametrize("days", [15, 45, 400])
def test_a_run_that_does_not_come_suspends_nobody(days: int) -> None:
    today = add_days(END, days)
    assert state_of(END, Term.YEAR, today, run_awaited=True) is State.GRACE
    assert state_of(END, Term.YEAR, today) is not State.GRACE
    assert state_of(END, Term.YEAR, add_days(END, -1), run_awaited=True) is State.ACTIVE
