"""What products and licences must know from above. Filled in `wiring.py` by downloads and directory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Unfilled


@dataclass(frozen=True, slots=True)
class Version:
    """A version that the vendor has published."""

    number: str
    title: str
    released_on: date


@dataclass(frozen=True, slots=True)
class Versions:
    """The releases of a product that are out, newest first: those that may be installed, and those that are too old.

    `depth`: how many before the newest may be installed.
    """

    allowed: tuple[str, ...]
    too_old: tuple[str, ...]
    depth: int


class Releases(Protocol):
    """What is published of each product."""

    def newest(self, products: Collection[int], on: date) -> Mapping[int, Version]:
        """The newest version of each of these products on that day; one without any is missing."""
        ...

    def versions(self, products: Collection[int], on: date) -> Mapping[int, Versions]:
        """The releases of each of these products on that day, exceptions aside; a product without any is missing."""
        ...


class Bearers(Protocol):
    """Who holds an access token of the portal's own OpenID provider. Filled by directory."""

    def person_of(self, token: str) -> int | None:
        """The person of a living token with the scope `licences`; None for any other, whatever is wrong with it."""
        ...


class NoBearers:
    """No OpenID provider: nobody holds a token."""

    def person_of(self, token: str) -> int | None:
        """Nobody."""
        return None


class Trying(Protocol):
    """Who tries a product that the customer has not bought. Filled by downloads."""

    def until(self, membership_id: int, product_id: int, on: date) -> date | None:
        """The first day without that member's trial that runs on that day; needs the customer's wall."""
        ...

    def own(self, actor: Actor, on: date) -> Sequence[object]:
        """What the actor's member tries on that day, as the fragment `downloads/_trials.html` shows it."""
        ...


class Ports:
    """The sockets."""

    releases: Releases = cast(Releases, Unfilled())
    bearers: Bearers = NoBearers()
    trying: Trying = cast(Trying, Unfilled())
