from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.billing.rules import (
    EU_MEMBERS,
    EU_STANDARD_RATES,
    Buyer,
    DocumentKind,
    Seller,
    TaxKind,
    TaxLine,
    TaxRule,
    TaxTreatment,
    credit_tax,
    due_on,
    format_number,
    tax_treatment,
    totals,
    vat_number,
)
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import CurrencyMismatch, Money

ON = date(2026, 11, 21)
FRANCE = Seller("FR")
TWENTY = TaxTreatment(TaxKind.DOMESTIC, 2000, "tax_domestic", "FR")


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("FR", "FR 40 303 265 045", "FR40303265045"),
        ("FR", "fr40303265045", "FR40303265045"),
        ("FR", "40303265045", "FR40303265045"),
        ("GR", "EL 094259216", "EL094259216"),
        ("GR", "GR094259216", "EL094259216"),
        ("GR", "094259216", "EL094259216"),
        ("AT", "U13585627", "ATU13585627"),
        ("BE", "0428.759.497", "BE0428759497"),
        ("DE", "DE 136,695 976", "DE136695976"),
        ("FR", "FR41303265045", None),
        ("FR", "DE136695976", None),
        ("FR", "DE100000223", None),
        ("DE", "FR40303265045", None),
        ("DE", "EL094259216", None),
        ("FR", "", None),
        ("FR", "FR", None),
        ("FR", "n° é", None),
        ("GB", "GB980780684", None),
        ("XI", "XI432525179", None),
        ("CH", "CHE-116.281.710 MWST", None),
    ],
)
def test_a_vat_number_is_checked_offline_and_belongs_to_its_country(country: str, typed: str, written: str | None) -> None:
    assert vat_number(country, typed) == written


@pytest.mark.parametrize(
    ("buyer", "kind", "rate", "code"),
    [
        (Buyer("FR"), TaxKind.DOMESTIC, 2000, "tax_domestic"),
        (Buyer("FR", "FR40303265045"), TaxKind.DOMESTIC, 2000, "tax_domestic"),
        (Buyer("DE", "DE136695976"), TaxKind.REVERSE_CHARGE, 0, "tax_reverse_charge"),
        (Buyer("DE"), TaxKind.DESTINATION, 1900, "tax_destination"),
        (Buyer("DE", "DE136695977"), TaxKind.DESTINATION, 1900, "tax_destination"),
        (Buyer("DE", "FR40303265045"), TaxKind.DESTINATION, 1900, "tax_destination"),
        (Buyer("FI"), TaxKind.DESTINATION, 2550, "tax_destination"),
        (Buyer("US"), TaxKind.OUTSIDE, 0, "tax_outside"),
        (Buyer("GB", "GB980780684"), TaxKind.OUTSIDE, 0, "tax_outside"),
        (Buyer("TN"), TaxKind.OUTSIDE, 0, "tax_outside"),
        (Buyer("CH"), TaxKind.DESTINATION, 810, "tax_destination"),
    ],
)
def test_the_tax_follows_the_countries_and_the_vat_number(buyer: Buyer, kind: TaxKind, rate: int, code: str) -> None:
    rates = [*EU_STANDARD_RATES, TaxRule("CH", 810, date(2024, 1, 1))]
    assert tax_treatment(FRANCE, buyer, rates, ON) == TaxTreatment(kind, rate, code, buyer.country)


def test_a_vendor_outside_the_eu_follows_the_same_rule() -> None:
    rates = [*EU_STANDARD_RATES, TaxRule("CH", 810, date(2024, 1, 1))]
    swiss = Seller("CH")
    assert tax_treatment(swiss, Buyer("CH"), rates, ON).kind is TaxKind.DOMESTIC
    assert tax_treatment(swiss, Buyer("DE", "DE136695976"), rates, ON).kind is TaxKind.REVERSE_CHARGE
    assert tax_treatment(swiss, Buyer("DE"), rates, ON).rate_basis_points == 1900
    assert tax_treatment(swiss, Buyer("US"), rates, ON).kind is TaxKind.OUTSIDE


def test_the_rate_is_the_one_valid_on_the_day() -> None:
    rates = [
        TaxRule("EE", 2400, date(2025, 7, 1)),
        TaxRule("EE", 2200, date(2024, 1, 1)),
        TaxRule("FR", 1, date(2020, 1, 1)),
    ]
    estonia = Seller("EE")
    assert tax_treatment(estonia, Buyer("EE"), rates, date(2025, 6, 30)).rate_basis_points == 2200
    assert tax_treatment(estonia, Buyer("EE"), rates, date(2025, 7, 1)).rate_basis_points == 2400


@pytest.mark.parametrize(("seller", "country"), [("FR", "FR"), ("FR", "DE"), ("CH", "CH")])
def test_a_missing_rate_is_refused_never_guessed(seller: str, country: str) -> None:
    late = [TaxRule(country, 2000, date(2027, 1, 1))]
    with pytest.raises(Refused) as refusal:
        tax_treatment(Seller(seller), Buyer(country), late, ON)
    assert (refusal.value.code, refusal.value.params) == ("tax_rate_missing", {"country": country, "on": ON})


