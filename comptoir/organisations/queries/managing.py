"""Who manages contracts: today, and since an appointment at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.permissions import Can, Role

from ..models import Appointment, Membership, RoleGrant
from .people import members, roles_with

ADMINISTRATORS = (Role.CONTRACT_MANAGER, Role.SOFTWARE_COORDINATOR)  # as F1.6 calls them


def managing_now(actor: Actor, contract_id: int | None) -> list[Membership]:
    """The members who can act as manager of that contract today, or (None) of the whole customer, by name.

    Who is only invited can't act yet.
    """
    reach = Q(contract_id=None) if contract_id is None else Q(contract_id=None) | Q(contract_id=contract_id)
    held = RoleGrant.objects.filter(reach, organisation_id=actor.customer_id, role__in=roles_with(Can.GIVE_ROLES), group=None)
    rows = members(actor).filter(pk__in=held.values("membership_id"), active=True)
    return list(rows.order_by("sort_name", "pk"))


def member_at(actor: Actor, email: str) -> Membership | None:
    """The member of today with that address, whatever its case."""
    return members(actor).filter(email__in={email, email.lower()}).order_by("pk").first()


@dataclass(frozen=True, slots=True)
class Appointed:
    """A manager who was appointed at the desk. `waits`: they have not come in yet."""

    name: str
    email: str
    contract: str
    checked: str
    on: date
    waits: bool


def appointments_of(actor: Actor) -> Sequence[Appointed]:
    """The newest appointments of the actor's customer."""
    rows = Appointment.objects.filter(organisation_id=actor.customer_id).select_related("membership").order_by("-pk")[:20]
    return [
        Appointed(
            row.membership.name,
            row.membership.email,
            row.contract,
            row.checked,
            row.on,
            row.membership.left_on is None and not row.membership.active,
        )
        for row in rows
    ]
