"""Reads of who belongs to a customer. The actor comes first and is the first filter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.searching import folded
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.permissions import CUSTOMER_ROLES, DIRECT, Can, Permission, Reach, Role

from ..models import GroupMember, Membership, Organisation, RoleGrant


def members(actor: Actor) -> QuerySet[Membership]:
    """The members of the actor's customer."""
    return Membership.objects.filter(organisation_id=actor.customer_id, left_on=None)


def members_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, Membership]:
    """Members, former ones too, by id: for names beside what they did."""
    return Membership.objects.filter(organisation_id=actor.customer_id).in_bulk(list(ids))


def who_may(actor: Actor, roles: Iterable[Role], contract_id: int | None) -> list[Membership]:
    """The members who hold one of the roles on that contract or on the whole customer, by name (F1.7)."""
    scope = (Q(roles__contract_id=None) | Q(roles__contract_id=contract_id)) & Q(roles__group=None)
    held = scope & Q(roles__role__in=[role.value for role in roles])
    return list(members(actor).filter(held, active=True).distinct().order_by("sort_name", "id"))


@dataclass(frozen=True, slots=True)
class Contact:
    """A member to turn to."""

    membership_id: int
    name: str
    email: str


def who_may_where(actor: Actor, can: Permission) -> dict[int | None, list[Contact]]:
    """Who may do something directly, by contract; None: on the whole customer (F1.7). One query."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles_with(can), membership__left_on=None)
    rows = rows.filter(membership__active=True, group=None)
    fields = ("contract_id", "membership_id", "membership__name", "membership__email")
    places: dict[int | None, list[Contact]] = {}
    for contract_id, pk, name, email in rows.order_by("membership__sort_name", "membership_id").values_list(*fields):
        places.setdefault(contract_id, []).append(Contact(pk, name, email))
    return places


def roles_with(can: Permission) -> list[str]:
    """The roles of a customer that may do it directly."""
    return [role.value for role, reach in can.reach_of.items() if role in CUSTOMER_ROLES and reach in DIRECT]


def roles_of_groups() -> list[str]:
    """The roles that are held on groups: those who look after them."""
    return [role.value for role, reach in Can.MANAGE_GROUPS.reach_of.items() if role in CUSTOMER_ROLES and reach == Reach.GROUPS]


def everybodys_roles() -> set[str]:
    """The roles that every member has, and nobody is given."""
    return {Role.END_USER.value}


STATES = ("active", "invited", "expired", "not_invited", "left")


def page_of_people(
    actor: Actor, *, words: str, role: str, place: Place, state: str = "", group: int | None = None
) -> Page[Mapping[str, Any]]:
    """One page of the members by name, as plain rows: those whose name or e-mail holds every word, who hold the role, are in
    the group and in that state (one of `STATES`; empty: all who are here).

    The role `end_user` finds those who hold no other.
    """
    rows = filtered_people(actor, words=words, role=role, state=state, group=group)
    fields = ("id", "name", "sort_name", "email", "joined_on", "active", "invited_until", "left_on")
    return page_of(rows.values(*fields), [Key("sort_name", str), Key("id", int)], place)


def filtered_people(actor: Actor, *, words: str, role: str, state: str, group: int | None) -> QuerySet[Membership]:
    """The same without pages."""
    rows = _people(actor, former=state == "left")
    for word in words.split():
        rows = rows.filter(Q(sort_name__contains=without_accents(word)) | Q(email__icontains=word))
    held = seen_grants(actor).filter(membership_id=OuterRef("pk"))
    if role == Role.END_USER.value:
        rows = rows.filter(~Exists(held))
    elif role:
        rows = rows.filter(Exists(held.filter(role=role)))
    if group is not None:
        rows = rows.filter(pk__in=GroupMember.objects.filter(group_id=group, left_on=None).values("membership_id"))
    match state:
        case "active":
            rows = rows.filter(active=True)
        case "not_invited":
            rows = rows.filter(active=False, invited_until=None)
        case "invited":
            rows = rows.filter(active=False, invited_until__gt=now())
        case "expired":
            rows = rows.filter(active=False, invited_until__lte=now())
    return rows


def state_of(row: Mapping[str, Any]) -> str:
    """In which of `STATES` a member is, of whom `active`, `invited_until` and `left_on` are told."""
    if row["left_on"] is not None:
        return "left"
    if row["active"]:
        return "active"
    if row["invited_until"] is None:
        return "not_invited"
    return "invited" if row["invited_until"] > now() else "expired"


def state_words() -> dict[str, str]:
    """Each state as people say it."""
    return {
        "active": _("Active"),
        "invited": _("Invited"),
        "expired": _("Invitation expired"),
        "not_invited": _("Not invited yet"),
        "left": _("Left"),
    }


def member(actor: Actor, pk: int) -> Membership:
    """One member with the person. Raises Membership.DoesNotExist for a former one and for another customer's."""
    return _people(actor).select_related("person").get(pk=pk)


def grants_of(actor: Actor, memberships: Iterable[int]) -> list[RoleGrant]:
    """The roles of these members, as far as the actor may see the contracts that they are on."""
    if actor.contracts(Can.SEE_PEOPLE) is None:
        return _GRANTS.all(customer=actor.customer_id, memberships=list(memberships))
    return list(_in_order(seen_grants(actor).filter(membership_id__in=list(memberships))))


def _in_order(rows: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    return rows.order_by("membership_id", "role", "contract_id")


_GRANTS: Prepared[RoleGrant] = Prepared(
    lambda customer, memberships: _in_order(RoleGrant.objects.filter(organisation_id=customer, membership_id__in=memberships)),
    customer=int,
    memberships=list,
)


def managers_of(actor: Actor, contract_id: int | None) -> list[RoleGrant]:
    """Who holds a role on that contract itself, by name; None: on the whole customer."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, contract_id=contract_id, membership__left_on=None)
    return list(rows.select_related("membership").order_by("role", "membership__sort_name", "membership_id"))


def _people(actor: Actor, *, former: bool = False) -> QuerySet[Membership]:
    rows = Membership.objects.filter(organisation_id=actor.customer_id, left_on__isnull=not former)
    own = actor.groups(Can.SEE_PEOPLE)
    if own is None:
        return rows
    # who looks after groups sees their groups' people, and themselves
    inside = GroupMember.objects.filter(group_id__in=own, left_on=None).values("membership_id")
    return rows.filter(Q(pk=actor.member_id) | Q(pk__in=inside))


def seen_grants(actor: Actor) -> QuerySet[RoleGrant]:
    """The roles of the actor's customer, as far as the actor may see the contracts that they are on."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.SEE_PEOPLE)
    return rows if contracts is None else rows.filter(Q(contract_id=None) | Q(contract_id__in=contracts))


def without_accents(text: str) -> str:
    """Lower case without accents, as `Membership.sort_name` is written."""
    return folded(text)


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
    own = actor.groups(Can.SEE_PEOPLE)
    whose = None if own is None else (actor.membership_id, own)
    seen_by = actor.contracts(Can.SEE_PEOPLE)
    return kept_while_unmoved(actor, ("people", whose, seen_by), lambda: _people_figures(actor))


def _people_figures(actor: Actor) -> PeopleFigures:
    managers = seen_grants(actor).filter(role__in=roles_with(Can.ADD_SEATS), membership__left_on=None)
    return PeopleFigures(_people(actor).count(), managers.aggregate(n=Count("membership_id", distinct=True))["n"])
