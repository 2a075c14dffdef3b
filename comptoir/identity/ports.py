"""What identity must know from above. Filled in `wiring.py`."""

from collections.abc import Sequence
from typing import Protocol, cast

from comptoir.kernel.ports import Unfilled


class Belonging(Protocol):
    """Where somebody has something. Filled by organisations."""

    def customers(self, person_id: int) -> Sequence[int]:
        """The customers that the person belongs to, did, or asks to, in one order. Needs the person's wall."""
        ...


class Elsewhere(Protocol):
    """What signs in as somebody outside of a browser. Filled by directory."""

    def end_all(self, person_id: int) -> None:
        """End all of it, in the running transaction: the password has changed, or the person signs out everywhere."""
        ...


class Ports:
    """The sockets."""

    belonging: Belonging = cast(Belonging, Unfilled())
    elsewhere: Elsewhere = cast(Elsewhere, Unfilled())
