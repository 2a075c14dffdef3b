"""Who manages contracts: today, and since an appointment at the desk."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.permissions import Can, Role

from ..models import Appointment, Membership, RoleGrant
from ..ports import Ports
from .people import members, own_organisation, roles_with, who_may

ADMINISTRATORS = (Role.CONTRACT_MANAGER, Role.SOFTWARE_COORDINATOR)  # as F1.6 calls them


def managing_now(actor: Actor, contract_id: int | None) -> list[Membership]:
    """The members who can act as manager of that contract today, or (None) of the whole customer, by name.

    Who is only invited can't act yet.
    """
    reach = Q(contract_id=None) if contract_id is None else Q(contract_id=None) | Q(contract_id=contract_id)
    held = RoleGrant.objects.filter(reach, organisation_id=actor.customer_id, role__in=roles_with(Can.GIVE_ROLES), group=None)
    rows = members(actor).filter(pk__in=held.values("membership_id"), active=True)
    return list(rows.order_by("sort_name", "pk"))


def administrators(actor: Actor, contract_id: int | None) -> list[Membership]:
    """Whom it concerns who manages that contract, or (None) anything of the customer: managers and coordinators, by name."""
    if contract_id is not None:
        return who_may(actor, ADMINISTRATORS, contract_id)
    held = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=ADMINISTRATORS, group=None)
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


def quote_of_roles(actor: Actor, members: Collection[int]) -> str:
    """A text that is another one as soon as any role of these members changes."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=list(members))
    held = list(rows.order_by("pk").values_list("pk", flat=True))
    return hashlib.sha256(json.dumps([sorted(members), held]).encode()).hexdigest()[:32]


def managed_by_nobody_without(actor: Actor, member: int, contract_id: int | None) -> list[str]:
    """What nobody could manage any more if this member's role as manager there went: numbers, or the customer's name."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles_with(Can.GIVE_ROLES), group=None)
    rows = rows.filter(membership__left_on=None, membership__active=True)
    held = set(rows.values_list("membership_id", "contract_id"))
    numbers = Ports.contracts.all_numbers(actor)
    before, after = ({place for _member, place in some} for some in (held, held - {(member, contract_id)}))
    if None in after or before == after:
        return []
    if not numbers:
        return [own_organisation(actor).name] if None in before else []
    return [number for pk, number in numbers.items() if pk not in after and (pk in before or None in before)]
