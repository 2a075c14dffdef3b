"""Mail to the vendor's own people."""

from collections.abc import Iterator
from typing import Any

from comptoir.identity.queries import myself, staff_with
from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import job
from comptoir.kernel.second_look import look_of
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Can

from .queries.customers import organisation_of


@job("desk.tell_parked")
def tell_parked(actor: Actor, *, number: str, event: int) -> None:
    """A charge is held: everybody who may decide about it hears so, once."""
    told = {"customer": organisation_of(actor), "number": number}
    _write("parked", told, once=f"parked:{actor.customer_id}:{event}", people=staff_with(Can.DECIDE_PARKED))


@job("desk.tell_second_look")
def tell_second_look(actor: Actor, *, look_id: int) -> None:
    """A colleague is asked to look: those hear so who may, but for whoever asked."""
    look = look_of(actor, look_id)
    others = [pk for pk in staff_with(Can.LOOK_TWICE) if pk != look.asked_by_id]
    _write("second_look", {"customer": organisation_of(actor), "look": look}, once=f"look:{look.pk}", people=others)


@job("desk.tell_staff_role")
def tell_staff_role(actor: Actor, *, person: int, role: str, event: int) -> None:
    """Somebody works at the desk from now on: they hear so, and where."""
    _write("staff_role", {"role": role}, once=f"staff:{event}", people=[person])


def _write(template: str, told: dict[str, Any], *, once: str, people: list[int]) -> None:
    for to in _recipients(people):
        with wall_opened(person=to.person_id):
            mail.write(to, f"desk/mail/{template}", told, once=f"{once}:{to.person_id}")


def _recipients(people: list[int]) -> Iterator[mail.Recipient]:
    for pk in people:
        with wall_opened(person=pk):
            person = myself(pk)
        yield mail.Recipient(pk, person.email, str(person), person.language)
