"""The quote that a preview hands out and the action asks back: if what it was made from has moved, the answer is 409.

Source: `ARCHITECTURE.md`, 'Preview is commit'. A quote is no secret and no signature: the action always computes anew
and compares, so that a forged one can only be refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .seats import SeatLine, SeatPlan

_FORM = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})\.([0-9a-f]{16})")


class Moved(StrEnum):
    """What has changed since a quote was given."""

    DAY = "day"
    VERSION = "version"
    AMOUNTS = "amounts"


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote taken apart: the day and the version of what it read, and a digest of its lines."""

    day: date
    version: int
    digest: str

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.version}.{self.digest}"


def quote_of(plan: SeatPlan, tax_lines_total: Money, version: int, today: date) -> str:
    """The opaque text for a plan: the same for the same day, version, lines, tax and seats; else another."""
    left_behind = plan.seats_now_after, plan.seats_at_renewal_after, plan.ends_on
    return quote_of_what(plan.lines, tax_lines_total, left_behind, version, today)


def quote_of_what(lines: Iterable[SeatLine], tax: Money, left_behind: object, version: int, today: date) -> str:
    """As `quote_of`, for any verb: from the lines it says, their tax, and what it leaves behind.

    For several subscriptions `version` is the sum of theirs: it moves when any of them does.
    """
    digest = sha256(repr((list(lines), tax, left_behind)).encode()).hexdigest()[:16]
    return str(Quote(today, version, digest))


def parse(text: str) -> Quote:
    """The quote in `text`. Refused with `quote_unreadable` (422, field `quote`) if no preview can have given it."""
    match = _FORM.fullmatch(text)
    try:
        if match is not None:
            return Quote(date.fromisoformat(match[1]), int(match[2]), match[3])
    except ValueError:
        pass  # a day such as 2026-02-30
    raise Refused("quote_unreadable", field="quote", status=422)


def moved(given: str, fresh: str) -> tuple[Moved, ...]:
    """What moved between the quote that was given and the fresh one; empty if they are the same. Refused as `parse`."""
    old, new = parse(given), parse(fresh)
    return tuple(
        what
        for what, same in (
            (Moved.DAY, old.day == new.day),
            (Moved.VERSION, old.version == new.version),
            (Moved.AMOUNTS, old.digest == new.digest),
        )
        if not same
    )
