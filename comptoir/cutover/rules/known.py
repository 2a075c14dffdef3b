"""What the files judged so far know, for the rows that refer to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from comptoir.cutover.rules.rows import Row


@dataclass(slots=True)
class Known:
    """Keys of one file: accepted, seen but not imported, and whether the file could not be read at all (`lost`)."""

    noun: str
    file: str
    key_column: str = ""
    accepted: Mapping[str, Row] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    lost: bool = False
