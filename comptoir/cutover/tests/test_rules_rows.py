"""Rows, file by file: what is refused with which words, what is adjusted, what repeats, what hangs on what."""

from __future__ import annotations

import pytest

from comptoir.cutover.rules import judge
from comptoir.cutover.tests.exports import (
    accepted_lines,
    demo_judged,
    edited,
    judged_with,
    on_line,
    with_files,
    with_line,
    with_row,
)

REFUSALS = [
    ("products", 2, "SCLT", "", "missing_value", "code is empty"),
    ("products", 2, "SCLT", "=1+1", "bad_code", "up to 64 letters"),
    ("products", 2, "Sculpt LT", "", "missing_value", "name is empty"),
    ("products", 2, "desktop", "laptop", "unknown_kind", "write desktop, cloud or suite"),
    ("products", 2, "active", "", "unknown_status", "status is empty; write active or retired"),
    ("products", 2, "active,yes", "active,perhaps", "unknown_self_service", "write yes or no"),
    ("products", 2, ",3", ",x", "bad_previous_versions", "whole number from 0 to 99"),
    ("products", 2, ",3", ",-1", "previous_versions_out_of_range", "from 0 to 99"),
    ("prices", 2, "SCLT", "NONE", "unknown_product", "in no row of products.csv"),
    ("prices", 2, "month", "week", "unknown_term", "write month, year or 3years"),
    ("prices", 2, "EUR", "EURO", "unknown_currency", "ISO 4217"),
    ("prices", 2, "EUR", "", "unknown_currency", "currency is empty"),
    ("prices", 2, "31.00,31.00", "31.005,31.00", "bad_price", "at most 2 decimals"),
    ("prices", 2, "31.00,31.00", "-31.00,31.00", "negative_price", "zero or more"),
    ("prices", 2, "31.00,31.00", ",", "missing_value", "both empty"),
    ("prices", 17, "5020,5020", "5020.5,5020", "bad_price", "like 1234, with at most 0 decimals"),
    ("prices", 2, "2026-02-01", "2026-02-30", "bad_date", "a day that exists"),
    ("releases", 2, "SCLT", "NONE", "unknown_product", "add the product there"),
    ("releases", 2, "release;", "nightly;", "unknown_kind", "write release or update"),
    ("releases", 2, "24/03/2020", "", "bad_date", "released_on is empty"),
    ("resellers", 2, "R100", "", "missing_value", "reseller_number is empty"),
    ("customers", 2, "5100000", "", "missing_value", "customer_number is empty"),
    ("customers", 2, ";CH;", ";Switzerland;", "unknown_country", "ISO 3166-1"),
    ("customers", 2, ";CH;", ";;", "unknown_country", "country is empty"),
    ("customers", 2, "CHF", "ECU", "unknown_currency", "ISO 4217"),
    ("users", 2, "SC00000000", "", "missing_value", "legacy_id is empty"),
    ("users", 2, "5100000", "9999999", "unknown_customer", "in no row of customers.csv"),
    ("contracts", 2, "5100000", "9999999", "unknown_customer", "in no row of customers.csv"),
    ("contracts", 2, "subscription", "lease", "unknown_plan", "write subscription or maintenance"),
    ("contracts", 2, "direct", "phone", "unknown_channel", "write direct, reseller or store"),
    ("contracts", 2, "direct,", "reseller,R999", "unknown_reseller", "in no row of resellers.csv"),
    ("contracts", 2, "direct,", "reseller,", "missing_value", "reseller_number is empty"),
    ("contracts", 2, "priority", "gold", "unknown_support_level", "write basic, advanced or priority"),
    ("contracts", 2, "26/11/2025", "26/13/2025", "bad_date", "DD/MM/YYYY"),
    ("roles", 2, "contract_manager", "boss", "unknown_role", "write contract_manager or software_coordinator"),
    ("roles", 2, "110000893", "1", "unknown_contract", "in no row of contracts.csv"),
    ("roles", 2, "priya.novk4", "nobody", "unknown_person", "in no row of users.csv"),
    ("roles", 2, "priya.novk4@client0.example", "", "missing_value", "email is empty"),
    ("subscriptions", 2, "110000893", "1", "unknown_contract", "in no row of contracts.csv"),
    ("subscriptions", 2, "year", "decade", "unknown_term", "write month, year or 3years"),
    ("subscriptions", 2, ",1,", ",0,", "seats_out_of_range", "from 1 to 1,000,000"),
    ("subscriptions", 2, ",1,", ",1.5,", "bad_seats", "whole number from 1"),
    ("subscriptions", 2, ",1,", ",,", "bad_seats", "seats is empty"),
    ("subscriptions", 2, "2027-02-07", "2026-02-07", "end_before_start", "is not after period_start"),
    ("subscriptions", 2, "2027-02-07", "never", "bad_date", "renews_on is “never”"),
    ("subscriptions", 2, ",yes,", ",maybe,", "unknown_auto_renew", "write yes or no"),
    ("subscriptions", 2, ",yes,", ",,", "unknown_auto_renew", "auto_renew is empty"),
    ("subscriptions", 2, "card", "gold", "unknown_payment_method", "write card, sepa or invoice"),
    ("serials", 2, "377-10000852", "", "missing_value", "serial_number is empty"),
    ("serials", 2, "560000054", "1", "unknown_subscription", "in no row of subscriptions.csv"),
    ("assignments", 2, "560000054", "1", "unknown_subscription", "in no row of subscriptions.csv"),
    ("assignments", 2, "nol.ngstrm6", "nobody", "unknown_person", "in no row of users.csv"),
    ("assignments", 2, "15/05/2026", "15/05/26", "bad_date", "write a day that exists"),
    ("cloud_credit_usage", 2, "acha.kowalski0", "nobody", "unknown_person", "in no row of users.csv"),
    ("cloud_credit_usage", 2, ",1,", ",-1,", "credits_out_of_range", "credits is -1"),
    ("cloud_credit_usage", 2, "2026-07-15T17:12:00Z", "2026-07-15", "bad_date", "YYYY-MM-DDTHH:MM:SSZ"),
    ("cloud_credit_usage", 2, "2026-07-15T17:12:00Z", "", "bad_date", "used_at is empty"),
    ("cases", 2, "la.fournier1", "nobody", "unknown_person", "in no row of users.csv"),
    ("cases", 2, ",2,open", ",high,open", "bad_severity", "whole number"),
    ("cases", 2, ",open,", ",lost,", "unknown_status", "write open, waiting or closed"),
]


