"""Who holds a group of products, and what they get and lose when it changes. Source: rules 9."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Held(NamedTuple):
    """A seat of one subscription, or a place in its line. `direct`: given to the person, not by a group of people alone."""

    subscription: int
    member: int
    direct: bool


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has everything that is in it: groups of people, and people in their own right. Each in order."""

    groups: tuple[int, ...]
    people: tuple[int, ...]


def holders(
    items: Collection[int], held: Iterable[Held], given: Iterable[tuple[int, int]], inside: Mapping[int, Collection[int]]
) -> Holders:
    """Whoever has, or waits for, each subscription in it holds it; `given` are (group, subscription), `inside` a group's people.

    Who has all of it through such a group holds it by the group alone, unless each part was given to them, too.
    """
    seats: dict[int, dict[int, bool]] = {}
    for one in held:
        seats.setdefault(one.member, {})[one.subscription] = one.direct
    parts: dict[int, set[int]] = {}
    for group, subscription in given:
        parts.setdefault(group, set()).add(subscription)
    wanted = set(items)
    groups = tuple(sorted(pk for pk, have in parts.items() if wanted and wanted <= have))
    grouped = {member for pk in groups for member in inside.get(pk, ())}
    people = tuple(
        sorted(
            member
            for member, have in seats.items()
            if wanted and wanted <= set(have) and (member not in grouped or all(have[pk] for pk in wanted))
        )
    )
    return Holders(groups, people)


@dataclass(frozen=True, slots=True)
class Short:
    """A subscription with fewer free seats than people who are to get one."""

    subscription: int
    missing: int


def shortfalls(gains: Sequence[tuple[int, int, int]]) -> tuple[Short, ...]:
    """Of (subscription, people who get a seat, free seats) those without a seat for everybody."""
    return tuple(Short(pk, people - max(0, free)) for pk, people, free in gains if people > max(0, free))
