"""Groups of people: made, renamed, ended; who joins and who leaves. What a group was given follows in the same transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.db.models.functions import Greatest

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import BATCH
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Group, GroupMember, Membership, Organisation, RoleGrant
from ..ports import Ports
from ..queries import led_on

LONGEST_NAME = 100


@action(Can.MANAGE_GROUPS, anywhere=True)
def make_group(actor: Actor, organisation: Organisation, *, name: str, on: date) -> Group:
    """Make a group without anybody in it. Raises Refused `group_name_missing`, `group_name_taken`."""
    _all_groups(actor)
    made = Group.objects.create(organisation=organisation, name=_free_name(actor, name), made_on=on)
    record(Events.GROUP_MADE, made, on=on, name=made.name)
    return made


@action(Can.MANAGE_GROUPS, anywhere=True)
def rename_group(actor: Actor, group: Group, *, name: str) -> Group:
    """Give a group another name. Raises Refused `group_name_missing`, `group_name_taken`, `group_has_ended`."""
    _all_groups(actor)
    _refuse_ended(group)
    before, group.name = group.name, _free_name(actor, name, but=group.pk)
    group.save(update_fields=["name"])
    record(Events.GROUP_RENAMED, group, before=before, name=group.name)
    return group


@action(Can.MANAGE_GROUPS, anywhere=True)
def end_group(actor: Actor, group: Group, *, on: date) -> Group:
    """End a group: nobody is in it any more, what it was given ends, and so do the roles on it (rules 9).

    Raises Refused `group_has_ended`.
    """
    _all_groups(actor)
    _refuse_ended(group)
    inside = GroupMember.objects.filter(group=group, left_on=None)
    members = sorted(inside.values_list("membership_id", flat=True))
    inside.update(left_on=Greatest("joined_on", on))
    group.ended_on = max(on, group.made_on)
    group.save(update_fields=["ended_on"])
    RoleGrant.objects.filter(organisation_id=group.organisation_id, group=group).delete()
    for context in Ports.grouped:
        context.ended(actor, group.pk, members, on)
    record(Events.GROUP_ENDED, group, on=on, name=group.name, count=len(members))
    return group


@action(Can.MANAGE_GROUPS, anywhere=True)
def join_group(actor: Actor, group: Group, *, members: Sequence[int], on: date) -> Group:
    """Put members into a group; who is in it already stays. They get what it has, or wait for it (rules 9).

    Raises Refused `group_has_ended`, `nobody_chosen`, `not_allowed` (somebody else's group), `member_not_here`.
    """
    _within(actor, group)
    if not put_into(actor, group, members, on):
        raise Refused("nobody_chosen", field="members", status=422)
    return group


@action(Can.MANAGE_GROUPS, anywhere=True)
def leave_group(actor: Actor, group: Group, *, members: Sequence[int], on: date) -> Group:
    """Take members out of a group; what they had through it alone ends (rules 9).

    Raises Refused `group_has_ended`, `nobody_chosen` (none of them is in it), `not_allowed` (somebody else's group).
    """
    _within(actor, group)
    inside = GroupMember.objects.filter(group=group, left_on=None, membership_id__in=list(members))
    going = sorted(inside.values_list("membership_id", flat=True))
    if not going:
        raise Refused("nobody_chosen", field="members", status=422)
    inside.update(left_on=Greatest("joined_on", on))
    for context in Ports.grouped:
        context.left(actor, group.pk, going, on)
    record(Events.GROUP_LEFT, group, on=on, name=group.name, count=len(going), members=_listed(going))
    return group


@step
def put_into(actor: Actor, group: Group, members: Collection[int], on: date) -> list[int]:
    """Put members into a group, whose row is locked, and tell what lies above. Returns those who were not in it, by id."""
    _refuse_ended(group)
    wanted = set(members)
    here = Membership.objects.filter(organisation_id=group.organisation_id, left_on=None, pk__in=wanted)
    # locked, so that nobody who leaves the customer meanwhile stays in the group
    if len(here.order_by("pk").select_for_update(no_key=True).values_list("pk")) != len(wanted):
        raise Refused("member_not_here", field="members")
    wanted -= set(GroupMember.objects.filter(group=group, left_on=None).values_list("membership_id", flat=True))
    new = sorted(wanted)
    told = {"organisation_id": group.organisation_id, "group": group, "joined_on": max(on, group.made_on)}
    GroupMember.objects.bulk_create([GroupMember(**told, membership_id=pk) for pk in new], batch_size=BATCH)
    if new:
        for context in Ports.grouped:
            context.joined(actor, group.pk, new, on)
        record(Events.GROUP_JOINED, group, on=on, name=group.name, count=len(new), members=_listed(new))
    return new


@step
def out_of_all_groups(memberships: Collection[int], on: date) -> None:
    """End every stay of members who leave the customer; what they had ends with `Leaving.left`."""
    GroupMember.objects.filter(membership_id__in=memberships, left_on=None).update(left_on=Greatest(F("joined_on"), on))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerGroup:
    """A group of an old centre (F5.7): a label that its people, or the people of its serial numbers, had."""

    organisation_id: int
    name: str
    since: date
    members: tuple[int, ...]  # memberships


@step
def import_groups(groups: Iterable[FormerGroup]) -> dict[tuple[int, str], int]:
    """Add the groups that never were here, by customer and name whatever its case, and who never was in them.

    What was changed here stays: an ended group stays ended, who was taken out stays out. What a group is given is for the
    caller: nothing above is told. Returns the ids of the groups that live, by customer and name as told.
    """
    told = [group for group in groups if group.name.strip()]
    customers = {group.organisation_id for group in told}
    known = _known_groups(customers)
    missing: dict[tuple[int, str], Group] = {}
    for each in told:
        if _key(each) not in known:
            made = Group(organisation_id=each.organisation_id, name=each.name.strip()[:LONGEST_NAME], made_on=each.since)
            first = missing.setdefault(_key(each), made)
            first.made_on = min(first.made_on, each.since)
    Group.objects.bulk_create(missing.values(), batch_size=BATCH)
    alive = {at: group for at, group in {**known, **missing}.items() if group.ended_on is None}
    led, rows = led_on(customers), GroupMember.objects.filter(organisation_id__in=customers)
    seen = {(group, led.get(member, member)) for group, member in rows.values_list("group_id", "membership_id")}
    stays: dict[tuple[int, int], GroupMember] = {}
    for each in told:
        group = alive.get(_key(each))
        for member in each.members if group else ():
            if group and (group.pk, member) not in seen:
                stay = GroupMember(organisation_id=each.organisation_id, group=group, membership_id=member)
                stay.joined_on = max(each.since, group.made_on)
                stays.setdefault((group.pk, member), stay)
    GroupMember.objects.bulk_create(stays.values(), batch_size=BATCH)
    return {(each.organisation_id, each.name): alive[_key(each)].pk for each in told if _key(each) in alive}


def _known_groups(customers: Collection[int]) -> dict[tuple[int, str], Group]:
    # of an ended one and a living one of the same name the living one, which comes last, counts
    rows = Group.objects.filter(organisation_id__in=customers).order_by("ended_on", "pk")
    return {(row.organisation_id, row.name.lower()): row for row in rows}


def _key(group: FormerGroup) -> tuple[int, str]:
    return group.organisation_id, group.name.strip()[:LONGEST_NAME].lower()


def _all_groups(actor: Actor) -> None:
    if actor.groups(Can.MANAGE_GROUPS) is not None:
        raise not_allowed(actor, Can.MANAGE_GROUPS)


def _within(actor: Actor, group: Group) -> None:
    own = actor.groups(Can.MANAGE_GROUPS)
    if own is not None and group.pk not in own:
        raise not_allowed(actor, Can.MANAGE_GROUPS)
    _refuse_ended(group)


def _refuse_ended(group: Group) -> None:
    if group.ended_on is not None:
        raise Refused("group_has_ended", params={"name": group.name})


def _free_name(actor: Actor, name: str, but: int = 0) -> str:
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > LONGEST_NAME:
        raise Refused("group_name_missing", params={"most": LONGEST_NAME}, field="name", status=422)
    taken = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None, name__iexact=wanted).exclude(pk=but)
    if taken.exists():
        raise Refused("group_name_taken", params={"name": wanted}, field="name")
    return wanted


def _listed(members: Iterable[int]) -> str:
    return ",".join(map(str, members))
