"""People: who is the same, what is kept, who is held, and how other rows find them."""

from __future__ import annotations

from datetime import date

from comptoir.cutover.rules.judgement import Judgement
from comptoir.cutover.rules.rows import PersonRow
from comptoir.cutover.tests.exports import demo_judged, edited, judged_with, on_line, with_line, with_row

USERS = (
    "legacy_id,email,first_name,last_name,customer_number,language,password_algorithm,password_salt,password_hash,created_on\n"
)
SHA1, PBKDF2 = f"sha1,aa,{'a' * 40}", f"pbkdf2_sha256,bb,{'b' * 64}"


def only(*rows: str) -> Judgement:
    """The demo with these people alone."""
    return judged_with(users=USERS + "\n".join(rows) + "\n")


def person(judgement: Judgement, email: str) -> PersonRow:
    (found,) = [row for row in judgement.accepted.people if row.email == email]
    return found


def test_of_two_rows_the_one_created_first_gives_name_language_and_password() -> None:
    judgement = only(
        f"A1,ZOE@x.example,Zo,Young,5100000,en,{SHA1},14/05/2022",
        f"A2,zoe@x.example,Zoé,Jeune,5100001,fr,{PBKDF2},13/05/2022",
    )
    zoe = person(judgement, "zoe@x.example")
    assert (zoe.first_name, zoe.last_name, zoe.language) == ("Zoé", "Jeune", "fr")
    assert (zoe.created_on, zoe.customer_numbers) == (date(2022, 5, 13), ("5100001", "5100000"))
    assert [(old.legacy_id, old.algorithm) for old in zoe.old_ids] == [("A2", "pbkdf2_sha256"), ("A1", "sha1")]
    assert judgement.problems["duplicate_person"] == 1
    assert on_line(judgement.flagged, "users.csv", 3).reason == "duplicate_person"
    assert judgement.people_distinct == 1


def test_three_rows_of_one_person_are_two_duplicates() -> None:
    rows = [f"A{number},zoe@X.example,,,5100000,fr,{SHA1},13/05/2022" for number in range(3)]
    judgement = only(*rows)
    assert (judgement.problems["duplicate_person"], judgement.people_distinct) == (2, 1)
    assert len(person(judgement, "zoe@x.example").old_ids) == 3


def test_gaps_of_the_leading_row_are_filled_from_the_next() -> None:
    judgement = only(
        "A1,zoe@x.example,,,5100000,fr,md5,,x,13/05/2020",
        f"A2,ZOE@X.example,Zoé,Jeune,5100000,en,{SHA1},",
    )
    zoe = person(judgement, "zoe@x.example")
    assert (zoe.first_name, zoe.language, zoe.created_on) == ("Zoé", "fr", date(2020, 5, 13))
    assert [(old.legacy_id, old.algorithm) for old in zoe.old_ids] == [("A2", "sha1"), ("A1", None)]


def test_a_person_may_be_without_name_day_and_password() -> None:
    judgement = judged_with(users="legacy_id,email,customer_number\nA1,zoe@x.example,5100000\n")
    zoe = person(judgement, "zoe@x.example")
    assert (zoe.first_name, zoe.last_name, zoe.language, zoe.created_on) == ("", "", "en", None)
    assert zoe.old_ids[0].algorithm is None


def test_an_old_id_belongs_to_one_person_whatever_its_case() -> None:
    judgement = only(
        f"A1,zoe@x.example,Zoé,J,5100000,fr,{SHA1},13/05/2020",
        f"a1,zoe@X.example,Zoé,J,5100000,fr,{SHA1},13/05/2020",
        f"a1,other@x.example,Zoé,J,5100000,fr,{SHA1},13/05/2020",
    )
    assert on_line(judgement.repeated, "users.csv", 3).reason == "repeated_row"
    assert on_line(judgement.rejected, "users.csv", 4).reason == "conflicting_row"
    assert judgement.problems["duplicate_person"] == 0
    assert [row.email for row in judgement.accepted.people] == ["zoe@x.example"]


def test_languages_without_texts_are_kept() -> None:
    judgement = only(f"A1,a@x.example,,,5100000,JA,{SHA1},13/05/2020", f"A2,b@x.example,,,5100000,pt_BR,{SHA1},13/05/2020")
    assert [row.language for row in judgement.accepted.people] == ["ja", "pt-br"]
    assert not [finding for finding in judgement.adjusted if finding.file == "users.csv"]


def test_rows_of_a_held_person_are_dependent() -> None:
    judgement = with_row("roles", "110000893,Omar.Tanaka8 AT client29.example,contract_manager")
    assert on_line(judgement.dependent, "roles.csv", 168).reason == "person_held"
    assert judgement.accepted.roles == demo_judged().accepted.roles


def test_rows_of_a_refused_person_are_dependent() -> None:
    judgement = with_line("users", 6, "5100000", "9999999")  # Priya, contract manager of the first contract
    assert on_line(judgement.dependent, "roles.csv", 2).reason == "person_not_imported"
    assert judgement.problems["contract_without_manager"] > 2
    assert judgement.people_distinct == 410


def test_rows_of_a_person_whose_row_has_lost_a_cell_are_dependent_too() -> None:
    for gone in ("Priya,", "SC00000004,"):
        judgement = with_line("users", 6, gone, "")
        assert on_line(judgement.rejected, "users.csv", 6).reason == "wrong_cell_count"
        assert on_line(judgement.dependent, "roles.csv", 2).reason == "person_not_imported"


def test_without_users_everything_of_people_is_dependent_and_nobody_unknown() -> None:
    judgement = judged_with(users="")
    assert on_line(judgement.dependent, "roles.csv", 2).reason == "file_not_read"
    assert not [finding for finding in judgement.rejected if finding.reason == "unknown_person"]
    assert judgement.accepted.subscriptions == demo_judged().accepted.subscriptions


def test_a_refused_person_without_address_still_counts_as_a_problem() -> None:
    judgement = with_line("users", 74, "5100008", "9999999")
    assert on_line(judgement.rejected, "users.csv", 74).reason == "unknown_customer"
    assert judgement.problems["missing_email"] == 5
    assert len(judgement.held) == 6


def test_a_held_address_is_kept_as_people_may_read_it() -> None:
    judgement = with_line("users", 317, "omar.tanaka8 at", "omar\x00 at")
    assert [row.email for row in judgement.held if row.line == 317] == ["omar? at client29.example"]


def test_a_role_on_a_further_customers_contract_makes_a_person_belong_there_too() -> None:
    judgement = with_row("roles", "110002088,Priya.Novk4@client0.example,software_coordinator")
    assert person(judgement, "priya.novk4@client0.example").customer_numbers == ("5100000", "5100001")
    assert [note.line for note in judgement.notes if note.reason == "further_customer"] == [6]
    assert person(demo_judged(), "priya.novk4@client0.example").customer_numbers == ("5100000",)


def test_a_seat_of_a_further_customer_does_the_same() -> None:
    judgement = with_row("assignments", "560000321,priya.novk4@client0.example,01/01/2026")
    assert person(judgement, "priya.novk4@client0.example").customer_numbers == ("5100000", "5100001")


def test_a_row_that_repeats_a_person_refused_before_is_imported() -> None:
    judgement = edited("users", lambda lines: [lines[0], lines[1].replace("5100000", "x"), *lines[1:]])
    assert judgement.accepted.people[0].line == 3
    assert judgement.people_distinct == 411
