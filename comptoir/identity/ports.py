"""What identity must know from above. Filled in `wiring.py` by directory."""

from typing import Protocol, cast

from comptoir.kernel.ports import Unfilled


class Elsewhere(Protocol):
    """What signs in as somebody outside of a browser."""

    def end_all(self, person_id: int) -> None:
        """End all of it, in the running transaction: the password has changed, or the person signs out everywhere."""
        ...


class Ports:
    """The sockets."""

    elsewhere: Elsewhere = cast(Elsewhere, Unfilled())
