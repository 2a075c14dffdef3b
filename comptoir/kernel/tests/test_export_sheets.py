"""Tables as workbooks: each cell is what it is, and none can run."""

import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.kernel import export
from comptoir.kernel.export import ExportTable, write_xlsx

DANGEROUS = ["=1+1", "+33 1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "http://example.com", "＝1", "{=1}", "\ufeff=1"]


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    rows = [{"name": text} for text in DANGEROUS]
    assert write_xlsx(ExportTable("things", ["name"], lambda: rows), tmp_path / "a.xlsx") == len(DANGEROUS)
    book = parts(tmp_path / "a.xlsx")
    sheet = book["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower().replace("=hyperlink(", "")
    assert sheet.count('t="inlineStr"') == len(DANGEROUS) + 1  # all of them are text, and the head
    assert "=1+1" in sheet  # as it was given


def test_amounts_days_and_counts_can_be_computed_with(tmp_path: Path) -> None:
    row = {
        "net": Decimal("665.10"),
        "dinars": Decimal("1.005"),
        "on": date(2026, 11, 21),
        "at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "seats": 3,
        "paid": True,
        "nothing": None,
        "huge": 10**20,
    }
    write_xlsx(ExportTable("things", list(row), lambda: [row]), tmp_path / "a.xlsx")
    book = parts(tmp_path / "a.xlsx")
    numbers = re.findall(r'<c r="(\w+)"[^>]*><v>([^<]+)</v>', book["xl/worksheets/sheet1.xml"])
    assert numbers == [("A2", "665.1"), ("B2", "1.005"), ("C2", "46347"), ("E2", "3")]
    assert {'formatCode="0.00"', 'formatCode="0.000"', 'formatCode="yyyy-mm-dd"'} <= set(
        re.findall(r'formatCode="[^"]+"', book["xl/styles.xml"])
    )
    assert "100000000000000000000" in book["xl/worksheets/sheet1.xml"]  # as text: a sheet would round it


def test_more_rows_than_a_sheet_holds_are_refused_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    with pytest.raises(OverflowError, match="take it as CSV"):
        write_xlsx(ExportTable("things", ["n"], lambda: [{"n": 1}] * 3), tmp_path / "a.xlsx")
