"""What a buyer compares."""

from comptoir.catalogue.rules import Prices, cheapest_month, compare_terms
from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


# the seed's product: 250 to renew by the year, 675 for three, 755 new
BOOK = {
    Term.MONTH: Prices(eur(3100), eur(3100)),
    Term.YEAR: Prices(eur(28000), eur(25000)),
    Term.THREE_YEARS: Prices(eur(75500), eur(67500)),
}


def test_each_term_is_compared_with_what_the_same_months_cost_by_the_shorter_one() -> None:
    month, year, three = compare_terms(BOOK)
    assert (month.shorter, month.saved) == (None, None)
    assert (year.shorter, year.times, year.shorter_total, year.saved) == (Term.MONTH, 12, eur(37200), eur(9200))
    # three years by the year: one new, two renewed in time
    assert (three.shorter_first, three.shorter_next, three.times) == (eur(28000), eur(25000), 3)
    assert (three.shorter_total, three.saved) == (eur(78000), eur(2500))


def test_the_price_is_spread_over_the_months_and_rounded_once() -> None:
    _month, year, three = compare_terms(BOOK)
    assert year.monthly == eur(2333)
    assert three.monthly == eur(2097)
    assert cheapest_month(compare_terms(BOOK)) == eur(2097)


def test_a_term_that_is_not_sold_is_left_out_and_the_next_compared_with_the_one_before() -> None:
    month, three = compare_terms({**BOOK, Term.YEAR: Prices(None, eur(25000))})
    assert (month.term, three.term) == (Term.MONTH, Term.THREE_YEARS)
    assert (three.shorter, three.times, three.shorter_total) == (Term.MONTH, 36, eur(111600))


def test_nothing_is_compared_with_a_term_that_is_not_renewed() -> None:
    year, three = compare_terms({Term.YEAR: Prices(eur(28000), None), Term.THREE_YEARS: BOOK[Term.THREE_YEARS]})
    assert year.renewal is None
    assert (three.shorter, three.saved) == (None, None)


def test_a_longer_term_that_costs_more_saves_nothing_and_does_not_say_so_in_minus() -> None:
    _year, three = compare_terms({Term.YEAR: BOOK[Term.YEAR], Term.THREE_YEARS: Prices(eur(90000), eur(80000))})
    assert three.shorter_total == eur(78000)
    assert three.saved is None
    assert (_year.dearer, three.dearer) == (None, eur(12000))


def test_a_longer_term_that_costs_the_same_is_neither_cheaper_nor_dearer() -> None:
    _year, three = compare_terms({Term.YEAR: BOOK[Term.YEAR], Term.THREE_YEARS: Prices(eur(78000), None)})
    assert (three.saved, three.dearer) == (None, None)


def test_nothing_sold_is_no_price() -> None:
    assert compare_terms({}) == ()
    assert cheapest_month(()) is None
