"""Search everything: each context's own part, asked as far as the actor may see it, in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Customer
from comptoir.kernel.searching import Typed
from comptoir.ui.ports import Hit, Ports, SearchPart

MOST = 5  # of each kind


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found, and the address of its page."""

    name: str
    about: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    kind: str
    icon: str
    title: str
    hits: Sequence[Found]
    more: bool  # than are told


def parts_for(actor: Actor) -> list[SearchPart]:
    """The kinds of which the actor sees anything, by the table of permissions."""
    return [part for part in Ports.searched if actor.may(part.can, anywhere=True)]


def found_for(actor: Actor, customer: Customer, typed: Typed, on: date) -> list[Group]:
    """What the actor may see that is called or numbered so, kind by kind; kinds without any are left out.

    The number of queries depends on the actor's roles alone.
    """
    if not typed:
        return []
    groups = []
    for part in parts_for(actor):
        hits = part.search(actor, typed, MOST + 1, on)
        if hits:
            told = [Found(hit.name, hit.about, _address(customer, hit)) for hit in hits[:MOST]]
            groups.append(Group(part.kind, part.icon, str(part.title), told, more=len(hits) > MOST))
    return groups


def _address(customer: Customer, hit: Hit) -> str:
    parts: Mapping[str, object] = {"customer": customer.number, **hit.parts}
    return reverse(hit.page, kwargs=dict(parts))
