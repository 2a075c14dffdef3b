"""The account of an import: every row of every file ends in exactly one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from comptoir.cutover.rules.finding import Finding, count_of
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.reading import Reading
from comptoir.cutover.rules.rows import Row
from comptoir.cutover.rules.table import Export

R = TypeVar("R", bound=Row)

PROBLEMS = (
    "duplicate_person",
    "missing_email",
    "bad_email",
    "contract_without_manager",
    "unknown_product",
    "end_before_start",
    "assignment_over_seats",
)


class Book:
    """Lists of rows that were refused, hang on refused ones, repeat others, were adjusted or need a look."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.rejected: list[Finding] = []
        self.dependent: list[Finding] = []
        self.repeated: list[Finding] = []
        self.adjusted: list[Finding] = []
        self.flagged: list[Finding] = []
        self.notes: list[Finding] = list(export.notes)
        self.problems: Counter[str] = Counter(dict.fromkeys(PROBLEMS, 0))
        self._noted: dict[tuple[str, str, str], list[int]] = {}

    def open(self, known: Known) -> Iterator[Reading]:
        """The readable rows of a file; the others are put in the account here, and their keys count as refused."""
        table = self.export.tables[known.file]
        self.notes.extend(table.notes)
        known.lost = table.problem is not None
        if table.problem is not None:
            self.rejected.append(table.problem)
        for raw in table.rows:
            reading = Reading(table, raw)
            if table.problem is not None:
                sentence = f"the header of {known.file} cannot be used; mend its line {table.problem.line} first."
                self.dependent.append(Finding(known.file, raw.line, table.problem.reason, sentence))
                known.refused.add(reading.raw(known.key_column))
            elif raw.fault is not None:
                reading.fault(*raw.fault)
                self.closed(reading)
                # With a cell too few or too many the key may stand anywhere.
                known.refused.update(cell.strip() for cell in raw.cells)
            else:
                yield reading

    def closed(self, reading: Reading) -> bool:
        """True if the row has faults or hangs; it is then in the account, and its problems are counted."""
        for reason, _ in reading.faults:
            if reason in self.problems:
                self.problems[reason] += 1
        if reading.faults:
            self.rejected.append(_joined(reading, reading.faults))
        elif reading.hangs:
            self.dependent.append(_joined(reading, reading.hangs))
        else:
            return False
        return True

    def accept(self, reading: Reading) -> None:
        """The row is imported: what was changed in it is listed, what is only worth saying is said once per file."""
        self.adjusted.extend(reading.adjusted)
        for reason, sentence in reading.noted:
            self._noted.setdefault((reading.file, reason, sentence), []).append(reading.line)

    def flag(self, row: Row, reason: str, sentence: str) -> None:
        """The row is imported, and counted among the problems."""
        self.flagged.append(Finding(row.file, row.line, reason, sentence))
        self.problems[reason] += 1

    def again(self, reading: Reading, same: bool, first: Row, what: str) -> None:
        """A second row of one key: repeated if it says the same, else rejected. The first one stays."""
        if same:
            sentence = f"says the same as line {first.line}; it was counted once."
            self.repeated.append(Finding(reading.file, reading.line, "repeated_row", sentence))
            return
        sentence = f"{what} was given on line {first.line} with other values, which stay; remove or correct one of the two."
        self.rejected.append(Finding(reading.file, reading.line, "conflicting_row", sentence))

    def take(self, known: Known, read: Callable[[Reading], R], key: Callable[[R], Hashable]) -> dict[Hashable, R]:
        """Judge a file: the accepted rows by their key, in the order of the file."""
        accepted: dict[Hashable, R] = {}
        for reading in self.open(known):
            row = read(reading)
            if self.closed(reading):
                known.refused.add(reading.raw(known.key_column))
                continue
            at = key(row)
            first = accepted.get(at)
            if first is None:
                accepted[at] = row
                self.accept(reading)
            else:
                self.again(reading, replace(row, line=first.line) == first, first, f"this {known.noun}")
        return accepted

    def take_named(self, known: Known, read: Callable[[Reading], R]) -> Mapping[str, R]:
        """Judge a file whose rows others refer to by `known.key_column`."""
        rows = self.take(known, read, lambda row: getattr(row, known.key_column))
        accepted = {str(key): row for key, row in rows.items()}
        known.accepted = accepted
        return accepted

    def all_notes(self) -> tuple[Finding, ...]:
        """Notes, those on rows gathered to one per file and subject."""
        gathered = []
        for (file, reason, sentence), lines in self._noted.items():
            first = ", ".join(str(line) for line in lines[:10])
            more = ", …" if len(lines) > 10 else ""
            text = f"{sentence} ({count_of(len(lines), 'row')}: line {first}{more})."
            gathered.append(Finding(file, lines[0], reason, text))
        return (*self.notes, *gathered)


def _joined(reading: Reading, reasons: list[tuple[str, str]]) -> Finding:
    return Finding(reading.file, reading.line, reasons[0][0], " ".join(sentence for _, sentence in reasons))
