"""What is said about one line of an export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """A file, a line (1 is the header, 0 the file as a whole), a stable reason code, and a sentence in English."""

    file: str
    line: int
    reason: str
    sentence: str

    def as_dict(self) -> dict[str, object]:
        """The finding as it stands in the JSON report."""
        return {"file": self.file, "line": self.line, "reason": self.reason, "sentence": self.sentence}


def shown(value: str) -> str:
    """A cell as a sentence may quote it: short, on one line, without anything a terminal would act upon."""
    short = value if len(value) <= SHOWN_LENGTH else value[: SHOWN_LENGTH - 1] + "…"
    return "“" + "".join(sign if sign.isprintable() else "�" for sign in short) + "”"


def either(values: Iterable[str]) -> str:
    """`a, b or c`."""
    *head, last = values
    return f"{', '.join(head)} or {last}" if head else last


def count_of(number: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,200 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
