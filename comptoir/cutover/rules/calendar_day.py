"""Days and moments as the old centre wrote them: year first, day first or month first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 2199
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?Z?$")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?")


def count_proofs(values: Iterable[str]) -> tuple[int, int, int]:
    """Of the days written with the year last: how many can only be day first, only month first, and either."""
    day_first = month_first = either = 0
    for value in values:
        match = _YEAR_LAST.match(value.strip())
        if match is None:
            continue
        left, right = int(match[1]), int(match[2])
        if left > 12 >= right:
            day_first += 1
        elif right > 12 >= left:
            month_first += 1
        else:
            either += 1
    return day_first, month_first, either


@lru_cache(maxsize=65536)
def parse_day(text: str, day_first: bool) -> date | None:
    """The day, or None. A time of day is tolerated if it is midnight."""
    return _plain_day(_MIDNIGHT.sub("", text), day_first)


def parse_moment(text: str, day_first: bool) -> tuple[datetime, bool] | None:
    """A day and a time as a moment in UTC, and whether its zone was written (if not, UTC is taken); or None."""
    head, _, tail = text.replace("T", " ").partition(" ")
    day, time = _plain_day(head, day_first), _TIME.fullmatch(tail)
    if day is None or time is None:
        return None
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = _zone(time[5])
    if zone is None:
        return None
    micro = int(((time[4] or "") + "000000")[:6])
    at = datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=zone)
    return at.astimezone(UTC), time[5] is not None


def _plain_day(text: str, day_first: bool) -> date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.fullmatch(text):
        year, month, day = int(match[3]), int(match[2]), int(match[1])
        if not day_first:
            month, day = day, month
    else:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _zone(written: str | None) -> timezone | None:
    if written is None or written == "Z":
        return UTC
    sign, hours, minutes = written[0], int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        return None
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if sign == "-" else away)