def test_reverse_charge_needs_no_rate() -> None:
    assert tax_treatment(FRANCE, Buyer("DE", "DE136695976"), [], ON).kind is TaxKind.REVERSE_CHARGE


def test_a_rate_of_zero_is_a_rate() -> None:
    assert tax_treatment(Seller("CH"), Buyer("CH"), [TaxRule("CH", 0, date(2020, 1, 1))], ON).kind is TaxKind.DOMESTIC


def test_each_eu_country_has_one_standard_rate_in_force() -> None:
    assert sorted(rule.country for rule in EU_STANDARD_RATES) == sorted(EU_MEMBERS)
    assert len(EU_MEMBERS) == 27
    assert all(1500 <= rule.rate_basis_points <= 2700 for rule in EU_STANDARD_RATES)
    assert all(rule.valid_from < date(2026, 11, 1) for rule in EU_STANDARD_RATES)
    rates = {rule.country: rule.rate_basis_points for rule in EU_STANDARD_RATES}
    assert (rates["FR"], rates["HU"], rates["LU"], rates["RO"], rates["SK"]) == (2000, 2700, 1700, 2100, 2300)


def test_tax_is_reckoned_once_on_the_sum_of_the_lines() -> None:
    sums = totals([eur("0.02"), eur("0.02"), eur("0.02")], TWENTY)
    assert (str(sums.net), str(sums.tax), str(sums.total)) == ("0.06", "0.01", "0.07")
    assert sums.per_rate == (TaxLine(2000, eur("0.06"), eur("0.01")),)


def test_the_totals_of_three_more_seats() -> None:
    sums = totals([eur("52.16"), eur("191.01")], TWENTY)
    assert (str(sums.net), str(sums.tax), str(sums.total)) == ("243.17", "48.63", "291.80")


def test_reverse_charge_adds_nothing_but_keeps_its_line() -> None:
    sums = totals([eur("243.17")], TaxTreatment(TaxKind.REVERSE_CHARGE, 0, "tax_reverse_charge", "DE"))
    assert sums.total == sums.net
    assert sums.per_rate == (TaxLine(0, eur("243.17"), eur("0")),)


def test_yen_have_no_decimals_in_tax_either() -> None:
    assert totals([Money(21173, "JPY")], TaxTreatment(TaxKind.DESTINATION, 1000, "tax_destination", "JP")).tax == Money(
        2117, "JPY"
    )


def test_an_invoice_has_lines_in_one_currency() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        totals([], TWENTY)
    with pytest.raises(CurrencyMismatch):
        totals([eur("1"), Money(1, "JPY")], TWENTY)


def test_the_tax_of_a_credit_note_is_before_less_after() -> None:
    before = totals([eur("0.02"), eur("0.06")], TWENTY)
    after_one = totals([eur("0.02")], TWENTY)
    nothing = totals([eur("0")], TWENTY)
    assert str(credit_tax(before, after_one)) == "0.02"
    assert str(credit_tax(after_one, nothing)) == "0.00"
    assert credit_tax(before, after_one) != eur("0.06").percent(2000)


def test_a_credit_note_never_makes_an_invoice_larger() -> None:
    with pytest.raises(ValueError, match="cannot make an invoice larger"):
        credit_tax(totals([eur("1")], TWENTY), totals([eur("1.01")], TWENTY))


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.integers(0, 3000))
def test_returning_line_by_line_closes_to_zero(lines: list[int], rate: int) -> None:
    treatment = TaxTreatment(TaxKind.DOMESTIC, rate, "tax_domestic", "FR")
    left = [Money(minor, "EUR") for minor in lines]
    charged = totals(left, treatment).tax
    given_back = Money.zero("EUR")
    while left:
        before = totals(left, treatment)
        left.pop()
        credited = credit_tax(before, totals(left or [Money.zero("EUR")], treatment))
        assert credited >= Money.zero("EUR")
        given_back = given_back + credited
    assert given_back == charged


def test_numbers_say_their_kind_and_year() -> None:
    assert format_number(DocumentKind.INVOICE, 2026, 1) == "F-2026-000001"
    assert format_number(DocumentKind.CREDIT_NOTE, 2026, 42) == "A-2026-000042"
    assert format_number(DocumentKind.INVOICE, 2026, 1_000_000) == "F-2026-1000000"


def test_the_letter_of_a_row_is_a_kind_and_no_other_letter_is() -> None:
    assert format_number("A", 2026, 1) == "A-2026-000001"  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'B' is not a valid DocumentKind"):
        format_number("B", 2026, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(("year", "n"), [(2026, 0), (2026, -1), (26, 1), (10_000, 1)])
def test_a_number_that_no_series_gives_is_refused(year: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"number {n} of the year {year}"):
        format_number(DocumentKind.INVOICE, year, n)


def test_an_invoice_is_due_30_days_after_its_day_unless_the_setting_says_otherwise() -> None:
    assert due_on(date(2026, 11, 21)) == date(2026, 12, 21)
    assert due_on(date(2026, 11, 21), 0) == date(2026, 11, 21)
    assert due_on(date(2026, 11, 21), days=45) == date(2027, 1, 5)
    with pytest.raises(ValueError, match="due 1 days before"):
        due_on(ON, -1)
    with pytest.raises(ValueError, match="outside the calendar"):
        due_on(date.max)