@pytest.mark.parametrize(("name", "line", "old", "new", "reason", "said"), REFUSALS)
def test_a_wrong_cell_is_refused_with_what_would_be_right(
    name: str, line: int, old: str, new: str, reason: str, said: str
) -> None:
    judgement = with_line(name, line, old, new)
    finding = on_line(judgement.rejected, f"{name}.csv", line)
    assert finding.reason == reason
    assert said in finding.sentence
    kept = {at for at in accepted_lines(judgement) if at[0] == f"{name}.csv"}
    before = {at for at in accepted_lines(demo_judged()) if at[0] == f"{name}.csv"}
    assert before - kept == {(f"{name}.csv", line)}


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    judgement = edited("subscriptions", lambda lines: [lines[0], "1,2,NONE,decade,0,x,y,maybe,gold", *lines[2:]])
    sentence = on_line(judgement.rejected, "subscriptions.csv", 2).sentence
    for column in ("contract_number", "product_code", "term", "seats", "period_start", "renews_on", "auto_renew"):
        assert column in sentence
    assert judgement.problems["end_before_start"] == 2  # days that cannot be read have no order
    assert judgement.problems["unknown_product"] == 4


def test_a_row_with_two_problems_counts_under_both() -> None:
    judgement = with_line("subscriptions", 47, "2026-10-14", "2024-10-14")
    assert (judgement.problems["unknown_product"], judgement.problems["end_before_start"]) == (3, 3)


def test_words_are_read_whatever_their_case_and_yes_in_french() -> None:
    judgement = with_line("products", 2, "desktop,active,yes,yes", " DESKTOP ,Active,Oui,FAUX")
    product = judgement.accepted.products[0]
    assert (product.kind, product.status, product.self_service, product.home_use) == ("desktop", "active", True, False)


