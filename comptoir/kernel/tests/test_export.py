"""Tables that leave the house: no cell runs as a formula, and what was written can be read back."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.export import ExportTable, safe_cell, write_csv, write_json_lines

STARTS = tuple("=+-@\t\r\n＝＋－＠")


def table(*rows: dict[str, Any]) -> ExportTable:
    return ExportTable("things", ["name", "seats"], lambda: rows)


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+33 1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", '=HYPERLINK("http://x")'),
        *("＝1+1", "＋33 1", "－1", "＠SUM(A1)", " =1", "\u00a0=1", "\u3000＝1", "\ufeff=1", " \u200b＠SUM(A1)"),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_kept_as_text(text: str, tmp_path: Path) -> None:
    write_csv(table({"name": text, "seats": 1}), tmp_path / "things.csv")
    assert read(tmp_path / "things.csv")[1] == [f"'{text}", "1"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ever_starts_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip().startswith(STARTS)
    assert cell in {text, f"'{text}"}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (-5, "-5"),
        (Decimal("-12.50"), "-12.50"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "2026-11-21T09:30:00+00:00"),
        ("Atelier Nord", "Atelier Nord"),
    ],
)
def test_values_are_written_as_programs_read_them(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [{"name": 'Élan, "Nord"\nSàrl', "seats": 4}, {"name": "", "seats": None}]
    assert write_csv(table(*rows), tmp_path / "things.csv") == 2
    assert read(tmp_path / "things.csv") == [["name", "seats"], ['Élan, "Nord"\nSàrl', "4"], ["", ""]]
    assert write_json_lines(table(*rows), tmp_path / "things.jsonl") == 2
    assert [json.loads(line) for line in (tmp_path / "things.jsonl").read_text().splitlines()] == rows


def test_only_the_columns_of_the_table_leave(tmp_path: Path) -> None:
    row = {"name": "Nord", "seats": 4, "secret": "x"}
    write_csv(table(row), tmp_path / "things.csv")
    write_json_lines(table(row), tmp_path / "things.jsonl")
    assert "secret" not in (tmp_path / "things.csv").read_text() + (tmp_path / "things.jsonl").read_text()


def test_an_empty_table_is_its_heads(tmp_path: Path) -> None:
    assert write_csv(table(), tmp_path / "things.csv") == 0
    assert read(tmp_path / "things.csv") == [["name", "seats"]]
