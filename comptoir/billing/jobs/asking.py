"""How a provider is asked: outside of any transaction, and not while charging is stopped."""

from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from comptoir.kernel.errors import HouseRule
from comptoir.kernel.pause import nothing_is_charged_because, paused_because

from ..ports import Ports, Provider

T = TypeVar("T")


class HeldBack(RuntimeError):
    """Charging is stopped: the job is tried again."""


class NotKnownYet(RuntimeError):
    """The provider has not said what became of something: the job is tried again."""


def outside(call: Callable[[], T]) -> T:
    """Ask a provider. Raises HouseRule inside a transaction: whatever it holds would wait for somebody else's machine."""
    # a test that is rolled back as a whole runs inside one of its own
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise HouseRule("no provider is called inside a transaction")
    return call()


def provider_of(name: str) -> Provider:
    """A connected provider. Raises HeldBack for one that is connected no longer: what it was asked is still unknown."""
    provider = Ports.providers.by_name.get(name)
    if provider is None:
        raise HeldBack(f"the provider {name} is not connected")
    return provider


def hold_back() -> None:
    """Raise HeldBack while the house is paused or charging is stopped."""
    if reason := nothing_is_charged_because():
        raise HeldBack(f"charging waits: {reason}")


def hold_back_while_paused() -> None:
    """Raise HeldBack while the house is paused: nobody outside is asked anything."""
    if reason := paused_because():
        raise HeldBack(f"no provider is asked: {reason}")
