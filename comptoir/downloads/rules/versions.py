"""Which versions somebody may install: the newest, and so many back. Source: rules 9."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

RELEASE = "release"


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


def window(versions: Sequence[Version], depth_of_product: int, more: Collection[str] = ()) -> Window:
    """The newest version and `depth` before it, with the updates to each of them (rules 9).

    Only releases count as versions; an update belongs to the release whose version it begins with (2027.1 to 2027), else to
    the newest one before it. `more` are versions that an exception allows.
    """
    newest_first = sorted(versions, key=lambda one: (one.released_on, _numbers(one.version)), reverse=True)
    releases = [one for one in newest_first if one.kind == RELEASE]
    depth = depth_of_product if not releases or releases[0].depth is None else releases[0].depth
    within = {one.version for one in releases[: depth + 1]}
    allowed = [one.version for one in newest_first if one.version in more or _root(one, releases) in within or not releases]
    return Window(tuple(allowed), tuple(one.version for one in newest_first if one.version not in allowed), depth)


def of_the_newest(versions: Sequence[Version]) -> frozenset[str]:
    """The newest release and the updates to it: what is no previous version (rules 9)."""
    newest_first = sorted(versions, key=lambda one: (one.released_on, _numbers(one.version)), reverse=True)
    releases = [one for one in newest_first if one.kind == RELEASE]
    return frozenset(one.version for one in newest_first if not releases or _root(one, releases) == releases[0].version)


def _root(one: Version, releases: Sequence[Version]) -> str:
    """The version of the release that this is, or is an update to."""
    if one.kind == RELEASE:
        return one.version
    named = [each.version for each in releases if one.version.startswith(f"{each.version}.")]
    if named:
        return max(named, key=len)
    before = [each.version for each in releases if each.released_on <= one.released_on]
    return before[0] if before else (releases[-1].version if releases else "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
