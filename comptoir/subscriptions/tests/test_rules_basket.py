"""Several things bought at once (rules 2, P8)."""

from dataclasses import replace
from datetime import date

import pytest

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules.basket import MOST_WISHES, Basket, Wish, merged, plan_basket, quote_of_lines
from comptoir.subscriptions.rules.prices import PriceBook, PriceKind, PriceRow, Promotion, UnitPrice

TODAY = date(2026, 11, 21)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def book(name: str, year: int) -> PriceBook:
    rows = (
        PriceRow(Term.YEAR, date(2026, 2, 1), eur(year), eur(year - 1000)),
        PriceRow(Term.THREE_YEARS, date(2026, 2, 1), eur(75500), eur(67500)),
    )
    return PriceBook(name, "EUR", rows)


def promotion(name: str, **more: object) -> Promotion:
    return Promotion(name=name, valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30), **more)  # type: ignore[arg-type]


BOOKS = {"SCLT": book("Sculpt LT", 28000), "PLAN": book("Plan", 49500)}
TWO = (Wish("SCLT", Term.YEAR, 4), Wish("PLAN", Term.YEAR, 2))
BASKET = Basket(wishes=TWO, books=BOOKS, country="FR")
CODE = promotion("Ten off", percent_basis_points=1000, code="TEN", product="SCLT")


def nets(basket: Basket, today: date = TODAY) -> list[int]:
    return [plan.line.net.minor for plan in plan_basket(basket, today)]


def test_each_wish_is_a_full_term_at_the_new_price() -> None:
    first, second = plan_basket(BASKET, TODAY)
    assert (first.line.quantity, first.line.net) == (4, eur(112000))
    assert (second.line.quantity, second.line.net) == (2, eur(99000))
    assert (first.period.start, first.period.end, first.anchor_day) == (TODAY, date(2027, 11, 21), 21)


def test_the_seeds_product_bought_new_for_three_years() -> None:
    assert nets(replace(BASKET, wishes=[Wish("SCLT", Term.THREE_YEARS, 4)])) == [302000]  # rules 4: 4 x 755


def test_the_same_thing_twice_is_one_line() -> None:
    twice = (Wish("SCLT", Term.YEAR, 1), Wish("PLAN", Term.YEAR, 1), Wish("SCLT", Term.YEAR, 2), Wish("SCLT", Term.MONTH, 1))
    assert merged(twice) == (Wish("SCLT", Term.YEAR, 3), Wish("PLAN", Term.YEAR, 1), Wish("SCLT", Term.MONTH, 1))


def test_a_code_that_holds_for_one_line_lessens_that_line_alone() -> None:
    assert nets(replace(BASKET, promotions=[CODE], code=" ten ")) == [100800, 99000]


def test_without_its_code_a_promotion_does_not_hold() -> None:
    assert nets(replace(BASKET, promotions=[CODE])) == [112000, 99000]


def test_a_promotion_without_a_code_holds_beside_a_code_for_another_line() -> None:
    plain = promotion("Plan week", amount=eur(5000), product="PLAN")
    assert nets(replace(BASKET, promotions=[CODE, plain], code="TEN")) == [100800, 89000]


def test_the_better_of_two_promotions_counts_once() -> None:
    better = promotion("Fifty off", amount=eur(5000))
    first, _second = plan_basket(replace(BASKET, promotions=[CODE, better], code="TEN"), TODAY)
    assert (first.line.unit_price, first.line.list_price, first.line.promotion) == (eur(23000), eur(28000), "Fifty off")


@pytest.mark.parametrize(
    "narrow", [{"product": "NONE"}, {"term": Term.MONTH}, {"country": "DE"}, {"valid_to": date(2026, 11, 20)}, {"code": "OTHER"}]
)
def test_a_code_that_holds_for_nothing_is_told_and_nobody_pays_more_than_expected(narrow: dict[str, object]) -> None:
    with pytest.raises(Refused) as refusal:
        plan_basket(replace(BASKET, promotions=[replace(CODE, **narrow)], code="TEN"), TODAY)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("promotion_code_unknown", "code", 422)


def test_agreed_prices_hold_whatever_the_book_says_now() -> None:
    agreed = [UnitPrice(eur(20000), PriceKind.NEW), UnitPrice(eur(40000), PriceKind.NEW, eur(49500), "As agreed")]
    first, second = plan_basket(replace(BASKET, agreed=agreed, code="LONG GONE"), TODAY)
    assert (first.line.net, second.line.net, second.line.promotion) == (eur(80000), eur(80000), "As agreed")


def test_an_empty_basket_one_too_full_and_a_missing_price_are_refused() -> None:
    full = [Wish("SCLT", Term.YEAR, 1)] * (MOST_WISHES + 1)
    for wishes, code in (((), "basket_empty"), (full, "basket_too_full"), ([Wish("SCLT", Term.MONTH, 1)], "price_missing")):
        with pytest.raises(Refused) as refusal:
            plan_basket(replace(BASKET, wishes=wishes), TODAY)
        assert refusal.value.code == code


def test_the_quote_moves_with_the_day_the_lines_and_the_tax_and_with_nothing_else() -> None:
    def quote(basket: Basket = BASKET, tax: int = 42200, today: date = TODAY) -> str:
        return quote_of_lines([plan.line for plan in plan_basket(basket, today)], eur(tax), today)

    assert quote() == quote()
    others = {quote(tax=0), quote(today=date(2026, 11, 22)), quote(replace(BASKET, promotions=[CODE], code="TEN"))}
    assert len(others | {quote()}) == 4
