"""Reads of customers and who belongs to them. The actor comes first and is the first filter."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONArray
from django.utils.translation import gettext as _

from comptoir.identity.queries import staff_roles
from comptoir.kernel.actor import Actor, ActorKind, Grant
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.export import export_of
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.ports import Customer, Visit
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.kernel.verifying import check
from comptoir.kernel.walls import wall_of_request
from comptoir.permissions import CUSTOMER_ROLES, DIRECT, Can, Permission, Reach, Role

from .models import AccessToken, Membership, Organisation, RoleGrant, SpendingLimit
from .rules import beyond, spending_limit


class Grants:
    """Fills `kernel.Grants`: the roles of a member, read anew at each request."""

    def visit(self, person_id: int, number: str) -> Visit | None:
        """The person inside that customer. None for a stranger and for a former member. One query, under the person's wall."""
        found = _with_roles(Membership.objects.filter(person_id=person_id, organisation__number=number))
        if found is None:
            return None
        actor = Actor(
            ActorKind.PERSON,
            id=person_id,
            name=found["name"],
            person_id=person_id,
            membership_id=found["id"],
            organisation_id=found["organisation_id"],
            grants=_grants(found["held"]),
        )
        return Visit(actor, _customer(found))

    def visit_by_token(self, digest: str, number: str | None) -> Visit | Actor | None:
        """The token's actor, inside the customer `number`, or as a person where no customer is meant. Two queries."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.token', %s, true)", [digest])
        alive = Q(expires_at=None) | Q(expires_at__gt=now())
        fields = ("id", "name", "scopes", "organisation_id", "membership_id")
        token = AccessToken.objects.filter(alive, digest=digest, revoked_at=None).values(*fields).first()
        if token is None:
            return None
        with wall_of_request(read=[token["organisation_id"]]):
            found = _with_roles(Membership.objects.filter(pk=token["membership_id"], person__is_active=True))
        if found is None or number not in (None, found["organisation__number"]):
            return None
        actor = Actor(
            ActorKind.TOKEN,
            id=token["id"],
            name=token["name"],
            person_id=found["person_id"],
            membership_id=found["id"],
            organisation_id=found["organisation_id"],
            grants=_grants(found["held"]),
            scopes=frozenset(token["scopes"]),
        )
        if number is not None:
            return Visit(actor, _customer(found))
        person = (Grant(Role.PERSON),)
        return Actor(ActorKind.TOKEN, actor.id, actor.name, actor.person_id, grants=person, scopes=actor.scopes)

    def who_may(self, actor: Actor, can: Permission, contract_id: int | None) -> tuple[str, ...]:
        """The names of those members of the actor's customer who may."""
        roles = [role for role, reach in can.reach_of.items() if reach in DIRECT]
        return tuple(member.name for member in who_may(actor, roles, contract_id))


class Staff:
    """Fills `kernel.Staff`: who works for the vendor, and the customers that they look at."""

    def roles(self, person_id: int) -> tuple[Role, ...]:
        """The roles that the person has as staff, now. One query, under the person's wall."""
        return staff_roles(person_id)

    def customer(self, number: str) -> Customer | None:
        """The customer with that number, as far as the roles reach. One query, under the desk's wall."""
        found = Organisation.objects.filter(number=number).first()
        return Customer(found.pk, found.number, found.name, found.currency, found.country) if found else None


def _with_roles(rows: QuerySet[Membership]) -> dict[str, Any] | None:
    """One member who has not left, with the customer and the roles held, in one query."""
    held = RoleGrant.objects.filter(membership_id=OuterRef("pk")).values(both=JSONArray("role", "contract_id"))
    customer = ("organisation_id", "organisation__number", "organisation__name")
    money = ("organisation__currency", "organisation__country")
    fields = ("id", "name", "person_id", *customer, *money)
    found: dict[str, Any] | None = rows.filter(left_on=None).annotate(held=ArraySubquery(held)).values(*fields, "held").first()
    return found


def _grants(held: Iterable[tuple[str, int | None]]) -> tuple[Grant, ...]:
    # every member is an end user of the customer, whatever else
    return (*(Grant(Role(role), contract_id) for role, contract_id in held), Grant(Role.END_USER))


def _customer(found: Mapping[str, Any]) -> Customer:
    return Customer(
        found["organisation_id"],
        found["organisation__number"],
        found["organisation__name"],
        found["organisation__currency"],
        found["organisation__country"],
    )


def customers_of(person_id: int) -> list[Organisation]:
    """The customers that a person belongs to, by name. Needs the person's wall."""
    return list(Organisation.objects.filter(membership__person_id=person_id, membership__left_on=None).order_by("name", "number"))


class Buyers:
    """Fills `catalogue.Buyers`, which lies beside: whatever has these three fields will do."""

    def only_one(self, person_id: int) -> Organisation | None:
        """The one customer that the person belongs to. Needs the person's wall. One query."""
        found = customers_of(person_id)
        return found[0] if len(found) == 1 else None


