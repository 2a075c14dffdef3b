"""Which versions may be installed: the newest, and so many back. Source: rules 9."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

RELEASE = "release"
_PREVIEW = re.compile(r"(?:^|[^a-z])(dev|alpha|beta|preview|pre|rc)(?:[^a-z]|$)", re.IGNORECASE)
_EARLINESS = {"dev": 0, "alpha": 1, "beta": 2, "preview": 2, "pre": 2, "rc": 3, "": 4}
_COMING = ""  # stands for the release that a preview leads to, before it is out


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is out. `depth`: how many versions back may be installed while it is the newest; None: not said."""

    version: str
    kind: str  # release, update, enhancement
    released_on: date
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The versions that may be installed, and those that are too old, each newest first."""

    allowed: tuple[str, ...]
    too_old: tuple[str, ...]
    depth: int

    def __contains__(self, version: str) -> bool:
        return version in self.allowed


_Finals = Mapping[str, Version]  # finished releases, newest first


@lru_cache(maxsize=16_384)
def is_preview(version: str) -> bool:
    """Whether a version says that it is not finished: 2028-beta, 3.1.0-rc.2, 2028 Preview."""
    return _PREVIEW.search(version) is not None


@lru_cache(maxsize=16_384)
def place_of(version: str) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    """What versions are compared by: number by number, so that 1.10 comes after 1.9; a preview before what it leads to."""
    found = _PREVIEW.search(version)
    head, tail = (version[: found.start(1)], version[found.end(1) :]) if found else (version, "")
    return _numbers(head), _EARLINESS[found[1].lower() if found else ""], _numbers(tail)


def _numbers(text: str) -> tuple[int, ...]:
    found = [int(part) for part in re.findall(r"[0-9]{1,18}", text)]
    while found and found[-1] == 0:  # 3.0 is 3
        found.pop()
    return tuple(found)


def newest_first(versions: Sequence[Version]) -> list[Version]:
    """Release by release, each with its updates: one to an older release does not come before the newer one.

    A preview of what is not out comes first, and is nobody's newest version (rules 9).
    """
    return _ordered(versions, _finals(versions))


def _ordered(versions: Sequence[Version], finals: _Finals) -> list[Version]:
    order = {_COMING: -1, **{version: index for index, version in enumerate(finals)}}
    return sorted(sorted(versions, key=_age, reverse=True), key=lambda one: order[_root(one, finals)])


def newest(versions: Sequence[Version]) -> str | None:
    """The version that somebody new to the product installs: the newest that is finished; None: there is none at all."""
    found = newest_first(versions)
    return next((one.version for one in found if not is_preview(one.version)), found[0].version if found else None)


def window(versions: Sequence[Version], depth_of_product: int, more: Collection[str] = ()) -> Window:
    """The newest version and `depth` before it, with the updates to each of them (rules 9).

    Only finished releases count as versions; an update belongs to the release whose version it begins with (2027.1 to 2027),
    else to the newest one before it; a preview to the release that it led to. `more` are versions that an exception allows.
    """
    finals = _finals(versions)
    of_newest = next((one.depth for one in finals.values()), None)
    depth = depth_of_product if of_newest is None else of_newest
    within = {_COMING, *list(finals)[: depth + 1]}
    found = [(one.version, one.version in more or _root(one, finals) in within) for one in _ordered(versions, finals)]
    return Window(tuple(each for each, may in found if may), tuple(each for each, may in found if not may), depth)


def of_the_newest(versions: Sequence[Version]) -> frozenset[str]:
    """The newest release and the updates to it, and what is coming: what is no previous version (rules 9)."""
    finals = _finals(versions)
    newest = {_COMING, *list(finals)[:1]}
    return frozenset(one.version for one in versions if _root(one, finals) in newest)


def _age(one: Version) -> tuple[date, tuple[tuple[int, ...], int, tuple[int, ...]]]:
    return one.released_on, place_of(one.version)


def _finals(versions: Sequence[Version]) -> _Finals:
    found = [one for one in versions if one.kind == RELEASE and not is_preview(one.version)]
    return {one.version: one for one in sorted(found, key=_age, reverse=True)}


def _root(one: Version, finals: _Finals) -> str:
    """The version of the finished release that this is, is an update to, or led to; empty: one that is not out yet."""
    if one.version in finals:
        return one.version
    if one.kind == RELEASE:
        led_to = [each for each in finals if place_of(each)[0] == place_of(one.version)[0]]
        if led_to or all(each.released_on <= one.released_on for each in finals.values()):
            return led_to[0] if led_to else _COMING
    shorter = one.version.rpartition(".")[0]
    while shorter and shorter not in finals:
        shorter = shorter.rpartition(".")[0]
    if shorter:
        return shorter
    before = next((each.version for each in finals.values() if each.released_on <= one.released_on), None)
    return before or (list(finals)[-1] if finals else _COMING)
