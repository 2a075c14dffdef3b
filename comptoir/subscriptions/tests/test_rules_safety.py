"""What must not be charged by itself."""

from datetime import date

import pytest

from comptoir.kernel.money import Money
from comptoir.subscriptions.rules.safety import Before, Bound, Finding, Limits, Now, bounds

DAY, USUAL = date(2026, 11, 21), Limits()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def codes(before: Before, now: Now, limits: Limits = USUAL) -> list[str]:
    return [finding.bound.value for finding in bounds(before, now, limits)]


def charge(unit: int, invoice: int) -> Now:
    return Now(unit=eur(unit), invoice=eur(invoice), on=DAY)


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (25_000, 25_000, []),
        (25_000, 24_999_999, []),
        (25_000, 25_000_000, ["price_jumped"]),
        (25_000, 99_000_000, ["price_jumped"]),
        (25_000, 26, []),
        (25_000, 25, ["price_collapsed"]),
        (25_000, 0, []),
        (0, 25_000, []),
    ],
)
def test_a_price_that_is_a_thousand_times_the_last_is_held(was: int, now: int, found: list[str]) -> None:
    assert codes(Before(unit=eur(was)), charge(now, 100)) == found


@pytest.mark.parametrize(
    ("was", "now", "found"), [(100_000, 999_999, []), (100_000, 1_000_000, ["invoice_jumped"]), (100_000, 1, [])]
)
def test_an_invoice_ten_times_the_last_is_held(was: int, now: int, found: list[str]) -> None:
    assert codes(Before(invoice=eur(was)), charge(25_000, now)) == found


def test_one_subscription_is_not_charged_twice_a_day() -> None:
    assert codes(Before(charged_on=frozenset({DAY})), charge(1, 1)) == ["twice_in_a_day"]
    assert codes(Before(charged_on=frozenset({date(2026, 11, 20)})), charge(1, 1)) == []


def test_what_was_never_charged_can_not_jump() -> None:
    assert bounds(Before(), charge(10**12, 10**12)) == ()


def test_another_currency_is_not_compared() -> None:
    assert bounds(Before(unit=Money(1, "JPY"), invoice=Money(1, "JPY")), charge(10**9, 10**9)) == ()


def test_every_bound_that_is_broken_is_told_with_its_amounts() -> None:
    before = Before(unit=eur(100), invoice=eur(100), charged_on=frozenset({DAY}))
    assert bounds(before, charge(100_000, 1_000)) == (
        Finding(Bound.PRICE_JUMPED, eur(100), eur(100_000)),
        Finding(Bound.TWICE_IN_A_DAY),
        Finding(Bound.INVOICE_JUMPED, eur(100), eur(1_000)),
    )


def test_the_limits_can_be_narrower() -> None:
    assert codes(Before(unit=eur(100), invoice=eur(100)), charge(200, 200), Limits(price_times=2, invoice_times=2)) == [
        "price_jumped",
        "invoice_jumped",
    ]
