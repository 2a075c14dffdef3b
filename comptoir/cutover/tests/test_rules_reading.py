"""Files as they come: encodings, delimiters, newlines, headers, orders of days, and files that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comptoir.cutover.rules import FILES, judge, read_export
from comptoir.cutover.rules.table import MAX_BYTES, table_of
from comptoir.cutover.tests.exports import (
    DEMO,
    assert_all_accounted_for,
    demo_judged,
    demo_text,
    edited,
    judged_with,
    on_line,
    with_files,
)

HEADER = "reseller_number,name,email,phone"
ROW = "R1,Études Noël,a@b.example,+33 1"


def resellers(content: str | bytes) -> list[tuple[int, str]]:
    accepted = judged_with(resellers=content).accepted.resellers
    return [(row.line, row.name) for row in accepted]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_encoding_newline_and_delimiter_is_read(encoding: str, newline: str, delimiter: str) -> None:
    text = newline.join([HEADER, ROW, ""]).replace(",", delimiter)
    assert resellers(text.encode(encoding)) == [(2, "Études Noël")]


def test_big_endian_utf16_with_its_mark_is_read() -> None:
    assert resellers(b"\xfe\xff" + f"{HEADER}\n{ROW}".encode("utf-16-be")) == [(2, "Études Noël")]


def test_one_damaged_line_does_not_garble_the_others() -> None:
    good = [f"R{number},Noël {number},," for number in range(2, 9)]
    content = "\n".join([HEADER, *good]).encode() + b"\nR9,No\xebl,,\n"
    judgement = judged_with(resellers=content)
    assert [row.name for row in judgement.accepted.resellers] == [f"Noël {number}" for number in range(2, 9)] + ["No?l"]
    assert on_line(judgement.adjusted, "resellers.csv", 9).reason == "unreadable_text"
    assert any("1 byte made no sense" in note.sentence for note in judgement.notes if note.file == "resellers.csv")


def test_column_names_are_read_whatever_their_case_blanks_and_order() -> None:
    content = ' Name , RESELLER NUMBER,"E-Mail"\nCAO Nord,R1,a@b.example\n'
    judgement = judged_with(resellers=content)
    (row,) = judgement.accepted.resellers
    assert (row.reseller_number, row.name, row.email, row.phone) == ("R1", "CAO Nord", "a@b.example", "")
    assert [note.reason for note in judgement.notes if note.file == "resellers.csv"] == ["format", "absent_column"]


def test_unknown_columns_are_left_and_named_in_a_note() -> None:
    judgement = judged_with(resellers=f"{HEADER},colour\n{ROW},red\n")
    assert len(judgement.accepted.resellers) == 1
    assert on_line(tuple(n for n in judgement.notes if n.line == 1), "resellers.csv", 1).reason == "unknown_column"


def test_blank_lines_spreadsheet_hints_and_empty_cells_at_the_end_do_not_matter() -> None:
    content = f"sep=,\n\n{HEADER},,\n\n,,,\n{ROW},,\n   \n"
    assert resellers(content) == [(6, "Études Noël")]
    assert judged_with(resellers=content).rows["resellers.csv"] == 1


def test_a_quoted_cell_may_run_over_lines_and_the_line_is_where_its_row_starts() -> None:
    content = f'{HEADER}\nR1,"CAO\r\nNord",,\nR2,"Bytes, ""Beams""",,\n'
    assert resellers(content) == [(2, "CAO Nord"), (4, 'Bytes, "Beams"')]


@pytest.mark.parametrize("broken", ['R9,"never closed,,', 'R9,"a"b,,', '"R9,x,,\nR8,y,,"', '"' + "x" * 200_000 + '",x,,'])
def test_a_stray_quote_costs_its_own_line_alone(broken: str) -> None:
    rows = "\n".join(f"R{number},Plain,," for number in range(10, 300))
    judgement = judged_with(resellers=f"{HEADER}\nR1,First,,\n{broken}\n{rows}\n")
    assert len([row for row in judgement.accepted.resellers if row.name == "Plain"]) == 290
    assert on_line(judgement.rejected, "resellers.csv", 3).reason == "bad_quotes"


def test_a_row_with_too_few_or_too_many_cells_says_how_many_are_right() -> None:
    judgement = judged_with(resellers=f"{HEADER}\nR1,x\nR2,a,b,c,d\n{ROW.replace('R1', 'R3')}\n")
    assert [row.reseller_number for row in judgement.accepted.resellers] == ["R3"]
    short, long = (on_line(judgement.rejected, "resellers.csv", line) for line in (2, 3))
    assert short.reason == long.reason == "wrong_cell_count"
    assert "2 cells where the header has 4" in short.sentence
    assert "5 cells where the header has 4" in long.sentence


