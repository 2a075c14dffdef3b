"""Pages of a list by key: the rows after, or before, a row; never a count of the world, never an offset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict

from .cursors import cursor_of, place_of
from .errors import Refused

Row = TypeVar("Row")
PAGE_SIZE = 50
MANY = 1_000  # rows at a time, where all of them are wanted


@dataclass(frozen=True, slots=True)
class Key:
    """One column that a list is sorted by: its name in each row, and what it holds (`str`, `int` or `date`)."""

    name: str
    kind: type


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list a page begins or ends, as the address of the page says it, and how many rows it has."""

    after: str = ""
    before: str = ""
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, address: QueryDict) -> "Place":
        """The place that an address names by `after` or `before`; none of them: the beginning."""
        return cls(address.get("after", ""), address.get("before", ""))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list and the cursors of its neighbours; an empty cursor: there is no such page."""

    rows: Sequence[Row]
    next: str = ""
    previous: str = ""


def page_of(
    rows: QuerySet[Any, Any],
    keys: Sequence[Key],
    place: Place,
    *,
    descending: bool = False,
    size: int = 0,
    parts: Sequence[Q] = (),
) -> Page[Mapping[str, Any]]:
    """One page of a `values()` queryset sorted by `keys`, of which the last is unique and none is null.

    It has `size` rows, or as many as the place says. `parts`: conditions of which each row meets one and no row two; each is
    read from its own place in an index, as far as the page goes. One statement.
    Raises Http404 for a place that is in no list: the address was cut or made up.
    """
    size = size or place.size
    back = bool(place.before)
    at = _values(place.before or place.after, keys)
    downward = descending != back
    if at is not None:
        rows = rows.filter(_beyond([key.name for key in keys], at, "lt" if downward else "gt"))
    order = [f"-{key.name}" if downward else key.name for key in keys]
    first, *others = [rows.filter(part).order_by(*order)[: size + 1] for part in parts or [Q()]]
    found = list(first.union(*others, all=True).order_by(*order)[: size + 1] if others else first)
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Page([])
    has_next, has_previous = (True, more) if back else (more, at is not None)
    return Page(found, _cursor(found[-1], keys) if has_next else "", _cursor(found[0], keys) if has_previous else "")


def every(page_at: Callable[[Place], Page[Row]]) -> Iterator[Row]:
    """Every row of a list, page after page: for a file."""
    place = Place(size=MANY)
    while True:
        page = page_at(place)
        yield from page.rows
        if not page.next:
            return
        place = Place(after=page.next, size=MANY)


def _cursor(row: Mapping[str, Any], keys: Sequence[Key]) -> str:
    values = (row[key.name] for key in keys)
    return cursor_of(*(value.isoformat() if isinstance(value, date) else value for value in values))


def _values(cursor: str, keys: Sequence[Key]) -> list[Any] | None:
    try:
        place = place_of(cursor, [str if key.kind is date else key.kind for key in keys])
        if place is None:
            return None
        return [date.fromisoformat(part) if key.kind is date else part for part, key in zip(place, keys, strict=True)]
    except (Refused, ValueError):
        raise Http404 from None


def _beyond(names: Sequence[str], values: Sequence[Any], sign: str) -> Q:
    condition = Q()
    for name, value in reversed(list(zip(names, values, strict=True))):
        same = Q(**{name: value}) & condition if condition else Q(pk__in=[])
        condition = Q(**{f"{name}__{sign}": value}) | same
    # said once more on the first key alone, so that its index can be entered in the middle
    return Q(**{f"{names[0]}__{sign}e": values[0]}) & condition
