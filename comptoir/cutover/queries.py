"""Reads about what was brought over."""

from dataclasses import dataclass

from django.db.models import Count, Q

from comptoir.entitlements.models import Assignment
from comptoir.organisations.models import Membership
from comptoir.permissions import Role


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the sandbox whom one can sign in as: who they are, and where."""

    person_id: int
    name: str
    role: str
    customer: str
    language: str


def people_to_try() -> list[Somebody]:
    """Up to six people of a sandbox who between them see everything. Needs a login that passes the walls."""
    found: dict[int, Somebody] = {}
    manager, coordinator = Role.CONTRACT_MANAGER, Role.SOFTWARE_COORDINATOR
    contracts = Count("roles__contract_id", filter=Q(roles__role=manager), distinct=True)
    products = Count("roles__contract_id", filter=Q(roles__role=coordinator), distinct=True)
    customers = Count("person__memberships", distinct=True)
    here = Membership.objects.filter(left_on=None).select_related("person", "organisation")
    counted = here.annotate(contracts=contracts, products=products, customers=customers)
    seated = Assignment.objects.filter(ended_on=None, waiting=False).values("membership_id")
    wanted = (
        (counted.filter(contracts__gt=0).order_by("-contracts", "id"), manager),
        (counted.filter(contracts=0, products__gt=0).order_by("-products", "id"), coordinator),
        (counted.filter(contracts=0, products=0, roles=None, pk__in=seated).order_by("id"), Role.END_USER),
        (counted.filter(contracts__gt=0, person__language="fr").order_by("-contracts", "id"), manager),
        (counted.filter(contracts__gt=0, person__language="en").order_by("-contracts", "id"), manager),
        (counted.filter(customers__gt=1).order_by("-customers", "id"), None),
    )
    for members_of_a_kind, role in wanted:
        member = members_of_a_kind.exclude(person_id__in=found).first()
        if member is not None:
            shown = "" if role is None else role.value
            person = member.person
            found[person.pk] = Somebody(person.pk, member.name, shown, member.organisation.name, person.language)
    return list(found.values())
