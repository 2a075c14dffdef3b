"""What the pages' frame must know from above. Filled in `wiring.py`."""

from typing import Protocol

from django.http import HttpRequest

from .shell import Shell, Vendor


class ShellMaker(Protocol):
    """Who is here, for which customer, and where they may go. Filled by home."""

    def shell_of(self, request: HttpRequest, vendor: Vendor) -> Shell:
        """The shell of a page that has passed the gate, or of one before it."""
        ...


class _Unfilled:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError("a port is used before wiring.py has filled it")


class Ports:
    """The sockets."""

    shell: ShellMaker = _Unfilled()  # type: ignore[assignment]
