"""Which benefits somebody has: by their own choice, by a group's, or because they have a seat. Source: rules 9."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Benefit(StrEnum):
    """What a subscription brings beside the program."""

    WEB_SUPPORT = "web_support"
    PHONE_SUPPORT = "phone_support"
    CLOUD_SERVICES = "cloud_services"
    HOME_USE = "home_use"
    PREVIOUS_VERSIONS = "previous_versions"
    UPDATES = "updates"
    TRAINING = "training"


# who may phone is decided by managers (rules 7), and what must be asked for is not given with a seat
DEFAULT_FOR_SEATED = frozenset(Benefit) - {Benefit.PHONE_SUPPORT}


@dataclass(frozen=True, slots=True)
class Wish:
    """One benefit of one member or group: to be given, withheld, or (None) left to the default."""

    of: str  # membership_id or group_id
    whose: int
    benefit: Benefit
    given: bool | None


class Source(StrEnum):
    """Why somebody has a benefit, or has not."""

    OWN = "own"
    GROUP = "group"
    SEAT = "seat"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something given or withheld; `group` names by which group, empty: of the person."""

    given: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody has a benefit, and why."""

    has: bool
    source: Source
    groups: tuple[str, ...] = ()


def standing_of(benefit: Benefit, own: Choice | None, groups: Sequence[Choice], *, seated: bool) -> Standing:
    """The person's own choice counts first, then what any of their groups is given, then what any is refused, then the seat."""
    if own is not None:
        return Standing(own.given, Source.OWN)
    for given in (True, False):
        names = tuple(sorted(choice.group for choice in groups if choice.given is given))
        if names:
            return Standing(given, Source.GROUP, names)
    if seated and benefit in DEFAULT_FOR_SEATED:
        return Standing(True, Source.SEAT)
    return Standing(False, Source.NONE)
