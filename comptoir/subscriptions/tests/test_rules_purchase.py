from dataclasses import replace
from datetime import date

import pytest

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    AddSeats,
    Buy,
    LineKind,
    PaidPeriod,
    PriceBook,
    PriceKind,
    PriceRow,
    Promotion,
    SeatState,
    UnitPrice,
    Wanted,
    plan_added_seats,
    plan_purchase,
)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


BOOK = PriceBook(
    "Sculpt LT",
    "EUR",
    (
        PriceRow(Term.YEAR, date(2025, 1, 1), euros("280"), euros("250")),
        PriceRow(Term.THREE_YEARS, date(2025, 1, 1), euros("755"), euros("675")),
        PriceRow(Term.MONTH, date(2025, 1, 1), None, None),
    ),
)
TODAY = date(2026, 1, 31)
WANTED = Wanted("sculpt-lt", Term.YEAR, "FR")
TENTH = Promotion(name="spring", valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 31), percent_basis_points=1000)


def test_a_purchase_is_one_line_for_a_full_term_at_the_new_price() -> None:
    plan = plan_purchase(BOOK, Buy(WANTED, 3), TODAY)
    line = plan.line
    assert (line.kind, line.quantity, line.unit_price, line.price_kind) == (LineKind.PURCHASE, 3, euros("280"), PriceKind.NEW)
    assert (line.start, line.end, line.days, line.denominator) == (TODAY, date(2027, 1, 31), 365, 365)
    assert (line.net, line.list_price, line.promotion) == (euros("840"), None, "")
    assert (plan.period.start, plan.period.end, plan.period.days, plan.period.term) == (TODAY, line.end, 365, Term.YEAR)
    assert (plan.period.price, plan.period.price_kind, plan.anchor_day, plan.seats) == (euros("280"), PriceKind.NEW, 31, 3)


def test_four_seats_for_three_years_let_lapse_and_bought_new() -> None:
    plan = plan_purchase(BOOK, Buy(replace(WANTED, term=Term.THREE_YEARS), 4), TODAY)
    assert plan.line.net == euros("3020")
    assert plan.period.days == 1096


def test_a_promotion_stands_on_the_line_with_the_price_before_it() -> None:
    line = plan_purchase(BOOK, Buy(WANTED, 3), TODAY, [TENTH]).line
    assert (line.list_price, line.unit_price, line.promotion, line.net) == (euros("280"), euros("252"), "spring", euros("756"))


def test_a_quote_accepted_later_keeps_its_price_though_the_book_has_moved() -> None:
    agreed = UnitPrice(euros("240"), PriceKind.NEW, euros("270"), "autumn")
    plan = plan_purchase(BOOK, Buy(WANTED, 2, agreed), TODAY, [TENTH])
    assert (plan.line.unit_price, plan.line.list_price, plan.line.promotion) == (euros("240"), euros("270"), "autumn")
    assert plan.line.net == euros("480")


@pytest.mark.parametrize("seats", [0, -2, 100_001])
def test_a_number_of_seats_out_of_range_is_refused_on_its_field(seats: int) -> None:
    with pytest.raises(Refused) as refusal:
        plan_purchase(BOOK, Buy(WANTED, seats), TODAY)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("seats_out_of_range", "seats", 422)
    assert refusal.value.params == {"least": 1, "most": 100_000, "given": seats}


def test_what_has_no_new_price_is_not_sold() -> None:
    with pytest.raises(Refused) as refusal:
        plan_purchase(BOOK, Buy(replace(WANTED, term=Term.MONTH), 1), TODAY)
    assert refusal.value.code == "price_missing"


def test_a_code_that_is_wrong_sells_nothing() -> None:
    with pytest.raises(Refused) as refusal:
        plan_purchase(BOOK, Buy(replace(WANTED, code="NOPE"), 1), TODAY, [TENTH])
    assert refusal.value.code == "promotion_code_unknown"


def test_added_seats_take_a_promotion_but_never_in_a_period_at_its_renewal_price() -> None:
    running = PaidPeriod(date(2026, 1, 1), date(2026, 4, 1), 365, Term.YEAR, None, renewed=False)
    extension = PaidPeriod(date(2026, 4, 1), date(2026, 6, 1), 365, Term.YEAR, None, renewed=False)
    ahead = PaidPeriod(date(2026, 6, 1), date(2027, 6, 1), 365, Term.YEAR, euros("250"), renewed=True)
    state = SeatState(4, 4, (running, extension, ahead), Term.YEAR, "EUR", euros("280"), "Sculpt LT", 1, promotions=(TENTH,))
    plan = plan_added_seats(state, AddSeats(2), TODAY)
    said = [(line.kind, line.price_kind, str(line.unit_price), line.promotion, str(line.net)) for line in plan.lines]
    assert said == [
        (LineKind.RUNNING, PriceKind.NEW, "252.00", "spring", "82.85"),
        (LineKind.EXTENSION, PriceKind.NEW, "252.00", "spring", "84.23"),
        (LineKind.RENEWED, PriceKind.RENEWAL, "250.00", "", "500.00"),
    ]
    assert [line.list_price for line in plan.lines] == [euros("280"), euros("280"), None]
