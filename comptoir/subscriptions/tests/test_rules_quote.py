from dataclasses import replace
from datetime import date

import pytest

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    Moved,
    PaidPeriod,
    Quote,
    SeatPlan,
    SeatState,
    moved,
    plan_added_seats,
    quote_of,
)
from comptoir.subscriptions.rules.quote import parse

TODAY = date(2026, 11, 21)
TAX = Money(6582, "EUR")
STATE = SeatState(
    seats_now=4,
    seats_at_renewal=4,
    periods=(PaidPeriod(date(2026, 4, 13), date(2027, 4, 13), 365, Term.YEAR, None, renewed=False),),
    term=Term.YEAR,
    currency="EUR",
    new_price=Money(28000, "EUR"),
    product_name="Sculpt LT",
    version=7,
)


def plan(state: SeatState = STATE, add: int = 3, today: date = TODAY) -> SeatPlan:
    return plan_added_seats(state, AddSeats(add), today)


GIVEN = quote_of(plan(), TAX, 7, TODAY)


def test_a_quote_of_the_same_things_is_the_same_text() -> None:
    assert quote_of(plan(), TAX, 7, TODAY) == GIVEN
    assert moved(GIVEN, GIVEN) == ()


def test_a_quote_carries_its_day_and_version() -> None:
    quote = parse(GIVEN)
    assert (quote.day, quote.version, len(quote.digest)) == (TODAY, 7, 16)
    assert str(quote) == GIVEN


def test_a_moved_day_is_told() -> None:
    tomorrow = date(2026, 11, 22)
    assert moved(GIVEN, quote_of(plan(today=tomorrow), TAX, 7, tomorrow)) == (Moved.DAY, Moved.AMOUNTS)


def test_a_moved_version_is_told() -> None:
    assert moved(GIVEN, quote_of(plan(), TAX, 8, TODAY)) == (Moved.VERSION,)


@pytest.mark.parametrize(
    "fresh",
    [
        quote_of(plan(replace(STATE, new_price=Money(28001, "EUR"))), TAX, 7, TODAY),
        quote_of(plan(add=4), TAX, 7, TODAY),
        quote_of(plan(), Money(6583, "EUR"), 7, TODAY),
        quote_of(plan(replace(STATE, seats_at_renewal=3)), TAX, 7, TODAY),
    ],
    ids=["price", "seats", "tax", "seats at renewal"],
)
def test_moved_amounts_are_told(fresh: str) -> None:
    assert moved(GIVEN, fresh) == (Moved.AMOUNTS,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        GIVEN + "\n",
        GIVEN.upper() + "X",
        "2026-02-30.7.0123456789abcdef",
        "2026-11-21.-7.0123456789abcdef",
        "0000-01-01.1.0123456789abcdef",
    ],
)
def test_a_quote_that_no_preview_gave_is_refused_on_its_field(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        moved(text, GIVEN)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("quote_unreadable", "quote", 422)


def test_a_forged_quote_only_fails_to_match() -> None:
    forged = str(Quote(TODAY, 7, "0" * 16))
    assert moved(forged, GIVEN) == (Moved.AMOUNTS,)
