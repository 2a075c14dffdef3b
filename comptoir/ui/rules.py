"""Geometry and counting behind the pictures and the words for time. No Django, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

Unit = Literal["day", "month", "year"]
LANES = 6
LONGEST_LABEL = 22
MOST_LABELS = 30
PLOT = 86
LANE_HEIGHT = 34
NOMINAL_WIDTH = 880
LETTER_WIDTH = 7.2
DATE_WIDTH = 84


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happens on a day. `kind` is a class of the style sheet: plain, soon, manual or late."""

    day: date
    label: str
    note: str = ""
    kind: str = "plain"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the axis; `x` in percent of the width."""

    day: date
    x: float


@dataclass(frozen=True, slots=True)
class Stem:
    """Marks of one day, drawn as one dot. `x` in percent, `top` in pixels; `top` 0 means no room for a label."""

    day: date
    x: float
    label: str
    kind: str
    top: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A drawn timeline: `height`, in pixels, is that of the labels above the axis."""

    height: int
    ticks: tuple[Tick, ...]
    stems: tuple[Stem, ...]


def months_later(day: date, months: int) -> date:
    """The first day of the month that lies `months` after the month of `day`."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def whole_months(start: date, end: date) -> int:
    """Whole calendar months from `start` to a later `end`: 15 January to 14 March is 1."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def distance(day: date, on: date) -> tuple[int, Unit]:
    """How far `day` lies from `on`, negative in the past, in the unit people would say: 45 days, then months, then
    years from 24 months on."""
    days = (day - on).days
    sign = 1 if days >= 0 else -1
    months = whole_months(min(day, on), max(day, on))
    if abs(days) <= 45 or months == 0:
        return days, "day"
    return (sign * months, "month") if months < 24 else (sign * (months // 12), "year")


def draw_timeline(marks: Iterable[Mark], on: date) -> Timeline:
    """Place the marks of the twelve months after `on` on an axis; marks outside are left out, marks of one day share a
    stem. A label that finds no lane is left to the list below the picture."""
    end = date(on.year + 1, on.month, min(on.day, 28))
    span = (end - on).days

    def x_of(day: date) -> float:
        return round(1 + PLOT * (day - on).days / span, 2)

    inside = sorted((mark for mark in marks if on <= mark.day <= end), key=lambda mark: (mark.day, mark.label))
    days = [(day, list(group)) for day, group in groupby(inside, key=lambda mark: mark.day)]
    labels = [_label(group) for _, group in days]
    lanes = _lanes([(x_of(day), _width(label)) for (day, _), label in zip(days, labels, strict=True)])
    used = [lane for lane in lanes if lane < LANES]
    height = (max(used, default=0) + 1) * LANE_HEIGHT + 12
    stems = tuple(
        Stem(day, x_of(day), label, group[0].kind, height - lane * LANE_HEIGHT - LANE_HEIGHT + 2 if lane < LANES else 0)
        for (day, group), label, lane in zip(days, labels, lanes, strict=True)
    )
    ticks = tuple(Tick(day, x_of(day)) for day in (months_later(on, step) for step in range(1, 13)) if day <= end)
    return Timeline(height, ticks, stems)


def share(part: int, whole: int) -> float:
    """`part` of `whole` in percent, between 0 and 100; nothing of nothing is 0."""
    return round(min(100.0, max(0.0, 100 * part / whole)), 2) if whole > 0 else 0.0


def browser_of(user_agent: str) -> tuple[str, str]:
    """The names of the browser and of the system that a browser says it is; empty where it is none that we know."""
    # The order matters: nearly every browser also claims to be Safari, and most to be Chrome.
    browsers = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome"}
    browsers |= {"Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "macOS"}
    systems |= {"CrOS": "ChromeOS", "Linux": "Linux"}
    return _first_named(browsers, user_agent), _first_named(systems, user_agent)


def _first_named(names: Mapping[str, str], text: str) -> str:
    return next((name for sign, name in names.items() if sign in text), "")


def _label(group: Sequence[Mark]) -> str:
    first = group[0].label
    name = first if len(first) <= LONGEST_LABEL else first[: LONGEST_LABEL - 1].rstrip() + "…"
    return f"{name} +{len(group) - 1}" if len(group) > 1 else name


def _width(label: str) -> float:
    return 100 * (max(len(label) * LETTER_WIDTH, DATE_WIDTH) + 20) / NOMINAL_WIDTH


def _lanes(labels: Sequence[tuple[float, float]]) -> list[int]:
    """The lane of each label, counted from the axis; LANES means that there is no room. The soonest keep theirs: where
    too many stand together, those that follow the first give way."""
    kept = list(range(min(len(labels), MOST_LABELS)))
    lanes = _stacked(labels, kept)
    while too_high := [at for at in kept if lanes[at] >= LANES]:
        kept.remove(next(at for at in kept if at > too_high[0]))
        lanes = _stacked(labels, kept)
    return [lanes.get(at, LANES) for at in range(len(labels))]


def _stacked(labels: Sequence[tuple[float, float]], kept: Sequence[int]) -> dict[int, int]:
    """A label stands above every one that begins under it, so that no stem crosses a label."""
    lanes: dict[int, int] = {}
    for at in reversed(kept):
        x, width = labels[at]
        lanes[at] = max((lane for other, lane in lanes.items() if labels[other][0] <= x + width), default=-1) + 1
    return lanes
