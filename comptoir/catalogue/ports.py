"""What the catalogue must know from beside and above: for whom it is shown, what can be tried. Filled in `wiring.py` alone."""

from datetime import date
from typing import Protocol, cast

from comptoir.kernel.ports import Unfilled


class Buyer(Protocol):
    """The customer that somebody buys for."""

    name: str
    country: str
    currency: str


class Buyers(Protocol):
    """For whom somebody buys. Filled by organisations."""

    def only_one(self, person_id: int) -> Buyer | None:
        """The one customer that the person belongs to; None where there are several or none. Needs the person's wall."""
        ...


class Trials(Protocol):
    """What can be tried. Filled by downloads."""

    def offered(self, product_id: int, on: date) -> bool:
        """Whether that product can be tried on that day."""
        ...


class Ports:
    """The sockets."""

    buyers: Buyers = cast(Buyers, Unfilled())
    trials: Trials = cast(Trials, Unfilled())