def test_a_tab_is_named_in_words() -> None:
    judgement = judged_with(resellers=f"{HEADER}\nR1,x\n".replace(",", "\t"))
    assert "holds a tab" in on_line(judgement.rejected, "resellers.csv", 2).sentence


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty_file"), (b"\xef\xbb\xbf\r\n \r\n", "empty_file")])
def test_an_empty_file_says_which_columns_it_must_name(content: bytes, reason: str) -> None:
    judgement = judged_with(resellers=content)
    finding = on_line(judgement.rejected, "resellers.csv", 1)
    assert finding.reason == reason
    assert "reseller_number, name" in finding.sentence


def test_a_file_with_a_header_alone_is_no_mistake() -> None:
    judgement = judged_with(resellers=HEADER)
    assert "header_only" in [note.reason for note in judgement.notes]
    assert not [finding for finding in judgement.rejected if finding.file == "resellers.csv"]
    assert judgement.rows["resellers.csv"] == 0


@pytest.mark.parametrize(
    ("header", "reason", "said"),
    [
        ("reseller_number,email", "missing_column", "lacks name (it has reseller_number, email)"),
        ("R1,Études,x,y", "missing_column", "it has none that is known"),
        ("reseller_number,name,Name,email", "duplicate_column", "names name more than once"),
    ],
)
def test_a_header_that_cannot_be_used_leaves_its_rows_dependent(header: str, reason: str, said: str) -> None:
    export = with_files(resellers=f"{header}\nR1,a,b,c\nR2,d,e,f\n")
    judgement = judge(export)
    assert on_line(judgement.rejected, "resellers.csv", 1).reason == reason
    assert said in on_line(judgement.rejected, "resellers.csv", 1).sentence
    assert [(finding.line, finding.reason) for finding in judgement.dependent if finding.file == "resellers.csv"] == [
        (2, reason),
        (3, reason),
    ]
    assert_all_accounted_for(export, judgement)


def test_a_missing_column_does_not_make_its_products_unknown() -> None:
    judgement = edited("products", lambda lines: [lines[0].replace("status", "state"), *lines[1:]])
    assert judgement.problems["unknown_product"] == 0
    assert judgement.accepted.subscriptions == ()
    assert on_line(judgement.dependent, "subscriptions.csv", 2).reason == "product_not_imported"
    assert on_line(judgement.dependent, "subscriptions.csv", 47).reason == "file_not_read"  # XXXX cannot be looked up
    assert judgement.accepted.people == demo_judged().accepted.people


def copied(tmp_path: Path) -> Path:
    for file in (*FILES, "MANIFEST.json"):
        (tmp_path / file).write_bytes((DEMO / file).read_bytes())
    return tmp_path


def test_an_export_is_read_from_its_directory(tmp_path: Path) -> None:
    assert judge(read_export(copied(tmp_path))) == demo_judged()


def test_a_missing_file_is_said_once_and_the_others_are_imported(tmp_path: Path) -> None:
    (copied(tmp_path) / "products.csv").unlink()
    judgement = judge(read_export(tmp_path))
    assert on_line(judgement.rejected, "products.csv", 0).reason == "missing_file"
    assert judgement.problems["unknown_product"] == 0
    assert {finding.reason for finding in judgement.dependent if finding.file == "prices.csv"} == {"file_not_read"}
    assert judgement.accepted.customers == demo_judged().accepted.customers
    assert judgement.accepted.roles == demo_judged().accepted.roles


def test_a_directory_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    (copied(tmp_path) / "cases.csv").unlink()
    (tmp_path / "cases.csv").mkdir()
    judgement = judge(read_export(tmp_path))
    assert on_line(judgement.rejected, "cases.csv", 0).reason == "not_a_file"
    assert "this is a directory" in on_line(judgement.rejected, "cases.csv", 0).sentence


def test_a_device_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").symlink_to("/dev/zero")
    assert on_line(judge(read_export(tmp_path)).rejected, "cases.csv", 0).reason == "not_a_file"


def test_a_link_that_leads_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").symlink_to(tmp_path / "cases.csv")
    assert on_line(judge(read_export(tmp_path)).rejected, "cases.csv", 0).reason in {"missing_file", "unreadable_file"}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read")
