"""Reading the files of an export: text, delimiter, header, order of days. No row is judged here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from comptoir.cutover.rules.calendar_day import count_proofs, parse_day
from comptoir.cutover.rules.finding import Finding, count_of, shown
from comptoir.cutover.rules.layout import FILES, LAYOUTS, MANIFEST, Layout
from comptoir.cutover.rules.record import DELIMITERS, RawRow, lines_of, rows_of, split_line
from comptoir.kernel.encoding import Decoded, decode

MAX_BYTES = 512 * 1024 * 1024
_SEPARATOR_HINT = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_NAME_NOISE = re.compile(r"[\W_]+")
_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Table:
    """One file as it was read. With a `problem` none of its rows can be used; without one all columns needed exist."""

    file: str
    columns: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[RawRow] = ()
    day_first: Mapping[str, bool] = field(default_factory=dict)
    problem: Finding | None = None
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """The 13 tables of an export and the day on which the old centre was left, if its manifest says so."""

    tables: Mapping[str, Table]
    cutover_day: date | None
    notes: tuple[Finding, ...] = ()


def read_export(directory: Path) -> Export:
    """Read the files of an export. Never raises: what cannot be read is a `problem` of its table (rules 12)."""
    day, notes = _cutover_day(directory / MANIFEST)
    return Export({file: read_table(directory / file) for file in FILES}, day, notes)


def read_table(path: Path) -> Table:
    """Read one file, named as in the layout."""
    content = _content(path)
    return Table(path.name, problem=content) if isinstance(content, Finding) else table_of(path.name, content)


def table_of(file: str, content: bytes) -> Table:
    """The table in a file's bytes; encoding, delimiter and order of days are found from them alone."""
    decoded = decode(content)
    lines = lines_of(decoded.text)
    at = _header_line(lines)
    if at is None:
        sentence = f"the file is empty; its first line must name the columns {', '.join(LAYOUTS[file].required)}."
        return Table(file, problem=Finding(file, 1, "empty_file", sentence))
    delimiter, columns, width, problem, notes = _header(file, lines[at], at + 1)
    rows = tuple(rows_of(lines, at + 1, delimiter, width))
    if not rows and problem is None:
        notes.append(Finding(file, at + 1, "header_only", "the file has a header and no row; nothing to import."))
    day_first, day_notes = _day_order(file, columns, rows)
    said = (_description(file, decoded, delimiter, len(rows)), *notes, *day_notes)
    return Table(file, columns, rows, day_first, problem, said)


def _content(path: Path) -> bytes | Finding:
    file = path.name
    try:
        if path.is_dir():
            reason, sentence = "not_a_file", "this is a directory; put a CSV file of this name in its place."
        elif not path.exists():
            where = "is missing from the export" if path.parent.is_dir() else "cannot be there: its directory is not one"
            reason, sentence = "missing_file", f"{file} {where}; add it, with a header alone if there is nothing in it."
        elif not path.is_file():
            reason, sentence = "not_a_file", "this is not an ordinary file; put a CSV file of this name in its place."
        elif path.stat().st_size > MAX_BYTES:
            reason, sentence = (
                "file_too_large",
                f"the file is larger than {MAX_BYTES // 2**20} MiB; import the export in parts.",
            )
        else:
            return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name cannot be one"
        reason, sentence = "unreadable_file", f"the file cannot be read ({why}); make it readable and import again."
    return Finding(file, 0, reason, sentence)


def _header_line(lines: Sequence[str]) -> int | None:
    for at, line in enumerate(lines):
        if line.strip(" \t\x00,;|") and not _SEPARATOR_HINT.fullmatch(line.strip()):
            return at
    return None


def _plain(name: str) -> str:
    return _NAME_NOISE.sub("", name).casefold()


