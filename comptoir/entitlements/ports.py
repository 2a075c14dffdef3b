"""What the pages about products must know from above. Filled in `wiring.py` by downloads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

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


class Ports:
    """The sockets."""

    releases: Releases = cast(Releases, Unfilled())
