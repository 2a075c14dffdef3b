"""What the kernel must know from above. Filled in `wiring.py` and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast

from django.db.models import QuerySet
from django.http import HttpRequest

from comptoir.permissions import Permission, Role

from .actor import Actor
from .errors import HouseRule, Refused


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer that a page or a call is about."""

    id: int
    number: str
    name: str
    currency: str
    country: str


class CustomerName(NamedTuple):
    """A customer among those that somebody belongs to."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody inside one customer's wall; `customers`: all that a person belongs to, by name, none for a token."""

    actor: Actor
    customer: Customer
    customers: tuple[CustomerName, ...] = ()


class Grants(Protocol):
    """Which roles somebody has, read anew at each request. Filled by organisations."""

    def visit(self, person_id: int, number: str) -> Visit | None:
        """The person inside that customer, or None for a stranger or a former member."""
        ...

    def visits(self, person_id: int) -> tuple[Visit, ...]:
        """The person inside each customer that they belong to, by the customer's name."""
        ...

    def visit_by_token(self, digest: str, number: str | None) -> Visit | Actor | None:
        """The token's actor: inside the customer if a number is given, else as a person. None if the token is no good."""
        ...

    def who_may(self, actor: Actor, can: Permission, contract_id: int | None) -> tuple[str, ...]:
        """The names of those members of the actor's customer who may (F1.7)."""
        ...

    def in_groups(self, actor: Actor, groups: Collection[int]) -> QuerySet[Any]:
        """The members of today of these groups, with their ids as primary keys."""
        ...


class Staff(Protocol):
    """Who works for the vendor, and whom they look at. Roles by identity, customers by organisations; put together in wiring."""

    def roles(self, person_id: int) -> tuple[Role, ...]:
        """The roles that the person has as staff, now. Needs the person's wall."""
        ...

    def customer(self, number: str) -> Customer | None:
        """The customer with that number, as far as the person's roles reach. Needs the person's wall and the desk's."""
        ...


class SignIns(Protocol):
    """How somebody signed in. Filled by identity."""

    def proved_at(self, request: HttpRequest) -> datetime | None:
        """When the signed-in person last showed who they are, in this session."""
        ...


class Unfilled:
    """What a port holds until `wiring.py` has filled it: every use is a bug of the house."""

    def __getattr__(self, name: str) -> object:
        raise HouseRule("a port is used before wiring.py has filled it")


class Ports:
    """The sockets."""

    grants: Grants = cast(Grants, Unfilled())
    staff: Staff = cast(Staff, Unfilled())
    sign_ins: SignIns = cast(SignIns, Unfilled())


def not_allowed(actor: Actor, can: Permission, contract_id: int | None = None) -> Refused:
    """The refusal of somebody whose role does not reach so far, naming those whose role does; of a token, its missing scope."""
    if actor.lacks_scope(can):
        return Refused("not_allowed", params={"permission": can.name, "scope": can.scope}, status=403)
    names = Ports.grants.who_may(actor, can, contract_id) if actor.organisation_id is not None else ()
    return Refused("not_allowed", params={"permission": can.name, "who_may": names}, status=403)
