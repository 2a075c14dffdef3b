"""The dates before and after an alignment as a picture: a bar for each subscription. Source: rules 5.

Coordinates are in percent of the width.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .alignment import AlignmentPlan, Extension

MOST_BARS = 12
_LEFT, _RIGHT = Decimal(1), Decimal(92)


@dataclass(frozen=True, slots=True)
class Bar:
    """One subscription: paid up to `before`, extended up to `after`; `top` is its line's place in pixels."""

    name: str
    key: str
    ends_on: date
    before: Decimal
    after: Decimal
    top: int

    @property
    def paid(self) -> Decimal:
        """The width of what is paid already."""
        return round(self.before - _LEFT, 2)

    @property
    def moved(self) -> Decimal:
        """The width of the extension."""
        return round(self.after - self.before, 2)


@dataclass(frozen=True, slots=True)
class Picture:
    """The bars, where the dates fall, and how many subscriptions found no room."""

    bars: tuple[Bar, ...]
    dates: tuple[tuple[date, Decimal], ...]  # the new ends, few as a rule
    height: int
    left_out: int


def draw(plan: AlignmentPlan, today: date, line: int = 26) -> Picture:
    """The longest extensions first; those that find no room are in the table behind the picture."""
    last = max(extension.ends_on for extension in plan.extensions)
    span = max(1, (last - today).days)

    def x_of(day: date) -> Decimal:
        return round(_LEFT + (_RIGHT - _LEFT) * max(0, (day - today).days) / span, 2)

    shown = _longest(plan.extensions)
    bars = tuple(
        Bar(
            each.candidate.name,
            each.candidate.key,
            each.candidate.ends_on,
            x_of(each.candidate.ends_on),
            x_of(each.ends_on),
            place * line + line // 2,
        )
        for place, each in enumerate(shown)
    )
    ends = sorted({each.ends_on for each in shown})
    return Picture(bars, tuple((day, x_of(day)) for day in ends), len(shown) * line, len(plan.extensions) - len(shown))


def _longest(extensions: Iterable[Extension]) -> Sequence[Extension]:
    longest = sorted(extensions, key=lambda each: (-each.line.days, each.candidate.key))[:MOST_BARS]
    return sorted(longest, key=lambda each: (each.candidate.ends_on, each.candidate.key))
