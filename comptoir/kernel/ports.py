"""What the kernel must know from above. Filled in `wiring.py` and nowhere else."""

from dataclasses import dataclass
from typing import Protocol

from .actor import Actor
from .errors import HouseRule


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer that a page or a call is about."""

    id: int
    number: str
    name: str
    currency: str
    country: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody inside one customer's wall."""

    actor: Actor
    customer: Customer


class Grants(Protocol):
    """Which roles somebody has, read anew at each request. Filled by organisations."""

    def visit(self, person_id: int, number: str) -> Visit | None:
        """The person inside that customer, or None for a stranger or a former member."""
        ...

    def visit_by_token(self, digest: str, number: str | None) -> Visit | Actor | None:
        """The token's actor: inside the customer if a number is given, else as a person. None if the token is no good."""
        ...


class _Unfilled:
    def __getattr__(self, name: str) -> object:
        raise HouseRule("a port is used before wiring.py has filled it")


class Ports:
    """The sockets."""

    grants: Grants = _Unfilled()  # type: ignore[assignment]
