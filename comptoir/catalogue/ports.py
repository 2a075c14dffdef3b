"""What the catalogue must know from beside: for whom it is shown. Filled in `wiring.py` and nowhere else."""

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


class Ports:
    """The sockets."""

    buyers: Buyers = cast(Buyers, Unfilled())