def test_a_file_that_fails_when_it_is_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").symlink_to("/proc/self/mem")
    finding = on_line(judge(read_export(tmp_path)).rejected, "cases.csv", 0)
    assert finding.reason == "unreadable_file"
    assert str(tmp_path) not in finding.sentence


def test_a_name_that_no_file_can_have_is_said() -> None:
    judgement = judge(read_export(Path("no\x00where")))
    assert {finding.reason for finding in judgement.rejected} <= {"missing_file", "unreadable_file"}
    assert len(judgement.rejected) == 13


def test_a_directory_that_is_none_is_thirteen_missing_files(tmp_path: Path) -> None:
    judgement = judge(read_export(tmp_path / "nowhere"))
    assert {finding.reason for finding in judgement.rejected} == {"missing_file"}
    assert "its directory is not one" in judgement.rejected[0].sentence
    assert json.dumps(judgement.as_report())


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (copied(tmp_path) / "cases.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    judgement = judge(read_export(tmp_path))
    finding = on_line(judgement.rejected, "cases.csv", 0)
    assert finding.reason == "file_too_large"
    assert "512 MiB" in finding.sentence


def test_zero_bytes_in_a_row_do_not_hurt_the_others() -> None:
    judgement = judged_with(resellers=f"{HEADER}\nR1,a\x00b,,\nR\x002,c,,\nR3,d,,\n")
    assert [(row.reseller_number, row.name) for row in judgement.accepted.resellers] == [("R1", "a?b"), ("R3", "d")]
    assert on_line(judgement.rejected, "resellers.csv", 3).reason == "bad_reseller_number"
    assert "\x00" not in on_line(judgement.rejected, "resellers.csv", 3).sentence


CASES = "case_number,contract_number,email,severity,status,subject,opened_on\n"


def opened(*days: str) -> tuple[list[str], list[str]]:
    rows = [f"C-{at},110000893,la.fournier1@client0.example,2,open,x,{day}" for at, day in enumerate(days)]
    judgement = judged_with(cases=CASES + "\n".join(rows))
    notes = [note.reason for note in judgement.notes if note.file == "cases.csv" and note.reason.startswith("day")]
    return [case.opened_on.isoformat() for case in judgement.accepted.cases], notes


def test_the_order_of_days_is_what_the_rows_of_the_column_prove() -> None:
    assert opened("04/03/2026", "25/03/2026") == (["2026-03-04", "2026-03-25"], ["day_order"])
    assert opened("04/03/2026", "03/25/2026") == (["2026-04-03", "2026-03-25"], ["day_order"])
    assert opened("2026-03-04", "2026/3/5") == (["2026-03-04", "2026-03-05"], [])
    assert opened("4.3.2026", "25.03.2026 00:00:00") == (["2026-03-04", "2026-03-25"], ["day_order"])


def test_days_that_no_row_proves_are_read_day_first_with_a_note() -> None:
    assert opened("04/03/2026", "05/03/2026") == (["2026-03-04", "2026-03-05"], ["day_order_unproven"])


def test_one_wrong_day_does_not_turn_all_the_others() -> None:
    days, notes = opened("25/03/2026", "26/03/2026", "04/03/2026", "03/25/2026")
    assert days == ["2026-03-25", "2026-03-26", "2026-03-04"]
    assert notes == ["day_order"]
    assert opened("03/25/2026", "03/26/2026", "04/03/2026", "25/03/2026")[0] == ["2026-03-25", "2026-03-26", "2026-04-03"]


def test_a_column_without_proof_follows_the_other_columns_of_its_file() -> None:
    text = demo_text("subscriptions.csv").splitlines()[0]
    row = "1,110000893,TERR,year,1,03/04/2026,03/{day}/2027,yes,card"
    judgement = judged_with(subscriptions=f"{text}\n{row.format(day=25)}\n{row.format(day='04').replace('1,', '2,', 1)}")
    assert [row.period_start.isoformat() for row in judgement.accepted.subscriptions] == ["2026-03-04", "2026-03-04"]
    assert "as the other columns of the file prove" in " ".join(note.sentence for note in judgement.notes)


def test_a_hundred_thousand_rows_are_read_and_judged() -> None:
    rows = "\n".join(f'R{number},"Étude ""{number}""",a{number}@b.example,+33' for number in range(100_000))
    table = table_of("resellers.csv", f"{HEADER}\n{rows}".encode())
    assert len(table.rows) == 100_000
    assert table.rows[-1].cells[1] == 'Étude "99999"'
