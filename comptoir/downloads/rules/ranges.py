"""Which bytes of a file a request asks for. Source: RFC 9110, section 14."""

import re
from dataclasses import dataclass

STEP = 8 * 1024 * 1024  # bytes that go out before they are noted
_ONE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `start` up to, not with, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start


class Unsatisfiable(ValueError):
    """The range begins beyond the end of the file: 416."""


def part_asked_for(header: str, size: int) -> Part | None:
    """The one range that a `Range` header asks for; None: all of the file.

    Several ranges at once, another unit and what is no range are answered with all of it (RFC 9110). Raises Unsatisfiable.
    """
    found = _ONE.fullmatch(header.strip())
    if found is None:
        return None
    first, last = found[1], found[2]
    if max(len(first), len(last)) > 18 or not (first or last):
        return None
    if not first:  # the last so many bytes
        if int(last) == 0:
            raise Unsatisfiable
        return Part(max(0, size - int(last)), size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, min(size, int(last) + 1) if last else size)


def still_the_same(if_range: str, etag: str, last_modified: str) -> bool:
    """Whether what the reader has of the file is of this very file: `If-Range` with its tag (never a weak one) or its date."""
    return if_range in {"", etag, last_modified}


def reached(before: int, start: int, sent: int, *, goes_on: bool = False) -> int:
    """How far a download has come without a gap, once `sent` bytes from `start` were sent as well.

    What is sent is noted a step at a time. Whoever goes on within a step after what was noted, and not at an end that was
    noted, has had those bytes: of a process that was killed before it could say so.
    """
    untold = STEP if goes_on and (before == 0 or before >= STEP) else 0
    return max(before, start + sent) if start <= before + untold else before