def members(actor: Actor) -> QuerySet[Membership]:
    """The members of the actor's customer."""
    return Membership.objects.filter(organisation_id=actor.customer_id, left_on=None)


def members_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, Membership]:
    """Members, former ones too, by id: for names beside what they did."""
    return Membership.objects.filter(organisation_id=actor.customer_id).in_bulk(list(ids))


def who_may(actor: Actor, roles: Iterable[Role], contract_id: int | None) -> list[Membership]:
    """The members who hold one of the roles on that contract or on the whole customer, by name (F1.7)."""
    scope = Q(roles__contract_id=None) | Q(roles__contract_id=contract_id)
    return list(
        members(actor).filter(scope, roles__role__in=[role.value for role in roles]).distinct().order_by("sort_name", "id")
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """A member to turn to."""

    membership_id: int
    name: str
    email: str


def who_may_where(actor: Actor, can: Permission) -> dict[int | None, list[Contact]]:
    """Who may do something directly, by contract; None: on the whole customer (F1.7). One query."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles_with(can), membership__left_on=None)
    fields = ("contract_id", "membership_id", "membership__name", "membership__email")
    places: dict[int | None, list[Contact]] = {}
    for contract_id, pk, name, email in rows.order_by("membership__sort_name", "membership_id").values_list(*fields):
        places.setdefault(contract_id, []).append(Contact(pk, name, email))
    return places


def roles_with(can: Permission) -> list[str]:
    """The roles of a customer that may do it directly."""
    return [role.value for role, reach in can.reach_of.items() if role in CUSTOMER_ROLES and reach in DIRECT]


def page_of_people(actor: Actor, *, words: str, role: str, place: Place) -> Page[Mapping[str, Any]]:
    """One page of the members by name, as plain rows: those whose name or e-mail holds every word, and who hold the role.

    The role `end_user` finds those who hold no other.
    """
    rows = _people(actor)
    for word in words.split():
        rows = rows.filter(Q(sort_name__contains=without_accents(word)) | Q(email__icontains=word))
    held = _seen_grants(actor).filter(membership_id=OuterRef("pk"))
    if role == Role.END_USER.value:
        rows = rows.filter(~Exists(held))
    elif role:
        rows = rows.filter(Exists(held.filter(role=role)))
    keys = [Key("sort_name", str), Key("id", int)]
    return page_of(rows.values("id", "name", "sort_name", "email", "joined_on"), keys, place)


def member(actor: Actor, pk: int) -> Membership:
    """One member with the person. Raises Membership.DoesNotExist for a former one and for another customer's."""
    return _people(actor).select_related("person").get(pk=pk)


def grants_of(actor: Actor, memberships: Iterable[int]) -> list[RoleGrant]:
    """The roles of these members, as far as the actor may see the contracts that they are on."""
    return list(_seen_grants(actor).filter(membership_id__in=list(memberships)).order_by("membership_id", "role", "contract_id"))


def managers_of(actor: Actor, contract_id: int | None) -> list[RoleGrant]:
    """Who holds a role on that contract itself, by name; None: on the whole customer."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, contract_id=contract_id, membership__left_on=None)
    return list(rows.select_related("membership").order_by("role", "membership__sort_name", "membership_id"))


def _people(actor: Actor) -> QuerySet[Membership]:
    # who looks after groups sees their groups' people, and themselves while there are no groups
    if actor.reach(Can.SEE_PEOPLE, anywhere=True) == Reach.GROUPS:
        return members(actor).filter(pk=actor.member_id)
    return members(actor)


def _seen_grants(actor: Actor) -> QuerySet[RoleGrant]:
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.SEE_PEOPLE)
    return rows if contracts is None else rows.filter(Q(contract_id=None) | Q(contract_id__in=contracts))


def without_accents(text: str) -> str:
    """Lower case without accents, as `Membership.sort_name` is written."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


def spending_limit_of(actor: Actor, can: Permission, contract_id: int | None) -> int | None:
    """The most, in minor units without tax, that the actor may order at once without approval; None: any sum. One query."""
    roles = {grant.role.value for grant in actor.grants if grant.covers(contract_id) and can.reach_of[grant.role] in DIRECT}
    own, by_role = None, dict.fromkeys(roles)
    for row in SpendingLimit.objects.filter(organisation_id=actor.customer_id):
        if row.membership_id is not None and row.membership_id == actor.membership_id:
            own = row.amount_minor
        elif row.role in by_role:
            by_role[row.role] = row.amount_minor
    return spending_limit(own, by_role.values())


def refuse_over_limit(actor: Actor, can: Permission, contract_id: int | None, net: Money) -> None:
    """Raises Refused `over_spending_limit`, with those who may order so much. A job and the desk have no limit."""
    if actor.membership_id is None:
        return
    limit = spending_limit_of(actor, can, contract_id)
    if limit is not None and beyond(net.minor, limit):
        names = [each.name for each in who_may_spend(actor, can, contract_id, net) if each.pk != actor.membership_id]
        raise Refused("over_spending_limit", params={"limit": str(Money(limit, net.currency)), "who_may": names}, status=403)


def who_may_spend(actor: Actor, can: Permission, contract_id: int | None, net: Money) -> list[Membership]:
    """The members who may do it for that sum, by name. Two queries."""
    rows = list(SpendingLimit.objects.filter(organisation_id=actor.customer_id))
    own = {row.membership_id: row.amount_minor for row in rows if row.membership_id is not None}
    by_role = {row.role: row.amount_minor for row in rows if row.role}
    scope = Q(contract_id=None) | Q(contract_id=contract_id)
    roles = roles_with(can)
    held: dict[int, list[str]] = {}
    for grant in RoleGrant.objects.filter(scope, organisation_id=actor.customer_id, role__in=roles, membership__left_on=None):
        held.setdefault(grant.membership_id, []).append(grant.role)
    able = [
        pk
        for pk, theirs in held.items()
        if not beyond(net.minor, spending_limit(own.get(pk), [by_role.get(role) for role in theirs]))
    ]
    return list(members(actor).filter(pk__in=able).order_by("sort_name", "id"))


def spending_limits(actor: Actor) -> list[SpendingLimit]:
    """The limits that are set, those of roles first, then by member."""
    rows = SpendingLimit.objects.filter(organisation_id=actor.customer_id).select_related("membership")
    return list(rows.order_by("-role", "membership__sort_name", "id"))


def own_organisation(actor: Actor) -> Organisation:
    """The customer that the actor is inside of."""
    return Organisation.objects.get(pk=actor.customer_id)


def role_words() -> dict[str, str]:
    """Each role as people say it."""
    return {
        Role.CONTRACT_MANAGER: _("Contract manager"),
        Role.PAYER: _("Payer"),
        Role.SOFTWARE_COORDINATOR: _("Software coordinator"),
        Role.ACCESS_MANAGER: _("Access manager"),
        Role.REPORT_VIEWER: _("Report viewer"),
        Role.END_USER: _("End user"),
    }


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """How many people there are, and how many of them manage contracts."""

    people: int
    managers: int


def people_figures(actor: Actor) -> PeopleFigures:
    """The figures over all the people that the actor sees. Three queries, one while nothing changes."""
    own = actor.membership_id if actor.reach(Can.SEE_PEOPLE, anywhere=True) == Reach.GROUPS else None
    seen_by = actor.contracts(Can.SEE_PEOPLE)
    return kept_while_unmoved(actor, ("people", own, seen_by), lambda: _people_figures(actor))


def _people_figures(actor: Actor) -> PeopleFigures:
    managers = _seen_grants(actor).filter(role__in=roles_with(Can.ADD_SEATS), membership__left_on=None)
    return PeopleFigures(_people(actor).count(), managers.aggregate(n=Count("membership_id", distinct=True))["n"])


# what `comptoir verify` recomputes

check(
    "member_mirrors_person",
    "A member's name and e-mail are the person's.",
    """
    SELECT 'membership ' || m.id FROM organisations_membership m JOIN identity_person p ON p.id = m.person_id
    WHERE m.email <> p.email
       OR m.name <> coalesce(nullif(trim(p.first_name || ' ' || p.last_name), ''), p.email)
    """,
)
check(
    "requests_by_members",
    "Whoever asked and whoever decided belongs to the customer; only who asked can withdraw.",
    """
    SELECT 'request ' || a.id FROM kernel_askedverb a
    WHERE NOT EXISTS (
            SELECT 1 FROM organisations_membership m WHERE m.id = a.asked_by_id AND m.organisation_id = a.organisation_id)
       OR a.decided_by_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM organisations_membership m WHERE m.id = a.decided_by_id AND m.organisation_id = a.organisation_id)
       OR a.state = 'withdrawn' AND a.decided_by_id IS DISTINCT FROM a.asked_by_id
    """,
)


# what `comptoir export` writes; columns are never renamed

export_of(
    "people",
    ("customer", "email", "first_name", "last_name", "language", "joined_on", "left_on", "roles"),
    """
    SELECT o.number AS customer, p.email, p.first_name, p.last_name, p.language, m.joined_on, m.left_on,
           coalesce((SELECT string_agg(g.role || coalesce(' ' || c.number, ''), '; ' ORDER BY c.number NULLS FIRST, g.role)
                     FROM organisations_rolegrant g LEFT JOIN contracts_contract c ON c.id = g.contract_id
                     WHERE g.membership_id = m.id), '') AS roles
    FROM organisations_membership m JOIN identity_person p ON p.id = m.person_id
    JOIN organisations_organisation o ON o.id = m.organisation_id ORDER BY o.number, m.sort_name, m.id
    """,
)
