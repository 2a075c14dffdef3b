"""One writer for tables that leave the house: CSV, XLSX and JSON lines, never a formula.

A spreadsheet runs a cell that begins with = + - @ (or a control character), also full-width or after blanks; such text is
given a leading apostrophe in CSV. In XLSX each cell is written as what it is, text always as text; JSON lines carry the value.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from .money import Money

# also the full-width signs, and after blanks: spreadsheets read both as the plain ones
FORMULA = re.compile(r"[\t\r\n]|[\s\u200B-\u200F\u2060\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]")
BATCH = 2_000  # rows on the way from the server
# of a sheet: its rows below the head, the characters of its name and of a cell, the largest number that it keeps exactly
MOST_ROWS, MOST_SHEET_NAME, MOST_TEXT, EXACT = 1_048_575, 31, 32_767, 10**15 - 1
NARROWEST = 12  # characters of a column


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table that can leave: its name, its columns (versioned, never renamed) and its rows for all that may be read."""

    name: str
    columns: Sequence[str]
    rows: Callable[[], Iterable[Mapping[str, Any]]]


TABLES: dict[str, ExportTable] = {}


def exports(table: ExportTable) -> ExportTable:
    """Put a table on the list of what can be exported."""
    TABLES[table.name] = table
    return table


def export_of(name: str, columns: Sequence[str], sql: str) -> ExportTable:
    """A table read by SQL, row by row from the server, and put on the list.

    A column of the SQL that ends in `_minor` becomes an amount in units of the row's `currency`, without that ending.
    """

    def rows() -> Iterator[Mapping[str, Any]]:
        with transaction.atomic():
            connection.ensure_connection()
            with connection.connection.cursor(f"export_{name}") as cursor:
                cursor.itersize = BATCH
                cursor.execute(sql)
                names = [column.name for column in cursor.description]
                for row in cursor:
                    yield _in_units(dict(zip(names, row, strict=True)))

    return exports(ExportTable(name, columns, rows))


def _in_units(row: dict[str, Any]) -> dict[str, Any]:
    for name in [name for name in row if name.endswith("_minor")]:
        minor = row.pop(name)
        row[name.removesuffix("_minor")] = None if minor is None else Money(minor, row["currency"]).decimal
    return row


def safe_cell(value: Any) -> str:
    """A value as CSV text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if FORMULA.match(text) else text


def write_csv(table: ExportTable, path: Path) -> int:
    """Write the table as UTF-8 CSV (RFC 4180). Returns the number of rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        count = 0
        for row in _rows(table):
            writer.writerow([safe_cell(row[column]) for column in table.columns])
            count += 1
    return count


def write_xlsx(table: ExportTable, path: Path) -> int:
    """Write the table as a workbook of one sheet: numbers as numbers, days as days, text as text. Returns the number of rows."""
    import xlsxwriter  # here: most processes never write a sheet, and all would pay for it at their start

    kept = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(path), kept) as book:
        sheet, sheets = book.add_worksheet(table.name[:MOST_SHEET_NAME]), _Sheets(book)
        for nth, column in enumerate(table.columns):
            sheet.set_column(nth, nth, max(NARROWEST, len(column) + 2))
            sheet.write_string(0, nth, column, sheets.head)
        sheet.freeze_panes(1, 0)
        count = 0
        for row in _rows(table):
            count += 1
            if count > MOST_ROWS:
                raise OverflowError(f"a sheet holds at most {MOST_ROWS} rows; {table.name} has more: take it as CSV")
            for nth, column in enumerate(table.columns):
                sheets.write(sheet, count, nth, row[column])
    return count


class _Sheets:
    """How cells of one workbook are written. Only these kinds: nothing here can write a formula or a link."""

    def __init__(self, book: Any) -> None:
        self.book, self.head = book, book.add_format({"bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.decimals: dict[int, Any] = {}

    def write(self, sheet: Any, line: int, column: int, value: Any) -> None:
        match value:
            case None:
                return
            case bool():
                sheet.write_string(line, column, safe_cell(value))
            case int() if abs(value) <= EXACT:
                sheet.write_number(line, column, value)
            case Decimal() if abs(value) <= EXACT:
                sheet.write_number(line, column, float(value), self._with_decimals(value))
            case date() if not isinstance(value, datetime):
                sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), self.day)  # noqa: DTZ001
            case datetime():
                sheet.write_string(line, column, value.isoformat())
            case _:
                sheet.write_string(line, column, str(value)[:MOST_TEXT])

    def _with_decimals(self, value: Decimal) -> Any:
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        if places not in self.decimals:
            self.decimals[places] = self.book.add_format({"num_format": f"0.{'0' * places}" if places else "0"})
        return self.decimals[places]


def write_json_lines(table: ExportTable, path: Path) -> int:
    """Write the table as one JSON object a line. Returns the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(table):
            file.write(json.dumps({column: row[column] for column in table.columns}, default=_json, ensure_ascii=False) + "\n")
            count += 1
    return count


def _rows(table: ExportTable) -> Iterator[Mapping[str, Any]]:
    yield from table.rows()


def _json(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
