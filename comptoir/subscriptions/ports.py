"""What subscriptions must know from above: who sits on the seats. Filled in `wiring.py` by entitlements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Page, Place
from comptoir.kernel.ports import Unfilled

from .rules import Sitting


@dataclass(frozen=True, slots=True)
class SeatUse:
    """How many people have a seat, and how many wait for one; how many floating seats are in use beside theirs, of which so
    many are borrowed: nobody can be given those."""

    used: int = 0
    waiting: int = 0
    floating: int = 0
    borrowed: int = 0

    @property
    def taken(self) -> int:
        """The seats that are in use, whoever uses them."""
        return self.used + self.floating


@dataclass(frozen=True, slots=True)
class Holder:
    """A member who has a seat or, `waiting`, stands in the line for one."""

    membership_id: int
    name: str
    email: str
    given_on: date
    waiting: bool


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial number that was given out."""

    number: str
    version: str
    group: str


class Seated(Protocol):
    """Who sits on which seat."""

    def use(self, actor: Actor, subscriptions: Collection[int], on: date) -> Mapping[int, SeatUse]:
        """The use of each of these subscriptions on that day, today's or later; one that nobody uses may be missing."""
        ...

    def beyond(self, actor: Actor, on: date) -> int:
        """How many were given a seat that is not there on that day, in all that works and that the actor may see."""
        ...

    def floating_of_all(self, actor: Actor, on: date) -> int:
        """How many floating seats of those are in use at this moment: that changes by itself, with no line in a log."""
        ...

    def holders(self, actor: Actor, subscription_id: int, place: Place, on: date) -> Page[Holder]:
        """Who has a seat or waits for one, by name, a page at a time."""
        ...

    def serials(self, actor: Actor, subscription_id: int, most: int) -> Sequence[Serial]:
        """Its serial numbers in order, at most so many."""
        ...

    def sitting(self, actor: Actor, subscriptions: Collection[int]) -> Mapping[int, Sequence[Sitting]]:
        """Everybody who has a seat of each of these, in the order in which they keep it (rules 9); `key` is the membership."""
        ...

    def who_would_go(self, actor: Actor, subscription_id: int, seats: int) -> Sequence[Sitting]:
        """Who would lose their seat if there were only so many."""
        ...


class Keeping(Protocol):
    """The choice of who keeps a seat when the next renewal has fewer (rules 4)."""

    def keep(self, subscription_id: int, memberships: Collection[int]) -> bool:
        """Note that these keep their seat, and nobody else by choice. Whether that changed anything.

        A step of an action that holds the subscription's lock. Raises Refused `not_seated` for somebody without a seat.
        """
        ...


class Ports:
    """The sockets."""

    seated: Seated = cast(Seated, Unfilled())
    keeping: Keeping = cast(Keeping, Unfilled())
