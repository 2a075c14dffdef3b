"""Search everything: each context's own part, asked as far as the actor may see it, in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from django.urls import reverse

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Customer, Visit
from comptoir.kernel.searching import Typed
from comptoir.ui.ports import Hit, Ports, SearchPart

MOST = 5  # of each kind
MOST_CUSTOMERS = 50  # that are looked through at once


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found, and the address of its page; whose it is, where several customers were looked through."""

    name: str
    about: str
    url: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    kind: str
    icon: str
    title: str
    hits: Sequence[Found]
    more: bool  # than are told


def parts_for(actors: Sequence[Actor]) -> list[SearchPart]:
    """The kinds of which any of these sees anything, by the table of permissions."""
    return [part for part in Ports.searched if any(actor.may(part.can, anywhere=True) for actor in actors)]


def found_for(actor: Actor, customer: Customer, typed: Typed, on: date) -> list[Group]:
    """What the actor may see that is called or numbered so, kind by kind; kinds without any are left out.

    The number of queries depends on the actor's roles alone.
    """
    return _found([actor], {customer.id: customer}, typed, on)


def found_everywhere(visits: Sequence[Visit], typed: Typed, on: date) -> list[Group]:
    """The same over all of a person's customers, as far as they may see in each; of a kind each customer has its turn.

    The number of queries depends on the person's roles alone, not on how many customers there are.
    """
    return _found([visit.actor for visit in visits], {visit.customer.id: visit.customer for visit in visits}, typed, on)


def _found(actors: Sequence[Actor], customers: Mapping[int, Customer], typed: Typed, on: date) -> list[Group]:
    if not typed:
        return []
    groups = []
    for part in parts_for(actors):
        seeing = [actor for actor in actors if actor.may(part.can, anywhere=True)]
        hits = _in_turn(part.search(seeing, typed, MOST + 1, on))
        if hits:
            told = [_told(hit, customers) for hit in hits[:MOST]]
            groups.append(Group(part.kind, part.icon, str(part.title), told, more=len(hits) > MOST))
    return groups


def _in_turn(hits: Sequence[Hit]) -> list[Hit]:
    """The first of each customer, then the second of each: no customer fills the list alone."""
    by_customer: dict[int, list[Hit]] = {}
    for hit in hits:
        by_customer.setdefault(hit.customer_id, []).append(hit)
    return [hit for turn in zip_longest(*by_customer.values()) for hit in turn if hit is not None]


def _told(hit: Hit, customers: Mapping[int, Customer]) -> Found:
    customer = customers[hit.customer_id]
    parts: Mapping[str, object] = {"customer": customer.number, **hit.parts}
    return Found(hit.name, hit.about, reverse(hit.page, kwargs=dict(parts)), customer.name if len(customers) > 1 else "")
