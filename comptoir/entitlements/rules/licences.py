"""Whether somebody may use a product on a day, and why not. Source: rules 9."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

DEVICES_EACH = 3  # living activations per person and product


class Ground(StrEnum):
    """What somebody may use a product by."""

    SEAT = "seat"  # given to them, or to a group of theirs
    KEY = "key"  # a key without a person, on a seat that nobody has
    LEASE = "lease"  # a floating seat that is in use
    HOME_USE = "home_use"
    PERPETUAL = "perpetual"  # the licence of a maintenance plan that has lapsed: the version owned
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """One subscription of the product that somebody was given a seat of, or waits for, as it stands on a day.

    `beyond`: their rank is beyond the seats of that day; `owned`: a maintenance plan whose version stays theirs.
    """

    subscription: str
    waiting: bool
    beyond: bool
    works: bool
    owned: bool = False


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What counts for one person, or one key, and one product on a day.

    `here`: they belong to the customer, or the key has not ended; `known`: the customer has the product at all;
    `lease`: the subscription of which they hold a floating seat; `home_use`: a home-use licence of theirs counts; `trial`: they
    try it; `too_old`: the version may not be installed.
    """

    here: bool
    known: bool
    seats: Sequence[SeatFacts]
    lease: str = ""
    home_use: bool = False
    trial: bool = False
    too_old: bool = False
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: by what they may, or every reason why not, in a fixed order. `subscription`: whose number it stands on."""

    ground: Ground | None
    reasons: tuple[str, ...] = ()
    subscription: str = ""

    @property
    def may(self) -> bool:
        """Whether they may use it."""
        return self.ground is not None


def verdict_of(facts: LicenceFacts) -> Verdict:
    """Whether they may use it on that day, by what, and if not why not (rules 9)."""
    if not facts.here:
        return Verdict(None, ("licence_person_gone",))
    sits = [seat for seat in facts.seats if not seat.waiting and not seat.beyond]
    for ground, found in (
        (Ground.KEY if facts.by_key else Ground.SEAT, [seat for seat in sits if seat.works and not facts.too_old]),
        (Ground.PERPETUAL, [seat for seat in sits if seat.owned]),
    ):
        if found:
            return Verdict(ground, subscription=found[0].subscription)
    if not facts.too_old:
        if facts.lease:
            return Verdict(Ground.LEASE, subscription=facts.lease)
        if facts.home_use:
            return Verdict(Ground.HOME_USE)
        if facts.trial:
            return Verdict(Ground.TRIAL)
    return Verdict(None, _reasons(facts))


def _reasons(facts: LicenceFacts) -> tuple[str, ...]:
    if not facts.known:
        return ("licence_no_subscription",)
    told = [code for code, stands in _WHY if any(stands(seat) for seat in facts.seats)]
    usable = bool(facts.lease) or facts.home_use or facts.trial or any(_sits(seat) for seat in facts.seats)
    if facts.too_old and usable:
        told.append("licence_version_too_old")
    return tuple(told) or ("licence_no_seat",)


def _sits(seat: SeatFacts) -> bool:
    return seat.works and not seat.waiting and not seat.beyond


_WHY: tuple[tuple[str, Callable[[SeatFacts], bool]], ...] = (
    ("licence_suspended", lambda seat: not seat.works),
    ("licence_in_line", lambda seat: seat.works and seat.waiting),
    ("licence_beyond_seats", lambda seat: seat.works and not seat.waiting and seat.beyond),
)


def free_place(taken: Collection[int]) -> int | None:
    """The first place that no living device has; None: all three are taken (rules 9)."""
    return next((place for place in range(1, DEVICES_EACH + 1) if place not in taken), None)
