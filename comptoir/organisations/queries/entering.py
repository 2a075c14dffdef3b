"""Who somebody is inside a customer, read anew at each request."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONArray

from comptoir.identity.queries import staff_roles
from comptoir.kernel.actor import Actor, ActorKind, Grant
from comptoir.kernel.clock import now
from comptoir.kernel.ports import Customer, CustomerName, Visit
from comptoir.permissions import DIRECT, Permission, Role

from ..models import GroupMember, Membership, Organisation, RoleGrant
from .people import who_may


class Grants:
    """Fills `kernel.Grants`: the roles of a member, read anew at each request."""

    def visit(self, person_id: int, number: str) -> Visit | None:
        """The person inside that customer. None for a stranger and for a former member. One query, under the person's wall."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM organisations_visitor(%s, %s)", [person_id, number])
            row = cursor.fetchone()
        if row is None:
            return None
        *inside, customers = row
        return _visit(person_id, _Inside._make(inside), tuple(CustomerName(*each) for each in customers))

    def visits(self, person_id: int) -> tuple[Visit, ...]:
        """The person inside each customer that they belong to, by the customer's name. One query, under the person's wall."""
        rows = _with_roles(Membership.objects.filter(person_id=person_id)).order_by("organisation__name", "organisation__number")
        return tuple(_visit(person_id, _Inside._make(row)) for row in rows)

    def visit_by_token(self, digest: str, number: str | None) -> Visit | Actor | None:
        """The token's actor, inside the customer `number`, or as a person where no customer is meant. One statement."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM organisations_member_by_token(%s, %s)", [digest, now()])
            row = cursor.fetchone()
        found = None if row is None else _ByToken._make(row)
        if found is None or number not in (None, found.number):
            return None
        scopes = frozenset(found.scopes)
        if number is None:
            person = (Grant(Role.PERSON),)
            return Actor(ActorKind.TOKEN, found.token, found.name, found.person, grants=person, scopes=scopes)
        actor = Actor(
            ActorKind.TOKEN,
            id=found.token,
            name=found.name,
            person_id=found.person,
            membership_id=found.membership,
            organisation_id=found.organisation,
            grants=_grants(found.held),
            scopes=scopes,
        )
        return Visit(actor, Customer(found.organisation, found.number, found.customer, found.currency, found.country))

    def who_may(self, actor: Actor, can: Permission, contract_id: int | None) -> tuple[str, ...]:
        """The names of those members of the actor's customer who may."""
        roles = [role for role, reach in can.reach_of.items() if reach in DIRECT]
        return tuple(member.name for member in who_may(actor, roles, contract_id))

    def in_groups(self, actor: Actor, groups: Collection[int]) -> QuerySet[Membership]:
        """The members of today of these groups."""
        inside = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, left_on=None)
        return Membership.objects.filter(organisation_id=actor.customer_id, left_on=None, pk__in=inside.values("membership_id"))


class Staff:
    """Fills `kernel.Staff`: who works for the vendor, and the customers that they look at."""

    def roles(self, person_id: int) -> tuple[Role, ...]:
        """The roles that the person has as staff, now. One query, under the person's wall."""
        return staff_roles(person_id)

    def customer(self, number: str) -> Customer | None:
        """The customer with that number, as far as the roles reach. One query, under the desk's wall."""
        found = Organisation.objects.filter(number=number).first()
        return Customer(found.pk, found.number, found.name, found.currency, found.country) if found else None


class _Inside(NamedTuple):
    """Who a person is inside a customer, as `organisations_visitor` (in the migrations) tells it."""

    membership: int
    name: str
    organisation: int
    number: str
    customer: str
    currency: str
    country: str
    held: Sequence[tuple[str, int | None, int | None]]


_CUSTOMER = ("organisation_id", "organisation__number", "organisation__name", "organisation__currency", "organisation__country")


def _with_roles(rows: QuerySet[Membership]) -> QuerySet[Membership, Any]:
    """Members who have not left, with the customer and the roles held: what `_Inside` has."""
    held = RoleGrant.objects.filter(membership_id=OuterRef("pk")).values(both=JSONArray("role", "contract_id", "group_id"))
    return rows.filter(left_on=None, active=True).values_list("id", "name", *_CUSTOMER, ArraySubquery(held))


class _ByToken(NamedTuple):
    """What `organisations_member_by_token` (in the migrations) tells of a token that is good."""

    token: int
    name: str
    scopes: Sequence[str]
    membership: int
    person: int
    held: Sequence[tuple[str, int | None, int | None]]
    organisation: int
    number: str
    customer: str
    currency: str
    country: str


def _grants(held: Iterable[tuple[str, int | None, int | None]]) -> tuple[Grant, ...]:
    # every member is an end user of the customer, whatever else
    return (*(Grant(Role(role), contract, group) for role, contract, group in held), Grant(Role.END_USER))


def _visit(person_id: int, inside: _Inside, customers: tuple[CustomerName, ...] = ()) -> Visit:
    actor = Actor(
        ActorKind.PERSON,
        id=person_id,
        name=inside.name,
        person_id=person_id,
        membership_id=inside.membership,
        organisation_id=inside.organisation,
        grants=_grants(inside.held),
    )
    customer = Customer(inside.organisation, inside.number, inside.customer, inside.currency, inside.country)
    return Visit(actor, customer, customers)


def customers_of(person_id: int) -> list[Organisation]:
    """The customers that a person belongs to, by name. Needs the person's wall."""
    here = {"membership__person_id": person_id, "membership__left_on": None, "membership__active": True}
    return list(Organisation.objects.filter(**here).order_by("name", "number"))


class Buyers:
    """Fills `catalogue.Buyers`, which lies beside: whatever has these three fields will do."""

    def only_one(self, person_id: int) -> Organisation | None:
        """The one customer that the person belongs to. Needs the person's wall. One query."""
        found = customers_of(person_id)
        return found[0] if len(found) == 1 else None
