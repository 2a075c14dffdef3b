"""Reads of groups of people: who sees which, who is in them, and what they were given."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.permissions import CUSTOMER_ROLES, Can, Permission, Reach

from ..models import Group, GroupMember, Membership, RoleGrant
from ..ports import GivenToGroup, Ports
from .merged import led_by_email
from .people import members

MOST = 500  # groups that a select offers


def groups_seen(actor: Actor) -> QuerySet[Group]:
    """The living groups that the actor sees: all, or those that they look after."""
    rows = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    own = actor.groups(Can.SEE_PEOPLE)
    return rows if own is None else rows.filter(pk__in=own)


def page_of_groups(actor: Actor, *, words: str, place: Place) -> Page[Mapping[str, Any]]:
    """One page of the groups by name, with how many people are in each."""
    rows = groups_seen(actor)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    inside = Count("stays", filter=Q(stays__left_on=None))
    return page_of(
        rows.annotate(people=inside).values("id", "name", "made_on", "people"), [Key("name", str), Key("id", int)], place
    )


def group(actor: Actor, pk: int) -> Group:
    """One living group. Raises Group.DoesNotExist for one that ended, and for one that the actor doesn't see."""
    return groups_seen(actor).get(pk=pk)


def group_of(actor: Actor, pk: int) -> Group:
    """One group on which the actor holds the right to change it. Raises Group.DoesNotExist."""
    rows = Group.objects.filter(organisation_id=actor.customer_id)
    own = actor.groups(Can.MANAGE_GROUPS)
    return (rows if own is None else rows.filter(pk__in=own)).get(pk=pk)


def people_in(actor: Actor, pk: int, place: Place) -> Page[Mapping[str, Any]]:
    """Who is in a group, by name, a page at a time."""
    rows = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id=pk, left_on=None)
    told = rows.annotate(sort_name=F("membership__sort_name"), member=F("membership_id"), name=F("membership__name"))
    told = told.annotate(email=F("membership__email"), active=F("membership__active"))
    fields = ("sort_name", "member", "name", "email", "active", "joined_on")
    return page_of(told.values(*fields), [Key("sort_name", str), Key("member", int)], place)


def how_many_in(actor: Actor, pk: int) -> int:
    """How many people are in a group."""
    return GroupMember.objects.filter(organisation_id=actor.customer_id, group_id=pk, left_on=None).count()


def group_choices(actor: Actor, can: Permission) -> list[tuple[int, str]]:
    """The groups, by name, on which the actor holds `can`: for selects."""
    own = actor.groups(can)
    return _ALL.all(customer=actor.customer_id) if own is None else list(_choices(actor.customer_id).filter(pk__in=own)[:MOST])


def _choices(customer: int) -> QuerySet[Group, tuple[int, str]]:
    return Group.objects.filter(organisation_id=customer, ended_on=None).order_by("name").values_list("id", "name")


_ALL: Prepared[Any] = Prepared(lambda customer: _choices(customer)[:MOST], customer=int)


@dataclass(frozen=True, slots=True)
class Stay:
    """A group that a member is in, or was."""

    group_id: int
    name: str
    joined_on: date
    left_on: date | None


def groups_of(actor: Actor, memberships: Collection[int]) -> dict[int, list[Stay]]:
    """The groups of each of these members, of today, as far as the actor sees them."""
    rows = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, left_on=None)
    own = actor.groups(Can.SEE_PEOPLE)
    rows = rows if own is None else rows.filter(group_id__in=own)
    found: dict[int, list[Stay]] = defaultdict(list)
    fields = ("membership_id", "group_id", "group__name", "joined_on", "left_on")
    for member, *told in rows.order_by("group__name").values_list(*fields):
        found[member].append(Stay(*told))
    return found


def looked_after_by(actor: Actor, pk: int) -> list[tuple[int, str]]:
    """Who looks after a group: id and name."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, group_id=pk, membership__left_on=None)
    return list(rows.order_by("membership__sort_name").values_list("membership_id", "membership__name"))


def who_looks_after(actor: Actor, membership: int, can: Permission) -> list[Membership]:
    """Who looks after a group that the member is in, and answers requests of its people for what `can` allows, by name."""
    both = (can, Can.DECIDE_REQUESTS)
    roles = [role.value for role in CUSTOMER_ROLES if all(each.reach_of[role] == Reach.GROUPS for each in both)]
    inside = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=membership, left_on=None)
    held = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles, group_id__in=inside.values("group_id"))
    rows = members(actor).filter(pk__in=held.values("membership_id"), active=True).select_related("person")
    return list(rows.order_by("sort_name", "pk"))


def given_to(actor: Actor, groups: Collection[int], on: date) -> dict[int, list[GivenToGroup]]:
    """What each of these groups was given above."""
    found: dict[int, list[GivenToGroup]] = defaultdict(list)
    for context in Ports.grouped:
        for pk, given in context.given(actor, groups, on).items():
            found[pk].extend(given)
    return found


def names_of_groups(actor: Actor, groups: Collection[int]) -> dict[int, str]:
    """The names of these groups, ended ones too."""
    return dict(Group.objects.filter(organisation_id=actor.customer_id, pk__in=groups).values_list("id", "name"))


def members_by_email(actor: Actor, emails: Sequence[str]) -> dict[str, int]:
    """The members of today with these addresses in lower case, or whom the customer knew by them before accounts were merged."""
    wanted = {email.lower() for email in emails}
    rows = members(actor).filter(email__in=[*emails, *wanted])
    found = {email.lower(): pk for email, pk in rows.values_list("email", "id")}
    return led_by_email(actor, wanted - found.keys()) | found
