"""What subscriptions must know from above. Filled in `wiring.py` and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule


@dataclass(frozen=True, slots=True)
class SeatUse:
    """How many people sit on a subscription's seats, and how many wait for one."""

    used: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who sits, or waits, on a subscription."""

    membership_id: int
    name: str
    since: str  # ISO day
    waiting: bool


class Seated(Protocol):
    """Who uses which seat. Filled by entitlements."""

    def use(self, actor: Actor, subscription_ids: Iterable[int]) -> Mapping[int, SeatUse]:
        """Used and waiting per subscription, one query for all; a subscription that nobody uses may be missing."""
        ...

    def people(self, actor: Actor, subscription_id: int) -> Sequence[Seat]:
        """Who sits and who waits, by name."""
        ...


class _Unfilled:
    def __getattr__(self, name: str) -> object:
        raise HouseRule("a port is used before wiring.py has filled it")


class Ports:
    """The sockets."""

    seated: Seated = _Unfilled()  # type: ignore[assignment]
