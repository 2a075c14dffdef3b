"""One row being judged: typed cells come out, and what is wrong with them is noted instead of raised."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from comptoir.cutover.rules.amount import LARGEST_MINOR, parse_minor
from comptoir.cutover.rules.calendar_day import parse_day, parse_moment
from comptoir.cutover.rules.finding import Finding, either, shown
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.record import RawRow
from comptoir.cutover.rules.table import Table

TEXT_LENGTH = 255
_KEY = re.compile(r"\w[\w./-]{0,63}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,12}")
_BREAKS = re.compile(r"[\r\n\t\v\f]+")
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_EMAIL = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_YES = frozenset({"yes", "y", "true", "1", "oui", "vrai"})
_NO = frozenset({"no", "n", "false", "0", "non", "faux"})
_NO_DAY = date(1900, 1, 1)
_NO_MOMENT = datetime(1900, 1, 1, tzinfo=UTC)


class Reading:
    """Cells of one row by column name. `faults` reject the row, `hangs` make it dependent, `adjusted` and `noted` do
    neither. After a fault a stand-in value comes back, so that one reading finds all faults of a row.
    """

    __slots__ = ("_cells", "_columns", "_day_first", "adjusted", "faults", "file", "hangs", "line", "noted")

    def __init__(self, table: Table, raw: RawRow) -> None:
        self.file = table.file
        self.line = raw.line
        self.faults: list[tuple[str, str]] = []
        self.hangs: list[tuple[str, str]] = []
        self.adjusted: list[Finding] = []
        self.noted: list[tuple[str, str]] = []
        self._cells: Sequence[str] = raw.cells
        self._columns: Mapping[str, int] = table.columns
        self._day_first: Mapping[str, bool] = table.day_first

    def fault(self, reason: str, sentence: str) -> None:
        """This row cannot be imported."""
        self.faults.append((reason, sentence))

    def hang(self, reason: str, sentence: str) -> None:
        """This row is sound, but hangs on one that is not imported."""
        self.hangs.append((reason, sentence))

    def adjust(self, reason: str, sentence: str) -> None:
        """A value of this row is imported otherwise than it was written."""
        self.adjusted.append(Finding(self.file, self.line, reason, sentence))

    def raw(self, column: str) -> str:
        """The cell without the blanks around it; empty if there is no such cell."""
        at = self._columns.get(column, -1)
        return self._cells[at].strip() if 0 <= at < len(self._cells) else ""

    def required(self, column: str) -> str:
        """The cell, which must not be empty."""
        value = self.raw(column)
        if not value:
            self.fault("missing_value", f"{column} is empty; a value is needed there.")
        return value

    def key(self, column: str) -> str:
        """A number or code that names something: up to 64 letters, digits, dots, slashes or hyphens."""
        value = self.required(column)
        if value and not _KEY.fullmatch(value):
            self.fault(
                f"bad_{column}",
                f"{column} {shown(value)} is no code; write up to 64 letters, digits, dots, slashes or hyphens.",
            )
            return ""
        return value

    def refer(self, column: str, known: Known) -> str:
        """A key that must be that of another file's row."""
        value = self.key(column)
        if value and value not in known.accepted:
            self.missing_reference(column, value, known)
        return value

    def missing_reference(self, column: str, value: str, known: Known) -> None:
        """Say why a reference leads nowhere: dependent if its row was refused or its file not read, else a fault."""
        if value in known.refused:
            sentence = f"{column} {shown(value)} is in {known.file}, but was not imported; correct it there first."
            self.hang(f"{known.noun}_not_imported", sentence)
        elif known.lost:
            self.hang("file_not_read", f"{column} {shown(value)} cannot be looked up: {known.file} could not be read.")
        else:
            sentence = f"{column} {shown(value)} is in no row of {known.file}; correct it, or add the {known.noun} there."
            self.fault(f"unknown_{known.noun}", sentence)

    def text(self, column: str, length: int = TEXT_LENGTH) -> str:
        """Free text on one line; what cannot be read becomes `?` and what is too long is cut, both as adjustments."""
        value = self.raw(column)
        if not value.isprintable():
            value = _BREAKS.sub(" ", value)
            clean = _UNREADABLE.sub("?", value)
            if clean != value:
                self.adjust("unreadable_text", f"{column} holds signs that cannot be read; each became a question mark.")
                value = clean
        if len(value) > length:
            sentence = f"{column} has {len(value):,} characters; the first {length} were kept."
            self.adjust("text_too_long", sentence)
            value = value[:length].rstrip()
        return value

    def named(self, column: str) -> str:
        """Free text that must not be empty."""
        value = self.text(column)
        if not value:
            self.fault("missing_value", f"{column} is empty; a value is needed there.")
        return value

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        """One of a few words, whatever its case."""
        value = self.raw(column).casefold()
        if value not in allowed:
            written = shown(self.raw(column)) if value else "empty"
            self.fault(f"unknown_{column}", f"{column} is {written}; write {either(allowed)}.")
        return value

    def flag(self, column: str) -> bool:
        """Yes or no."""
        value = self.raw(column).casefold()
        if value not in _YES and value not in _NO:
            written = shown(self.raw(column)) if value else "empty"
            self.fault(f"unknown_{column}", f"{column} is {written}; write yes or no.")
        return value in _YES

    def integer(self, column: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.raw(column)
        if not _INTEGER.fullmatch(value):
            written = shown(value) if value else "empty"
            sentence = f"{column} is {written}; write a whole number from {least:,} to {most:,}."
            self.fault(f"bad_{column}", sentence)
            return least
        number = int(value)
        if not least <= number <= most:
            sentence = f"{column} is {number:,}; it must be from {least:,} to {most:,}."
            self.fault(f"{column}_out_of_range", sentence)
            return least
        return number

    def day(self, column: str) -> date:
        """A day, in the order found for its column."""
        value = self.raw(column)
        day = parse_day(value, self._day_first.get(column, True))
        if day is None:
            self.fault("bad_date", self._bad_day(column, value))
            return _NO_DAY
        return day

    def optional_day(self, column: str) -> date | None:
        """A day that may be unknown: what is no day is left out, as an adjustment."""
        value = self.raw(column)
        day = parse_day(value, self._day_first.get(column, True)) if value else None
        if value and day is None:
            self.adjust("bad_date", self._bad_day(column, value) + " It was left out.")
        return day

    def _bad_day(self, column: str, value: str) -> str:
        order = "DD/MM/YYYY" if self._day_first.get(column, True) else "MM/DD/YYYY"
        return f"{column} is {shown(value) if value else 'empty'}; write a day that exists as YYYY-MM-DD or {order}."

    def moment(self, column: str) -> datetime:
        """A moment in UTC; one without a zone is taken as UTC, with a note."""
        value = self.raw(column)
        parsed = parse_moment(value, self._day_first.get(column, True))
        if parsed is None:
            written = shown(value) if value else "empty"
            self.fault("bad_date", f"{column} is {written}; write a moment that exists as YYYY-MM-DDTHH:MM:SSZ.")
            return _NO_MOMENT
        at, with_zone = parsed
        if not with_zone:
            self.noted.append(("no_time_zone", f"{column} has no time zone and was taken as UTC"))
        return at

    def price(self, column: str, exponent: int) -> int | None:
        """A price in minor units, or None if the cell is empty."""
        value = self.raw(column)
        if not value:
            return None
        minor = parse_minor(value, exponent)
        if minor is None or minor > LARGEST_MINOR:
            example = "1234" if exponent == 0 else f"1234.{'5'.ljust(exponent, '0')}"
            sentence = f"{column} is {shown(value)}; write it like {example}, with at most {exponent} decimals."
            self.fault("bad_price", sentence)
            return None
        if minor < 0:
            self.fault("negative_price", f"{column} is {shown(value)}; a price is zero or more.")
        return minor


def usable_email(value: str) -> bool:
    """True if mail can be sent to it: one address in ASCII with a dotted domain."""
    return _EMAIL.fullmatch(value) is not None