ADJUSTMENTS = [
    ("resellers", 2, "ventes@gcl.example", "ventes at gcl", "unusable_address", "was left out"),
    ("customers", 3, ";R101", ";R999", "unknown_reseller", "was left out"),
    ("customers", 2, ";fr;", ";français courant;", "unknown_language", "English was taken"),
    ("customers", 2, "94 rue Fournier", "x" * 300, "text_too_long", "the first 255 were kept"),
    ("customers", 2, "94 rue Fournier", "94 rue\x07Fournier", "unreadable_text", "question mark"),
    ("users", 2, "24/03/2025", "soon", "bad_date", "It was left out"),
    ("users", 2, "sha1", "md5", "unusable_password", "a new one by mail"),
    ("users", 2, "45330be0", "zzz30be0", "unusable_password", "a new one by mail"),
    ("users", 2, "en,sha1", ",sha1", "unknown_language", "language is empty"),
    ("contracts", 2, "direct,,", "direct,R100,", "reseller_left_out", "the channel is direct"),
    ("cases", 2, ",2,open", ",0,open", "severity_out_of_range", "became 1"),
    ("cases", 2, ",2,open", ",9,open", "severity_out_of_range", "became 3"),
]


@pytest.mark.parametrize(("name", "line", "old", "new", "reason", "said"), ADJUSTMENTS)
def test_what_need_not_be_refused_is_adjusted_and_said(name: str, line: int, old: str, new: str, reason: str, said: str) -> None:
    judgement = with_line(name, line, old, new)
    finding = on_line(judgement.adjusted, f"{name}.csv", line)
    assert finding.reason == reason
    assert said in finding.sentence
    assert accepted_lines(judgement) == accepted_lines(demo_judged())


def test_an_adjusted_value_is_what_is_imported() -> None:
    assert with_line("customers", 3, ";R101", ";R999").accepted.customers[1].reseller_number is None
    assert with_line("contracts", 2, "direct,,", "direct,R100,").accepted.contracts[0].reseller_number is None
    assert with_line("customers", 2, "94 rue Fournier", "x" * 300).accepted.customers[0].street == "x" * 255
    password = with_line("users", 2, "sha1", "md5").accepted.people[0].old_ids[0]
    assert (password.algorithm, password.salt, password.hash) == (None, "", "")


def test_a_refused_row_is_not_said_to_be_adjusted() -> None:
    judgement = with_line("contracts", 2, "direct,,priority", "direct,R100,gold")
    assert not [finding for finding in judgement.adjusted if finding.file == "contracts.csv"]


SECONDS = [
    ("products", 2, "Sculpt LT", "Other"),
    ("prices", 2, ",31.00,", ",32.00,"),
    ("releases", 2, "Sculpt LT 2021", "Other"),
    ("resellers", 2, "ventes@", "sales@"),
    ("customers", 2, "94 rue", "95 rue"),
    ("users", 2, "Siobhán", "Other"),
    ("contracts", 2, "priority", "basic"),
    ("subscriptions", 2, ",1,", ",2,"),
    ("serials", 2, "Chantier A7", "Other"),
    ("assignments", 2, "15/05/2026", "16/05/2026"),
    ("cases", 2, ",open,", ",closed,"),
]


@pytest.mark.parametrize(("name", "line", "old", "new"), SECONDS)
def test_a_second_row_of_one_key_repeats_or_is_refused_and_the_first_stays(name: str, line: int, old: str, new: str) -> None:
    def add_both(lines: list[str]) -> list[str]:
        return [*lines, lines[line - 1], lines[line - 1].replace(old, new)]

    judgement = edited(name, add_both)
    last = judgement.rows[f"{name}.csv"] + 1
    assert on_line(judgement.repeated, f"{name}.csv", last - 1).reason == "repeated_row"
    conflict = on_line(judgement.rejected, f"{name}.csv", last)
    assert conflict.reason == "conflicting_row"
    assert f"line {line}" in conflict.sentence
    assert judgement.accepted == demo_judged().accepted
    assert judgement.problems == demo_judged().problems


@pytest.mark.parametrize("name", ["roles", "cloud_credit_usage"])
def test_a_row_that_is_wholly_its_own_key_can_only_repeat(name: str) -> None:
    judgement = edited(name, lambda lines: [*lines, lines[1]])
    assert on_line(judgement.repeated, f"{name}.csv", judgement.rows[f"{name}.csv"] + 1)
    assert judgement.accepted == demo_judged().accepted


def test_a_price_from_a_later_day_is_another_price() -> None:
    judgement = with_row("prices", "SCLT,month,EUR,33.00,33.00,2027-02-01")
    assert len(judgement.accepted.prices) == 169
    assert judgement.accepted.prices[-1].new_price == 3300


