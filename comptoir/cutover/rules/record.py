"""From text to rows of cells. One stray quote costs its own line, never the rest of the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
# A quoted cell may run over a few lines (an address); one that runs on longer is a quote that was never closed.
MAX_LINES_OF_A_CELL = 100
_NEWLINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of one row, the line on which it starts, and why it cannot be read (reason, sentence), if so."""

    line: int
    cells: Sequence[str]
    fault: tuple[str, str] | None = None


def lines_of(text: str) -> list[str]:
    """Lines of a text, whichever newline it uses."""
    return _NEWLINE.split(text)


def split_line(line: str, delimiter: str) -> list[str]:
    """Cells of one line taken alone; quotes that do not pair are left as they are."""
    if '"' not in line:
        return line.split(delimiter)
    return _parse(line, delimiter) or line.split(delimiter)


def rows_of(lines: Sequence[str], first: int, delimiter: str, width: int) -> Iterator[RawRow]:
    """Rows from line index `first` on; rows without any content are skipped, `width` is the header's cell count."""
    at = first
    while at < len(lines):
        line, number = lines[at], at + 1
        cells, used, fault = _record(lines, at, delimiter, width)
        at += used
        if not line or not any(cell and not cell.isspace() for cell in cells):
            continue
        if fault is None:
            cells, fault = _fit(cells, width, delimiter)
        yield RawRow(number, cells, fault)


def _record(lines: Sequence[str], at: int, delimiter: str, width: int) -> tuple[list[str], int, tuple[str, str] | None]:
    line = lines[at]
    if '"' not in line:
        return line.split(delimiter), 1, None
    cells = _parse(line, delimiter)
    if cells is not None:
        return cells, 1, None
    quotes = line.count('"')
    for used in range(2, min(MAX_LINES_OF_A_CELL, len(lines) - at) + 1):
        more = lines[at + used - 1].count('"')
        quotes += more
        if more and quotes % 2 == 0:
            cells = _parse("\n".join(lines[at : at + used]), delimiter)
            if cells is not None and len(cells) == width:
                return cells, used, None
            break
    sentence = (
        f"the quotes of this line do not pair, or a cell is longer than {csv.field_size_limit():,} characters; "
        'close each quoted cell and write a quote inside it twice ("").'
    )
    return line.replace('"', "").split(delimiter), 1, ("bad_quotes", sentence)


def _parse(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _fit(cells: list[str], width: int, delimiter: str) -> tuple[list[str], tuple[str, str] | None]:
    if len(cells) == width:
        return cells, None
    # Spreadsheets leave empty cells behind the last column; they mean nothing.
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width], None
    named = {"\t": "a tab"}.get(delimiter, f"“{delimiter}”")
    sentence = (
        f"this row has {len(cells)} cells where the header has {width}; "
        f"write one cell per column and put quotes around a cell that holds {named}."
    )
    return cells, ("wrong_cell_count", sentence)