def _header(file: str, line: str, number: int) -> tuple[str, dict[str, int], int, Finding | None, list[Finding]]:
    layout = LAYOUTS[file]
    wanted = {_plain(column): column for column in layout.columns}
    best = max(DELIMITERS, key=lambda mark: len({_plain(name) for name in split_line(line, mark)} & wanted.keys()))
    names = split_line(line, best)
    while names and not names[-1].strip():
        names.pop()
    found = [wanted.get(_plain(name)) for name in names]
    columns: dict[str, int] = {}
    for index, column in enumerate(found):
        if column is not None:
            columns.setdefault(column, index)
    problem = _header_problem(file, number, layout, found)
    notes = [
        Finding(file, number, "unknown_column", f"the column {shown(name)} is not known here and was not read.")
        for name, column in zip(names, found, strict=True)
        if column is None and name.strip()
    ]
    notes += [
        Finding(file, number, "absent_column", f"there is no column {column}; it was taken as empty in every row.")
        for column in layout.optional
        if column not in columns
    ]
    return best, columns, len(names), problem, notes


def _header_problem(file: str, number: int, layout: Layout, found: Sequence[str | None]) -> Finding | None:
    missing = [column for column in layout.required if column not in found]
    if missing:
        have = ", ".join(column for column in found if column) or "none that is known"
        sentence = (
            f"the header lacks {', '.join(missing)} (it has {have}); "
            f"the first line must name the columns {', '.join(layout.required)}."
        )
        return Finding(file, number, "missing_column", sentence)
    twice = [column for column, times in Counter(found).items() if column and times > 1]
    if twice:
        sentence = f"the header names {', '.join(twice)} more than once; keep one column of each name."
        return Finding(file, number, "duplicate_column", sentence)
    return None


def _description(file: str, decoded: Decoded, delimiter: str, rows: int) -> Finding:
    sentence = f"read as {decoded.encoding} with {_DELIMITER_NAMES[delimiter]} between cells: {count_of(rows, 'row')}."
    if decoded.damaged:
        sentence += f" {count_of(decoded.damaged, 'byte')} made no sense in it."
    return Finding(file, 0, "format", sentence)


def _day_order(file: str, columns: Mapping[str, int], rows: Sequence[RawRow]) -> tuple[dict[str, bool], list[Finding]]:
    """Per column: its own rows decide, else the other columns of the file, else day first; each says so in a note."""
    proofs: dict[str, tuple[int, int, int]] = {}
    for column in LAYOUTS[file].days:
        at = columns.get(column)
        if at is not None:
            proofs[column] = count_proofs(row.cells[at] for row in rows if row.fault is None)
    days, months = sum(p[0] for p in proofs.values()), sum(p[1] for p in proofs.values())
    order: dict[str, bool] = {}
    notes: list[Finding] = []
    for column, (day, month, either) in proofs.items():
        proven = day + month > 0
        order[column] = day >= month if proven else days >= months
        if not day + month + either:
            continue
        name = "day first" if order[column] else "month first"
        if proven:
            text = f"{column} was read {name}, as {count_of(max(day, month), 'row')} can only be read so"
            text += f"; {count_of(min(day, month), 'row')} could only be read the other way round." if min(day, month) else "."
            notes.append(Finding(file, 0, "day_order", text))
        else:
            why = "as the other columns of the file prove" if days + months else "though no row proves it"
            text = f"{column} was read {name}, {why}: every value could be read either way. Check one by hand."
            notes.append(Finding(file, 0, "day_order_unproven", text))
    return order, notes


def _cutover_day(path: Path) -> tuple[date | None, tuple[Finding, ...]]:
    """The manifest is used for this day alone; all counts are computed from the rows (rules 12)."""
    try:
        document = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        document = None
    written = document.get("cutover_day") if isinstance(document, dict) else None
    day = parse_day(written.strip(), True) if isinstance(written, str) else None
    if day is not None:
        return day, ()
    sentence = 'no day of leaving was found; write "cutover_day": "YYYY-MM-DD" in it if the demo\'s clock needs one.'
    return None, (Finding(MANIFEST, 0, "no_cutover_day", sentence),)