def test_a_good_row_after_a_refused_one_of_its_key_is_imported() -> None:
    judgement = edited("contracts", lambda lines: [lines[0], lines[1].replace("direct", "phone"), *lines[1:]])
    assert on_line(judgement.rejected, "contracts.csv", 2).reason == "unknown_channel"
    assert judgement.accepted.contracts[0].line == 3
    assert judgement.accepted.subscriptions == demo_judged().accepted.subscriptions


def test_what_hangs_on_a_refused_customer_is_dependent_down_to_its_cases() -> None:
    judgement = with_line("customers", 2, "CHF", "ECU")
    first = {
        "users.csv": ("customer_not_imported", 2),
        "contracts.csv": ("customer_not_imported", 2),
        "roles.csv": ("contract_not_imported", 2),
        "subscriptions.csv": ("contract_not_imported", 2),
        "serials.csv": ("subscription_not_imported", 2),
        "assignments.csv": ("subscription_not_imported", 2),
        "cases.csv": ("contract_not_imported", 2),
    }
    for file, (reason, line) in first.items():
        assert on_line(judgement.dependent, file, line).reason == reason
    assert len(judgement.rejected) == len(demo_judged().rejected) + 1
    others = [row for row in demo_judged().accepted.people if row.customer_numbers != ("5100000",)]
    assert list(judgement.accepted.people) == others


def test_a_contract_of_a_refused_reseller_is_dependent_and_its_customer_is_not() -> None:
    judgement = edited("resellers", lambda lines: [line.replace("CAO Nord", "") for line in lines])
    reseller_sold = [row for row in demo_judged().accepted.contracts if row.reseller_number == "R101"]
    assert [finding.line for finding in judgement.dependent if finding.file == "contracts.csv"] == [
        row.line for row in reseller_sold
    ]
    assert len(judgement.accepted.customers) == 40
    assert on_line(judgement.adjusted, "customers.csv", 3).reason == "unknown_reseller"


def test_a_refused_manager_role_leaves_its_contract_flagged() -> None:
    judgement = with_line("roles", 2, "contract_manager", "boss")
    assert judgement.problems["contract_without_manager"] == 3
    assert on_line(judgement.flagged, "contracts.csv", 2).reason == "contract_without_manager"
    assert judgement.accepted.contracts == demo_judged().accepted.contracts


def test_seats_of_equal_day_go_to_the_earlier_line() -> None:
    judgement = edited("assignments", lambda lines: [line.replace("04/02/2026", "15/05/2026") for line in lines])
    waiting = [row.line for row in judgement.accepted.assignments if row.waiting and row.line < 4]
    assert waiting == [3]


def test_an_assignment_may_precede_its_period() -> None:
    early = with_line("assignments", 3, "04/02/2026", "04/02/1999").accepted.assignments[1]
    assert (early.assigned_on.year, early.waiting) == (1999, False)


def test_a_moment_without_a_zone_is_taken_as_utc_with_a_note() -> None:
    judgement = with_line("cloud_credit_usage", 2, "17:12:00Z", "17:12:00")
    assert judgement.accepted.credit_uses == demo_judged().accepted.credit_uses
    assert [note.line for note in judgement.notes if note.reason == "no_time_zone"] == [2]


def test_notes_on_many_rows_name_the_first_lines_alone() -> None:
    judgement = edited("cloud_credit_usage", lambda lines: [line.replace("00Z", "00") for line in lines])
    (note,) = [note for note in judgement.notes if note.reason == "no_time_zone"]
    assert "789 rows: line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …" in note.sentence


def test_the_currencies_that_may_be_used_can_be_given() -> None:
    judgement = judge(with_files(), {"EUR": 3})
    assert {row.currency for row in judgement.accepted.prices} == {"EUR"}
    assert judgement.accepted.prices[0].new_price == 31000
    assert {row.currency for row in judgement.accepted.customers} == {"EUR"}


def test_a_formula_in_a_name_is_text_like_any_other() -> None:
    judgement = with_line("customers", 2, "Cabinet D'Angelo (0)", "=HYPERLINK(1)")
    assert judgement.accepted.customers[0].name == "=HYPERLINK(1)"
    assert len(judgement.rejected) == len(demo_judged().rejected)


def test_one_more_good_row_is_imported_with_the_rest() -> None:
    judgement = with_row("resellers", "R200,Nouveau,,")
    assert [row.reseller_number for row in judgement.accepted.resellers] == ["R100", "R101", "R102", "R103", "R200"]
    assert judged_with().accepted == demo_judged().accepted
