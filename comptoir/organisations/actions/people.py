"""People who come and go: added and invited one by one, accepting, removed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from comptoir.events import Events
from comptoir.identity.actions import Newcomer, adopt_name, find_or_make_people
from comptoir.identity.models import Person
from comptoir.identity.queries import account_of, signing_in
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.addresses import is_address
from comptoir.kernel.asking import withdraw_all_of
from comptoir.kernel.clock import now
from comptoir.kernel.encoding import plain_line
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.kernel.walls import open_wall
from comptoir.permissions import Can, Role

from ..models import AccessToken, Group, Membership, Organisation, RoleGrant, SpendingLimit
from ..ports import Ports
from ..queries import endings, grants_among, managers_among, roles_with, who_may
from ..rules import sort_name
from .groups import out_of_all_groups, put_into
from .roles import Place, give, keep_managed

GOOD_FOR = timedelta(days=7)  # an invitation; real time, as all links
AGAIN_AFTER = timedelta(minutes=5)
MOST_AT_ONCE = 500  # who are removed in one go


@action(Can.ADD_PEOPLE, anywhere=True)
def add_person(
    actor: Actor,
    organisation: Organisation,
    *,
    email: str,
    first_name: str,
    last_name: str,
    language: str,
    roles: Sequence[Mapping[str, str | int | None]] = (),
    groups: Sequence[int] = (),
    invite: bool,
    on: date,
) -> Membership:
    """Add somebody, with roles (`role`, `contract`, `group`) and groups; with `invite` a mail with a link is on its way.

    Whether the address is known elsewhere shows nowhere. Who left comes back. Raises Refused `email_malformed`, `name_missing`,
    `member_here_already`, `group_needed`, `group_unknown`, and what `give_role` raises.
    """
    names = {"first_name": plain_line(first_name), "last_name": plain_line(last_name)}
    told = Newcomer(email=email.strip().lower(), **names, language=language)
    refuse_malformed(told)
    chosen = own_groups(actor, groups)
    person_id = find_or_make_people([told], on)[told.email]
    member = Membership.objects.select_for_update(no_key=True).filter(organisation=organisation, person_id=person_id).first()
    if member is not None and member.left_on is None and actor.groups(Can.ADD_PEOPLE) is None:
        raise Refused("member_here_already", params={"email": told.email}, field="email")
    if member is None or member.left_on is not None:
        member = come_in(organisation, member, person_id, told, on)
    for place in roles:
        give(actor, member, _place(place), on)
    for group in chosen:
        put_into(actor, group, [member.pk], on)
    record(Events.MEMBER_ADDED, member, on=on, member=member.pk)
    if invite and not member.active and not _invited_just_now(member):
        send_invitation(member)
    return member


@action(Can.ADD_PEOPLE, anywhere=True)
def invite_again(actor: Actor, member: Membership) -> Membership:
    """Send a new invitation; links of the mails before are no longer good.

    Raises Refused `member_active_already`, `member_has_left`, `invited_just_now`, `not_allowed` (nobody of one's groups).
    """
    own = actor.groups(Can.ADD_PEOPLE)
    if own is not None and not member.stays.filter(group_id__in=own, left_on=None).exists():
        raise not_allowed(actor, Can.ADD_PEOPLE)
    if member.left_on is not None:
        raise Refused("member_has_left", params={"name": member.name})
    if member.active:
        raise Refused("member_active_already", params={"name": member.name})
    if _invited_just_now(member):
        raise Refused("invited_just_now", params={"name": member.name})
    send_invitation(member)
    return member


def _invited_just_now(member: Membership) -> bool:
    return member.invited_until is not None and member.invited_until - GOOD_FOR > now() - AGAIN_AFTER


@action(Can.ACCEPT_INVITATION)
def accept_invitation(actor: Actor, person: Person, *, organisation: int, member: int, until: datetime, on: date) -> Membership:
    """Come in, with the roles and seats that wait; from now on the customer sees the person's own name and address.

    `until` is that of the link: only the newest one is good. Raises Refused `invitation_over`.
    """
    # the person stands outside of the customer until this line; the link, or their own list, has named it
    open_wall(read=[organisation], write=organisation, person=person.pk)
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).filter(organisation_id=organisation, person=person)
    found = rows.filter(pk=member, left_on=None, active=False).first()
    if found is None or found.invited_until != until or until <= now():
        raise Refused("invitation_over", status=410)
    # who was invited by another address of theirs goes by that one here
    come_inside(found, account_of(person, found.email))
    found.save(update_fields=["active", "invited_until", "name", "email", "sort_name"])
    record(Events.MEMBER_JOINED, found, on=on, member=found.pk)
    return found


@step
def come_inside(member: Membership, called: Person) -> None:
    """Make a member active, who goes by the name and the address of this account from now on. Saves the account alone."""
    with signing_in():
        adopt_name(called, member.name)
    member.active, member.invited_until = True, None
    member.name, member.email = str(called), called.email
    member.sort_name = sort_name(called.first_name, called.last_name) or called.email.lower()


@action(Can.REMOVE_PEOPLE, anywhere=True)
def remove_people(actor: Actor, organisation: Organisation, *, members: Sequence[int], on: date) -> Organisation:
    """Take people out of the customer: roles, groups, seats, tokens and open requests end; what they did stays.

    Raises Refused `member_not_here`, `nobody_chosen`, `manager_by_coordinator`, `beyond_your_contracts`, `last_manager`.
    """
    wanted = sorted(set(members))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Refused("nobody_chosen", field="members", status=422)
    rows = Membership.objects.filter(organisation=organisation, left_on=None, pk__in=wanted).order_by("pk")
    going = list(rows.select_for_update(no_key=True))
    if len(going) != len(wanted):
        raise Refused("member_not_here", field="members")
    refuse_beyond_reach(actor, going, on)
    keep_managed(actor, lambda: leave(actor, going, on))
    told = {"member": wanted[0]} if len(wanted) == 1 else {}
    record(Events.MEMBERS_LEFT, organisation, on=on, count=len(wanted), members=",".join(map(str, wanted)), **told)
    return organisation


@step
def refuse_beyond_reach(actor: Actor, going: Sequence[Membership], on: date) -> None:
    """Raise Refused where somebody manages what the actor does not, or has something under contracts of others (rules 7)."""
    names = {member.pk: member.name for member in going}
    for pk, contract in managers_among(actor, names):
        if not actor.may(Can.GIVE_ROLES, contract):
            who = [each.name for each in who_may(actor, [Role(role) for role in roles_with(Can.GIVE_ROLES)], contract)]
            raise Refused("manager_by_coordinator", params={"name": names[pk], "who_may": who}, status=403)
    contracts = actor.contracts(Can.REMOVE_PEOPLE)
    if contracts is None:
        return
    ends = [(end.membership_id, end.contract_id) for end in endings(actor, names, on)]
    for pk, contract in [*ends, *grants_among(actor, names)]:
        if contract is None or contract not in contracts:
            who = [each.name for each in who_may(actor, [Role(role) for role in roles_with(Can.REMOVE_PEOPLE)], None)]
            raise Refused("beyond_your_contracts", params={"name": names[pk], "who_may": who}, status=403)


@step
def leave(actor: Actor, going: Sequence[Membership], on: date) -> None:
    """They leave: what they are and have here ends, in this context and in those above."""
    ids = [member.pk for member in going]
    for member in going:
        member.left_on, member.invited_until = max(on, member.joined_on), None
    Membership.objects.bulk_update(going, ["left_on", "invited_until"])
    RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=ids).delete()
    SpendingLimit.objects.filter(organisation_id=actor.customer_id, membership_id__in=ids).delete()
    AccessToken.objects.filter(organisation_id=actor.customer_id, membership_id__in=ids, revoked_at=None).update(revoked_at=now())
    out_of_all_groups(ids, on)
    withdraw_all_of(actor, ids)
    for context in Ports.leaving:
        context.left(actor, ids, on)


@step
def come_in(organisation: Organisation, former: Membership | None, person_id: int, told: Newcomer, on: date) -> Membership:
    """A new membership, or that of somebody who left, under the name that was typed; not active until it is accepted."""
    member = former or Membership(organisation=organisation, person_id=person_id)
    member.name = f"{told.first_name} {told.last_name}".strip() or told.email
    member.sort_name = sort_name(told.first_name, told.last_name) or told.email
    member.email, member.joined_on, member.left_on = told.email, on, None
    member.active, member.invited_until = False, None
    member.save()
    return member


@step
def send_invitation(member: Membership) -> None:
    """A new invitation, good for seven days; its mail follows from the event."""
    member.invited_until = now() + GOOD_FOR
    member.save(update_fields=["invited_until"])
    record(Events.MEMBER_INVITED, member, member=member.pk, until=member.invited_until.isoformat())


@step
def own_groups(actor: Actor, groups: Collection[int]) -> list[Group]:
    """The living groups with these ids, locked. Raises Refused `group_unknown`; `group_needed` for whom only groups let add."""
    own = actor.groups(Can.ADD_PEOPLE)
    if own is not None and not groups:
        raise Refused("group_needed", field="groups", status=422)
    rows = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None, pk__in=set(groups)).order_by("pk")
    found = list(rows.select_for_update(no_key=True))
    if len(found) != len(set(groups)) or (own is not None and not own.issuperset(groups)):
        raise Refused("group_unknown", field="groups", status=422)
    return found


def _place(told: Mapping[str, str | int | None]) -> Place:
    contract, group = told.get("contract"), told.get("group")
    return Place(str(told.get("role", "")), int(contract) if contract else None, int(group) if group else None)


@step
def refuse_malformed(told: Newcomer) -> None:
    """Raise Refused `email_malformed` or `name_missing`."""
    if not is_address(told.email):
        raise Refused("email_malformed", params={"email": told.email}, field="email", status=422)
    if not told.first_name and not told.last_name:
        raise Refused("name_missing", field="first_name", status=422)
