from dataclasses import replace
from datetime import date

import pytest

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import AnyDay, History, LateInvoice, LedgerEntry, PastPeriod, State, on_day


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


FIRST = PastPeriod(date(2024, 1, 1), date(2025, 1, 1), Term.YEAR, None)
SECOND = PastPeriod(date(2025, 1, 1), date(2026, 1, 1), Term.YEAR, euros("250"))
HISTORY = History(
    entries=(
        LedgerEntry(1, date(2024, 1, 1), 4, 4),
        LedgerEntry(2, date(2024, 6, 1), 6, 6),
        LedgerEntry(3, date(2024, 6, 1), 6, 5),
        LedgerEntry(4, date(2025, 1, 1), 5, 5),
    ),
    periods=(SECOND, FIRST),
)


def at(day: date, history: History = HISTORY) -> AnyDay:
    found = on_day(history, day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "seats", "at_renewal", "price"),
    [
        (date(2024, 1, 1), 4, 4, None),
        (date(2024, 5, 31), 4, 4, None),
        (date(2024, 6, 1), 6, 5, None),
        (date(2024, 12, 31), 6, 5, None),
        (date(2025, 1, 1), 5, 5, "250"),
        (date(2025, 12, 31), 5, 5, "250"),
    ],
)
def test_seats_and_price_of_a_paid_day(day: date, seats: int, at_renewal: int, price: str | None) -> None:
    found = at(day)
    assert (found.seats, found.seats_at_renewal, found.state, found.paid) == (seats, at_renewal, State.ACTIVE, True)
    assert found.price == (None if price is None else euros(price))
    assert found.seats_working == seats


def test_before_it_began_there_was_nothing() -> None:
    assert on_day(HISTORY, date(2023, 12, 31)) is None
    assert on_day(replace(HISTORY, entries=()), date(2025, 1, 1)) is None
    assert on_day(replace(HISTORY, periods=()), date(2025, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "state", "working"),
    [
        (date(2026, 1, 1), State.GRACE, 5),
        (date(2026, 1, 16), State.SUSPENDED, 0),
        (date(2026, 2, 15), State.CANCELLED, 0),
    ],
)
def test_a_lapse_is_seen_on_its_days(day: date, state: State, working: int) -> None:
    found = at(day)
    assert (found.state, found.paid, found.price, found.seats_working) == (state, False, None, working)


def test_a_lapse_that_was_made_good_stays_in_the_past() -> None:
    renewed = replace(SECOND, start=date(2026, 1, 20), end=date(2027, 1, 20))
    history = replace(HISTORY, periods=(*HISTORY.periods, renewed))
    assert at(date(2026, 1, 19), history).state is State.SUSPENDED
    assert (at(date(2026, 1, 20), history).state, at(date(2026, 1, 20), history).paid) == (State.ACTIVE, True)


def test_a_renewal_on_invoice_lapses_from_its_due_day_until_it_is_paid() -> None:
    invoice = LateInvoice(date(2025, 1, 1), date(2025, 1, 31), closed_on=date(2025, 2, 20))
    history = replace(HISTORY, invoices=(invoice,))
    states = [at(date(2025, *day), history).state for day in ((1, 30), (1, 31), (2, 15), (2, 19), (2, 20))]
    assert states == [State.ACTIVE, State.GRACE, State.SUSPENDED, State.SUSPENDED, State.ACTIVE]
    assert at(date(2024, 12, 31), history).state is State.ACTIVE
    still_open = replace(HISTORY, invoices=(replace(invoice, closed_on=None),))
    assert at(date(2025, 12, 1), still_open).state is State.CANCELLED


def test_of_two_open_invoices_the_one_due_first_counts() -> None:
    open_since = LateInvoice(date(2025, 1, 1), date(2025, 1, 31))
    later = LateInvoice(date(2025, 1, 1), date(2025, 6, 30))
    assert at(date(2025, 2, 1), replace(HISTORY, invoices=(later, open_since))).state is State.GRACE


def test_a_renewal_that_was_given_back_stood_until_that_day() -> None:
    history = replace(HISTORY, periods=(FIRST, replace(SECOND, undone_on=date(2025, 1, 20))))
    before, after = at(date(2025, 1, 19), history), at(date(2025, 1, 20), history)
    assert (before.state, before.paid, before.price) == (State.ACTIVE, True, euros("250"))
    assert (after.state, after.paid, after.price) == (State.SUSPENDED, False, None)


def test_a_purchase_that_was_given_back_ended_it() -> None:
    on = date(2024, 1, 15)
    history = History(HISTORY.entries[:1], (replace(FIRST, undone_on=on),), ended_on=on)
    assert (at(date(2024, 1, 14), history).state, at(date(2024, 1, 14), history).paid) == (State.ACTIVE, True)
    assert (at(on, history).state, at(on, history).paid, at(on, history).seats_working) == (State.CANCELLED, False, 0)
    assert at(on, replace(history, ended_on=None)).state is State.CANCELLED
    assert at(on, replace(history, periods=(FIRST,))).state is State.CANCELLED
