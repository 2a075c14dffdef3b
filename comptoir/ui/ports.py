"""What the pages' frame must know from above. Filled in `wiring.py`."""

from typing import Protocol, cast

from django.http import HttpRequest

from comptoir.kernel.ports import Unfilled

from .shell import Shell, Vendor


class ShellMaker(Protocol):
    """Who is here, for which customer, and where they may go. Filled by home."""

    def shell_of(self, request: HttpRequest, vendor: Vendor) -> Shell:
        """The shell of a page that has passed the gate, or of one before it."""
        ...


class Ports:
    """The sockets."""

    shell: ShellMaker = cast(ShellMaker, Unfilled())
