"""Reads about what was brought over, and what was made up."""

from dataclasses import dataclass

from django.db.models import Count, Model, Q

from comptoir.contracts.models import Contract
from comptoir.entitlements.models import Assignment
from comptoir.identity.models import StaffRole
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.permissions import Role
from comptoir.subscriptions.models import Subscription

from .rules.made_up import World


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the sandbox whom one can sign in as: who they are, and where."""

    person_id: int
    name: str
    role: str
    customer: str
    language: str


OTHERS = (Role.PAYER, Role.ACCESS_MANAGER, Role.REPORT_VIEWER)


def people_to_try() -> list[Somebody]:
    """Some people of a sandbox who between them see everything. Needs a login that passes the walls."""
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
        *((counted.filter(roles__role=role).order_by("id"), role) for role in OTHERS),
    )
    for members_of_a_kind, role in wanted:
        member = members_of_a_kind.exclude(person_id__in=found).first()
        if member is not None:
            shown = "" if role is None else role.value
            person = member.person
            found[person.pk] = Somebody(person.pk, member.name, shown, member.organisation.name, person.language)
    return list(found.values())


def staff_to_try(vendor: str) -> list[Somebody]:
    """The vendor's own people whom one can sign in as. Needs a login that passes the walls."""
    held = StaffRole.objects.filter(ended_on=None).select_related("person").order_by("id")
    return [Somebody(each.person_id, each.name, each.role, vendor, each.person.language) for each in held]


@dataclass(frozen=True, slots=True)
class SownCustomer:
    """A made-up customer, and the person who manages all its contracts."""

    number: str
    name: str
    currency: str
    manager: str  # e-mail
    manager_id: int  # the person


@dataclass(frozen=True, slots=True)
class Sown:
    """What a seed made: its customers, and how many rows they have."""

    seed: int
    customers: tuple[SownCustomer, ...]
    rows: dict[str, int]


def sown(world: World) -> Sown:
    """What is here of a seeded world. Needs a login that passes the walls."""
    numbers = [world.number_of(index) for index in range(world.customers)]
    managers = RoleGrant.objects.filter(
        organisation__number__in=numbers, role=Role.CONTRACT_MANAGER, contract_id=None
    ).select_related("organisation", "membership")
    customers = tuple(
        SownCustomer(
            grant.organisation.number,
            grant.organisation.name,
            grant.organisation.currency,
            grant.membership.email,
            grant.membership.person_id,
        )
        for grant in managers.order_by("organisation__number")
    )
    tables: dict[str, type[Model]] = {
        "people": Membership,
        "contracts": Contract,
        "subscriptions": Subscription,
        "seats_in_use": Assignment,
    }
    rows = {name: table._default_manager.filter(organisation__number__in=numbers).count() for name, table in tables.items()}
    return Sown(world.seed, customers, {"customers": len(customers), **rows})
