"""The demo's export, judged: the counts its manifest gives, and the lines behind each of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from comptoir.cutover.rules import FILES, judge, read_export
from comptoir.cutover.tests.exports import DEMO, assert_all_accounted_for, demo, demo_judged, on_line

MANIFEST = json.loads((DEMO / "MANIFEST.json").read_text())


def test_the_counts_of_the_demo_are_those_of_its_manifest() -> None:
    report = demo_judged().as_report()
    assert report["rows"] == MANIFEST["rows"]
    assert report["problems"] == MANIFEST["problems"]
    assert report["people_distinct"] == MANIFEST["people_distinct"]


def test_the_manifest_gives_the_day_and_nothing_else(tmp_path: Path) -> None:
    for file in FILES:
        shutil.copy(DEMO / file, tmp_path / file)
    counts = {"rows": {"users.csv": 1}, "people_distinct": 2, "problems": {"bad_email": 77}}
    (tmp_path / "MANIFEST.json").write_text(json.dumps({**counts, "cutover_day": "2027-01-31"}))
    judgement = judge(read_export(tmp_path))
    assert judgement.cutover_day == date(2027, 1, 31)
    assert judgement.problems == MANIFEST["problems"]
    assert judgement.rows == MANIFEST["rows"]
    assert judgement.accepted == demo_judged().accepted


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '{"cutover_day": 3}', '{"cutover_day": "soon"}', "[" * 99_999])
def test_a_manifest_without_a_day_is_a_note_and_no_more(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "MANIFEST.json").write_text(content)
    export = read_export(tmp_path)
    assert export.cutover_day is None
    assert [note.reason for note in export.notes] == ["no_cutover_day"]


def test_every_row_of_the_demo_is_in_exactly_one_place() -> None:
    assert_all_accounted_for(demo(), demo_judged())


def test_rejected_rows_of_the_demo_are_known_by_line_and_reason() -> None:
    found = {(finding.file, finding.line): finding.reason for finding in demo_judged().rejected}
    unknown, ends = "unknown_product", "end_before_start"
    assert found == {("subscriptions.csv", at): unknown for at in (47, 112, 192)} | {
        ("subscriptions.csv", at): ends for at in (70, 87)
    }
    assert "XXXX" in on_line(demo_judged().rejected, "subscriptions.csv", 47).sentence


def test_people_without_a_usable_address_are_held_and_not_created() -> None:
    judgement = demo_judged()
    held = {row.line: row.reason for row in judgement.held}
    assert held == dict.fromkeys((74, 93, 102, 314, 411), "missing_email") | dict.fromkeys((317, 425), "bad_email")
    assert not {74, 93, 102, 314, 411, 317, 425} & {
        old_id.line for person in judgement.accepted.people for old_id in person.old_ids
    }
    omar = next(row for row in judgement.held if row.line == 317)
    assert (omar.email, omar.first_name, omar.customer_number) == ("omar.tanaka8 at client29.example", "Omar", "5100029")
    assert omar.old_id.legacy_id == "SC00029008"


def test_duplicate_people_are_merged_and_keep_both_old_ids() -> None:
    judgement = demo_judged()
    twice = [person for person in judgement.accepted.people if len(person.old_ids) > 1]
    flagged = [finding.line for finding in judgement.flagged if finding.reason == "duplicate_person"]
    assert flagged == [46, 60, 127, 184, 209, 230, 261, 309, 385]
    assert len(twice) == 9
    jurgen = next(person for person in twice if person.email == "jrgen.kowalski2@client5.example")
    assert [old_id.legacy_id for old_id in jurgen.old_ids] == ["SC00005002", "SC00005002B"]
    assert (jurgen.first_name, jurgen.last_name, jurgen.language) == ("Jürgen", "Kowalski", "fr")
    assert (jurgen.customer_numbers, jurgen.created_on) == (("5100005",), date(2019, 8, 15))


def test_two_people_of_one_name_in_one_customer_stay_two() -> None:
    namesakes = [
        person
        for person in demo_judged().accepted.people
        if (person.first_name, person.last_name, person.customer_numbers) == ("Olivier", "Petit", ("5100008",))
    ]
    assert len(namesakes) == 2


def test_every_old_id_of_the_demo_opens_with_its_old_password() -> None:
    old_ids = [old_id for person in demo_judged().accepted.people for old_id in person.old_ids]
    assert len(old_ids) == 420
    for old_id in old_ids:
        password = f"legacy-{int(old_id.legacy_id[2:7])}-{int(old_id.legacy_id[7:10])}".encode()
        if old_id.algorithm == "sha1":
            made = hashlib.sha1(old_id.salt.encode() + password).hexdigest()
        else:
            made = hashlib.pbkdf2_hmac("sha256", password, old_id.salt.encode(), 20_000).hex()
        assert made == old_id.hash


def test_contracts_without_a_manager_are_imported_and_flagged() -> None:
    judgement = demo_judged()
    flagged = [finding.line for finding in judgement.flagged if finding.reason == "contract_without_manager"]
    assert flagged == [28, 70]
    assert {"110012848", "110034764"} <= {contract.contract_number for contract in judgement.accepted.contracts}


def test_the_earliest_keep_their_seat_and_the_rest_wait() -> None:
    judgement = demo_judged()
    flagged = [finding.line for finding in judgement.flagged if finding.reason == "assignment_over_seats"]
    assert flagged == [2, 25]
    waiting = [(row.subscription_number, row.email) for row in judgement.accepted.assignments if row.waiting]
    assert waiting[0] == ("560000054", "nol.ngstrm6@client0.example")
    assert len(waiting) == 2
    seats = {row.subscription_number: row.seats for row in judgement.accepted.subscriptions}
    for number, count in seats.items():
        seated = [row for row in judgement.accepted.assignments if row.subscription_number == number and not row.waiting]
        assert len(seated) <= count


def test_rows_of_rejected_subscriptions_are_dependent() -> None:
    found = {(finding.file, finding.line) for finding in demo_judged().dependent}
    serials = (97, 98, 99, 152, 153, 190, 250, 251, 252, 444, 445, 446)
    assignments = (*range(102, 109), 232, *range(309, 317), *range(603, 608))
    expected = {("serials.csv", at) for at in serials} | {("assignments.csv", at) for at in assignments}
    assert found == expected
    assert {finding.reason for finding in demo_judged().dependent} == {"subscription_not_imported"}


def test_role_rows_that_differ_in_case_alone_are_repeated() -> None:
    judgement = demo_judged()
    assert [(finding.file, finding.line) for finding in judgement.repeated] == [("roles.csv", 128), ("roles.csv", 164)]
    # 16 more rows spell a person in capitals without repeating a role: they are that person's.
    assert all(role.email == role.email.lower() for role in judgement.accepted.roles)
    assert len(judgement.accepted.roles) == 164


def test_severity_four_becomes_three_and_says_so() -> None:
    judgement = demo_judged()
    assert [finding.line for finding in judgement.adjusted] == [4, 9, 14, 20, 22, 23, 24, 37, 39, 44]
    assert {finding.file for finding in judgement.adjusted} == {"cases.csv"}
    severities = {case.line: case.severity for case in judgement.accepted.cases}
    assert (severities[4], severities[2], len(severities)) == (3, 2, 43)


def test_text_in_two_encodings_is_read_as_it_was_meant() -> None:
    accepted = demo_judged().accepted
    assert accepted.customers[0].city == "Köln"
    assert accepted.releases[6].title == "Sculpt LT 2026.1 – améliorations; corrections"
    assert next(product.name for product in accepted.products if product.code == "BATI") == "Bâti"
    assert accepted.cases[0].subject == 'Licence réseau: "pas de poste libre"'


def test_prices_are_in_minor_units_and_may_be_missing_on_one_side() -> None:
    prices = {(row.product_code, row.term, row.currency): row for row in demo_judged().accepted.prices}
    assert len(prices) == 168
    euro, yen = prices["SCLT", "year", "EUR"], prices["SCLT", "year", "JPY"]
    assert (euro.new_price, euro.renewal_price, euro.valid_from) == (28000, 25000, date(2026, 2, 1))
    assert (yen.new_price, yen.renewal_price) == (45360, 40500)
    assert (prices["VECT", "year", "CHF"].new_price, prices["VECT", "year", "CHF"].renewal_price) == (None, 18400)


def test_the_report_is_json_and_lists_held_people_among_the_rejected() -> None:
    report = json.loads(json.dumps(demo_judged().as_report()))
    assert list(report) == [
        *("rows", "people_distinct", "problems", "rejected", "dependent", "repeated", "adjusted", "flagged", "notes")
    ]
    assert [(row["file"], row["line"]) for row in report["rejected"]][:2] == [("users.csv", 74), ("users.csv", 93)]
    assert len(report["rejected"]) == 12
    for name in ("rejected", "dependent", "repeated", "adjusted", "flagged", "notes"):
        for row in report[name]:
            assert list(row) == ["file", "line", "reason", "sentence"]
            assert row["sentence"].endswith(".")


def test_notes_say_how_files_were_read_and_which_letters_were_lost() -> None:
    notes = {(note.file, note.line, note.reason): note.sentence for note in demo_judged().notes}
    assert "Windows-1252" in notes["customers.csv", 0, "format"]
    assert "semicolons" in notes["customers.csv", 0, "format"]
    assert notes["users.csv", 0, "day_order"].startswith("created_on was read day first, as 246 rows")
    assert "3 rows: line 22, 26, 27" in notes["customers.csv", 22, "lost_letters"]
