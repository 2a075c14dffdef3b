from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import PriceBook, PriceKind, PriceRow, Promotion, UnitPrice, Wanted, discounted, promotions_for

TODAY = date(2026, 3, 10)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


BOOK = PriceBook(
    "Sculpt LT",
    "EUR",
    (
        PriceRow(Term.YEAR, date(2027, 1, 1), euros("300"), None),
        PriceRow(Term.YEAR, date(2025, 1, 1), euros("280"), euros("250")),
        PriceRow(Term.YEAR, date(2026, 1, 1), euros("290"), euros("260")),
        PriceRow(Term.THREE_YEARS, date(2025, 1, 1), None, euros("675")),
    ),
)
WANTED = Wanted("sculpt-lt", Term.YEAR, "FR")
TENTH = Promotion(name="spring", valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31), percent_basis_points=1000)
FORTY = Promotion(name="forty", valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31), amount=euros("40"))


@pytest.mark.parametrize(
    ("kind", "on", "price"),
    [
        (PriceKind.NEW, date(2025, 1, 1), "280"),
        (PriceKind.RENEWAL, date(2025, 12, 31), "250"),
        (PriceKind.RENEWAL, date(2026, 1, 1), "260"),
        (PriceKind.NEW, date(2026, 12, 31), "290"),
        (PriceKind.NEW, date(2027, 1, 1), "300"),
    ],
)
def test_a_price_is_valid_from_its_day_until_the_next_one(kind: PriceKind, on: date, price: str) -> None:
    assert BOOK.price(kind, Term.YEAR, on) == BOOK.find(kind, Term.YEAR, on) == euros(price)


@pytest.mark.parametrize(
    ("kind", "term", "on"),
    [
        (PriceKind.NEW, Term.YEAR, date(2024, 12, 31)),
        (PriceKind.RENEWAL, Term.YEAR, date(2027, 1, 1)),
        (PriceKind.NEW, Term.THREE_YEARS, TODAY),
        (PriceKind.RENEWAL, Term.MONTH, TODAY),
    ],
    ids=["before the book begins", "withdrawn by a later row", "never sold", "no such term"],
)
def test_a_price_that_is_not_in_the_book_is_missing_and_not_guessed(kind: PriceKind, term: Term, on: date) -> None:
    assert BOOK.find(kind, term, on) is None
    with pytest.raises(Refused) as refusal:
        BOOK.price(kind, term, on)
    assert refusal.value.code == "price_missing"
    assert refusal.value.params == {"product": "Sculpt LT", "currency": "EUR"}


@pytest.mark.parametrize(
    ("promotion", "listed", "price"),
    [
        (TENTH, "280.00", "252.00"),
        (FORTY, "280.00", "240.00"),
        (FORTY, "30.00", "0.00"),
        (replace(TENTH, percent_basis_points=10_000), "280.00", "0.00"),
        (replace(TENTH, percent_basis_points=1250), "9.99", "8.74"),
        (replace(TENTH, percent_basis_points=5000), "0.03", "0.01"),
    ],
    ids=["percent", "amount per seat", "never below zero", "all of it", "1.24875 off is 1.25", "half a cent off is one"],
)
def test_the_rounded_discount_is_taken_off_the_unit_price(promotion: Promotion, listed: str, price: str) -> None:
    assert discounted(euros(listed), [promotion]) == UnitPrice(euros(price), PriceKind.NEW, euros(listed), promotion.name)


def test_only_the_best_promotion_counts() -> None:
    assert discounted(euros("280"), [TENTH, FORTY]).promotion == "forty"
    assert discounted(euros("500"), [TENTH, FORTY]) == UnitPrice(euros("450"), PriceKind.NEW, euros("500"), "spring")


def test_of_equal_promotions_the_one_without_a_code_counts_then_the_first_by_name() -> None:
    with_code = replace(FORTY, name="a code", code="SAVE")
    other = replace(FORTY, name="also forty")
    assert discounted(euros("400"), [with_code, FORTY]).promotion == "forty"
    assert discounted(euros("400"), [FORTY, with_code, other]).promotion == "also forty"


@pytest.mark.parametrize(
    "promotions",
    [[], [replace(FORTY, amount=Money(4000, "JPY"))], [replace(FORTY, amount=None)]],
    ids=["none", "in another currency", "of nothing"],
)
def test_without_a_promotion_the_price_says_nothing_of_one(promotions: list[Promotion]) -> None:
    assert discounted(euros("280"), promotions) == UnitPrice(euros("280"), PriceKind.NEW)


@pytest.mark.parametrize(
    ("promotion", "holds"),
    [
        (TENTH, True),
        (replace(TENTH, valid_from=TODAY, valid_to=TODAY), True),
        (replace(TENTH, valid_from=date(2026, 3, 11)), False),
        (replace(TENTH, valid_to=date(2026, 3, 9)), False),
        (replace(TENTH, product="sculpt-lt", term=Term.YEAR, country="FR"), True),
        (replace(TENTH, product="sculpt"), False),
        (replace(TENTH, term=Term.MONTH), False),
        (replace(TENTH, country="DE"), False),
        (replace(TENTH, code="SPRING"), False),
    ],
    ids=["plain", "one day", "not yet", "over", "narrowed", "product", "term", "country", "code not given"],
)
def test_a_promotion_holds_for_what_it_names_on_its_days(promotion: Promotion, holds: bool) -> None:
    assert (promotion in promotions_for([promotion], WANTED, TODAY)) is holds


def test_a_code_counts_in_any_case_beside_those_that_hold_anyway() -> None:
    secret = replace(FORTY, code="Save40")
    wanted = replace(WANTED, code="  sAVE40 ")
    assert promotions_for([TENTH, secret], wanted, TODAY) == (TENTH, secret)


@pytest.mark.parametrize("promotion", [TENTH, replace(TENTH, code="OTHER"), replace(TENTH, code="SAVE40", country="DE")])
def test_a_code_that_takes_nothing_off_is_told_not_ignored(promotion: Promotion) -> None:
    with pytest.raises(Refused) as refusal:
        promotions_for([promotion], replace(WANTED, code=" save40"), TODAY)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("promotion_code_unknown", "code", 422)
    assert refusal.value.params == {"code": "save40"}


@given(st.integers(0, 10**7), st.integers(0, 10_000), st.integers(1, 500), st.integers(0, 366))
def test_a_discounted_line_can_be_computed_again_from_what_it_says(price: int, off: int, seats: int, days: int) -> None:
    unit = discounted(Money(price, "EUR"), [replace(TENTH, percent_basis_points=off)])
    line = unit.price.prorate(days, 366, seats)
    assert Money.zero("EUR") <= line <= Money(price, "EUR").prorate(days, 366, seats)
    assert (unit.listed is None) == (unit.price == Money(price, "EUR"))
