"""`comptoir export`: whole or not at all, with amounts as decimals and nothing that a spreadsheet would run."""

import csv
import json
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comptoir.identity.models import Person
from comptoir.kernel.export import TABLES, ExportTable
from comptoir.kernel.ports import Ports
from comptoir.subscriptions.actions.seats import add_seats
from tests import released
from tests.cast import TODAY, Cast, raise_curtain
from tests.owner import own_database

NAMES = {"invoices", "invoice_lines", "periods", "seat_ledger", "activity", "people", "assignments"}
NAMES |= {"releases", "downloads", "trials", "assigned_updates", "installed_updates"}


@pytest.fixture(scope="module")
def stage(django_db_blocker: Any) -> Iterator[Cast]:
    """The cast after three more seats were bought; one of them has a name that a spreadsheet would run."""
    with django_db_blocker.unblock(), own_database("export"):
        cast = raise_curtain()
        visit = Ports.grants.visit(cast.camille.person_id, "5200001")
        assert visit is not None
        add_seats(visit.actor, cast.subscription, add=3, on=TODAY)
        Person.objects.filter(pk=cast.emil.person_id).update(last_name="=HYPERLINK(1)")
        released.tried_downloaded_asked(cast, TODAY)
        yield cast


def export(directory: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("export", str(directory), *arguments, stdout=out)
    return out.getvalue()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_is_written_and_counted(stage: Cast, tmp_path: Path) -> None:
    told = json.loads(export(tmp_path / "out", "--json"))
    assert set(told["rows"]) == NAMES
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}.csv" for name in NAMES}
    assert {name: len(rows_of(tmp_path / "out" / f"{name}.csv")) for name in NAMES} == told["rows"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_was_downloaded_tried_and_installed_leaves_too(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "out")
    told = {
        name: rows_of(tmp_path / "out" / f"{name}.csv")[-1] for name in ("releases", "downloads", "trials", "assigned_updates")
    }
    assert (told["releases"]["product"], told["releases"]["downloads"], told["releases"]["of_trials"]) == ("PLAN", "1", "1")
    assert (told["downloads"]["email"], told["downloads"]["sent"]) == ("emil.larsen@example.com", told["downloads"]["size"])
    assert (told["trials"]["started_on"], told["trials"]["bought_on"]) == (TODAY.isoformat(), "")
    asked = told["assigned_updates"]
    assert (asked["email"], asked["group"], asked["assigned_by"]) == ("", "", "camille.morel@example.com")


def test_amounts_are_decimals_beside_their_currency(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "out")
    (invoice,) = rows_of(tmp_path / "out" / "invoices.csv")
    (line,) = rows_of(tmp_path / "out" / "invoice_lines.csv")
    # 140 of 365 days: 3 x 280.00 x 140 / 365
    assert (invoice["net"], invoice["tax"], invoice["total"], invoice["currency"]) == ("322.19", "64.44", "386.63", "EUR")
    assert (line["unit_price"], line["quantity"], line["days"], line["denominator"]) == ("280.00", "3", "140", "365")
    assert (line["net"], line["tax_percent"], line["invoice"]) == ("322.19", "20.00", invoice["number"])
    period = next(row for row in rows_of(tmp_path / "out" / "periods.csv") if row["customer"] == "5200001")
    assert (period["price"], period["currency"]) == ("", "EUR")


def test_the_ledger_names_the_order_and_its_invoice(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "out", "--table", "seat_ledger", "--format", "jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out" / "seat_ledger.jsonl").read_text().splitlines()]
    own = [line for line in lines if line["customer"] == "5200001"]
    assert [(line["kind"], line["change_now"], line["seats_now"]) for line in own] == [("imported", 4, 4), ("addition", 3, 7)]
    assert own[0]["order"] is None
    assert own[1]["invoice"].startswith("F-")


def test_a_cell_is_never_a_formula_and_json_carries_it_as_it_is(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "sheet", "--table", "people")
    export(tmp_path / "lines", "--table", "people", "--format", "jsonl")
    cells = [cell for row in rows_of(tmp_path / "sheet" / "people.csv") for cell in row.values()]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    assert '"last_name": "=HYPERLINK(1)"' in (tmp_path / "lines" / "people.jsonl").read_text()


def test_a_workbook_holds_the_same_rows_and_no_formula(stage: Cast, tmp_path: Path) -> None:
    told = json.loads(export(tmp_path / "books", "--format", "xlsx", "--json"))
    assert set(told["rows"]) == NAMES
    assert {path.name for path in (tmp_path / "books").iterdir()} == {f"{name}.xlsx" for name in NAMES}
    for name, count in told["rows"].items():
        with zipfile.ZipFile(tmp_path / "books" / f"{name}.xlsx") as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") == count + 1, name
        assert "<f>" not in sheet
        assert (tmp_path / "books" / f"{name}.xlsx").stat().st_mode & 0o77 == 0
        if name == "people":
            assert "<t>=HYPERLINK(1)</t>" in sheet
        if name == "invoices":
            assert "<v>386.63</v>" in sheet


def test_a_table_that_no_sheet_can_hold_is_refused_and_leaves_nothing(
    stage: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comptoir.kernel.export.MOST_ROWS", 2)
    with pytest.raises(CommandError, match="take it as CSV") as refusal:
        export(tmp_path / "out", "--format", "xlsx")
    assert refusal.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_roles_name_their_contract(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "out", "--table", "people")
    roles = {row["email"]: row["roles"] for row in rows_of(tmp_path / "out" / "people.csv")}
    assert roles["camille.morel@example.com"] == "contract_manager"
    assert roles["anton.weber@example.com"] == "contract_manager 110000002"
    assert roles["emil.larsen@example.com"] == ""


def test_files_are_for_the_owners_eyes(stage: Cast, tmp_path: Path) -> None:
    export(tmp_path / "out", "--table", "people")
    assert (tmp_path / "out").stat().st_mode & 0o77 == 0
    assert (tmp_path / "out" / "people.csv").stat().st_mode & 0o77 == 0


def test_an_empty_directory_is_filled_and_one_with_something_in_it_is_left_alone(stage: Cast, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    export(tmp_path / "empty", "--table", "people")
    assert (tmp_path / "empty" / "people.csv").exists()
    with pytest.raises(CommandError, match="not empty") as refusal:
        export(tmp_path / "empty", "--table", "periods")
    assert refusal.value.returncode == 2
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["people.csv"]


def test_what_breaks_half_way_leaves_nothing(stage: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[dict[str, str]]:
        yield {"a": "1"}
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(TABLES, "broken", ExportTable("broken", ["a"], broken))
    with pytest.raises(CommandError, match="No space left on device"):
        export(tmp_path / "out", "--table", "people", "--table", "broken")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--table", "peple"], "there is no table peple; choose from activity"), (["--format", "xml"], "invalid choice")],
)
def test_what_is_not_known_is_said(stage: Cast, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        export(tmp_path / "out", *arguments)
    assert list(tmp_path.iterdir()) == []
