from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.money import EXPONENTS, CurrencyMismatch, Money, exponent

amounts = st.integers(-(10**14), 10**14)
currencies = st.sampled_from(sorted(EXPONENTS))


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("JPY", 0), ("KRW", 0), ("XOF", 0), ("ISK", 0), ("KWD", 3), ("BHD", 3), ("TND", 3), ("CLF", 4)],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_the_table_holds_only_codes_that_the_locale_data_knows() -> None:
    assert set(EXPONENTS) <= list_currencies()
    assert len(EXPONENTS) == 164
    assert {"EUR", "CHF", "XCG", "ZWG", "SLE"} <= set(EXPONENTS)
    assert not {"BGN", "HRK", "ANG", "XAU", "XXX", "XTS", "XDR"} & set(EXPONENTS)


@pytest.mark.parametrize("code", ["ECU", "eur", "", "EURO", "BGN"])
def test_an_unknown_currency_is_refused_with_a_sentence(code: str) -> None:
    with pytest.raises(ValueError, match="is not a currency code of ISO 4217, such as EUR"):
        Money(1, code)
    with pytest.raises(ValueError, match="is not a currency code of ISO 4217, such as EUR"):
        Money.parse("1", code)


@pytest.mark.parametrize(
    ("text", "currency", "minor", "written"),
    [
        ("280.00", "EUR", 28000, "280.00"),
        ("280", "EUR", 28000, "280.00"),
        ("280.5", "EUR", 28050, "280.50"),
        ("0.05", "EUR", 5, "0.05"),
        ("-0.05", "EUR", -5, "-0.05"),
        ("-0.00", "EUR", 0, "0.00"),
        ("007", "EUR", 700, "7.00"),
        ("42000", "JPY", 42000, "42000"),
        ("-42000", "JPY", -42000, "-42000"),
        ("0", "JPY", 0, "0"),
        ("1.234", "KWD", 1234, "1.234"),
        ("9999999999999.99", "EUR", 999_999_999_999_999, "9999999999999.99"),
    ],
)
def test_plain_digits_are_read_and_written(text: str, currency: str, minor: int, written: str) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)
    assert str(Money(minor, currency)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "1,000.00",
        "1 000",
        "1_000",
        "1e3",
        "NaN",
        "Infinity",
        "0x10",
        ".5",
        "5.",
        "--1",
        "1.2.3",
        "\u0661",
        "1\n",
    ],
)
def test_anything_but_plain_digits_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an amount: write plain digits with a point, such as 280\.00\.$"):
        eur(text)


def test_too_many_decimals_are_refused_not_rounded() -> None:
    with pytest.raises(ValueError, match=r"'1\.005' has too many decimals: EUR has 2\."):
        eur("1.005")
    with pytest.raises(ValueError, match=r"'5020\.0' has too many decimals: JPY has 0\."):
        Money.parse("5020.0", "JPY")


@pytest.mark.parametrize("text", ["10000000000000", "9" * 5000])
def test_too_large_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is too large an amount") as refusal:
        eur(text)
    assert len(str(refusal.value)) < 100


@given(amounts, currencies)
def test_what_is_written_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money
    assert money.decimal == Decimal(str(money))


def test_the_decimal_is_exact_beyond_the_precision_of_the_context() -> None:
    assert str(Money(-(10**40) - 1, "EUR").decimal) == "-1" + "0" * 38 + ".01"


@pytest.mark.parametrize("minor", [1.0, "1", Decimal(1), True, None])
def test_only_whole_minor_units_make_money(minor: object) -> None:
    with pytest.raises(TypeError, match="whole minor units"):
        Money(minor, "EUR")  # type: ignore[arg-type]


def test_amounts_of_one_currency_add_subtract_and_compare() -> None:
    assert eur("1.10") + eur("2.20") == eur("3.30")
    assert eur("1.10") - eur("2.20") == eur("-1.10")
    assert -eur("1.10") == eur("-1.10")
    assert eur("1.10") * 3 == 3 * eur("1.10") == eur("3.30")
    assert eur("1") < eur("2") <= eur("2")
    assert eur("2") > eur("1") >= eur("1")
    assert not eur("1") < eur("1")
    assert not eur("1") > eur("1")
    assert not eur("2") <= eur("1")
    assert not eur("1") >= eur("2")
    assert hash(eur("1")) == hash(eur("1.00"))


def test_a_sum_starts_from_nothing_in_its_currency() -> None:
    assert Money.sum([], "JPY") == Money.zero("JPY") == Money(0, "JPY")
    assert Money.sum([eur("1.10"), eur("2.20")], "EUR") == eur("3.30")
    with pytest.raises(CurrencyMismatch):
        Money.sum([eur("1.10")], "JPY")


def test_two_currencies_never_mix() -> None:
    euro, yen = Money(1, "EUR"), Money(1, "JPY")
    assert euro != yen
    for combine in (
        lambda: euro + yen,
        lambda: euro - yen,
        lambda: euro < yen,
        lambda: euro <= yen,
        lambda: euro > yen,
        lambda: euro >= yen,
    ):
        with pytest.raises(CurrencyMismatch, match="An amount in EUR and an amount in JPY cannot be combined"):
            combine()


def test_a_number_is_no_amount_and_a_fraction_no_quantity() -> None:
    with pytest.raises(TypeError, match="combines with amounts only"):
        eur("1") + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        eur("1") * 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        eur("1") * True
    with pytest.raises(AttributeError):
        eur("1").minor = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("minor", "numerator", "denominator", "quantity", "expected"),
    [
        (1, 1, 2, 1, 1),
        (-1, 1, 2, 1, -1),
        (3, 1, 2, 1, 2),
        (-3, 1, 2, 1, -2),
        (1, 1, 3, 1, 0),
        (2, 1, 3, 1, 1),
        (5, 1, 10, 1, 1),
        (49, 1, 100, 1, 0),
        (1, 1, 2, -1, -1),
        (28000, 0, 365, 3, 0),
        (28000, 143, 365, 3, 32910),
    ],
)
def test_a_line_is_rounded_once_half_up(minor: int, numerator: int, denominator: int, quantity: int, expected: int) -> None:
    assert Money(minor, "EUR").prorate(numerator, denominator, quantity) == Money(expected, "EUR")


def test_the_line_is_rounded_not_the_seat() -> None:
    price = eur("0.01")
    assert price.prorate(1, 3) == eur("0.00")
    assert price.prorate(1, 3, 3) == eur("0.01")


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (1, -1), (-1, 365)])
def test_a_senseless_proration_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match=f"cannot be prorated by {numerator} of {denominator}"):
        eur("1").prorate(numerator, denominator)


@pytest.mark.parametrize(
    ("net", "basis_points", "tax"),
    [
        ("329.10", 2000, "65.82"),
        ("0.02", 2550, "0.01"),
        ("0.10", 2550, "0.03"),
        ("-0.10", 2550, "-0.03"),
        ("9.99", 0, "0.00"),
    ],
)
def test_a_percentage_is_rounded_half_up(net: str, basis_points: int, tax: str) -> None:
    assert eur(net).percent(basis_points) == eur(tax)


prices = st.integers(0, 10**9)
seats = st.integers(1, 1000)
terms = st.integers(1, 1096)


@given(prices, seats, terms, st.data())
def test_orders_of_one_seat_differ_from_one_order_by_less_than_a_minor_unit_each(
    price: int, k: int, denominator: int, data: st.DataObject
) -> None:
    days = data.draw(st.integers(0, denominator))
    one_by_one = Money(price, "EUR").prorate(days, denominator) * k
    at_once = Money(price, "EUR").prorate(days, denominator, k)
    assert abs(one_by_one.minor - at_once.minor) < k


@given(prices, seats, terms, st.data())
def test_more_days_or_more_seats_never_cost_less(price: int, k: int, denominator: int, data: st.DataObject) -> None:
    days = data.draw(st.integers(0, denominator - 1))
    line = Money(price, "EUR").prorate(days, denominator, k)
    assert line >= Money.zero("EUR")
    assert Money(price, "EUR").prorate(days + 1, denominator, k) >= line
    assert Money(price, "EUR").prorate(days, denominator, k + 1) >= line
    assert line <= Money(price, "EUR") * k


@given(prices, seats, terms)
def test_a_full_period_costs_the_price_of_each_seat(price: int, k: int, denominator: int) -> None:
    assert Money(price, "EUR").prorate(denominator, denominator, k) == Money(price, "EUR") * k


@given(amounts, st.integers(0, 1096), terms, seats)
def test_a_credit_mirrors_its_line(minor: int, days: int, denominator: int, k: int) -> None:
    assert (-Money(minor, "EUR")).prorate(days, denominator, k) == -Money(minor, "EUR").prorate(days, denominator, k)
