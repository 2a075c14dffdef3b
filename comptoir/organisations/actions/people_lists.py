"""Many people added at once, and the waves in which they are invited."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.identity.actions import Newcomer, find_or_make_people
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import BATCH
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Group, Membership, Organisation, PeopleImport, RoleGrant
from ..queries import judge_list, lists_to_forget, next_wave, result_of
from ..rules import FIELDS, MOST_ROWS, ListRow, sort_name
from .groups import put_into
from .people import GOOD_FOR, own_groups

WAVE = 100  # invitations in one transaction
ADDED = "added"


@action(Can.ADD_PEOPLE, anywhere=True)
def read_people_list(
    actor: Actor, organisation: Organisation, *, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> PeopleImport:
    """Keep a list as it was read, so that its columns can be named and its rows looked at; nobody is added."""
    told = {"organisation": organisation, "by_id": actor.member_id, "name": name[:200]}
    made = PeopleImport.objects.create(**told, heads=list(heads), rows=[list(row) for row in rows])
    record(Events.PEOPLE_READ, made, rows=len(rows))
    return made


@action(Can.ADD_PEOPLE, anywhere=True)
def add_listed_people(
    actor: Actor,
    people_import: PeopleImport,
    *,
    fields: Mapping[str, str],
    language: str,
    group: int | None,
    invite: bool,
    on: date,
) -> PeopleImport:
    """Add whoever of a list can be added (`fields`: column -> what it holds); what became of each row stays with it.

    With `invite` a worker sends the invitations in waves. Raises Refused `list_done`, `list_erased`, `nobody_to_add`,
    `group_unknown`, `group_needed`.
    """
    if people_import.state != PeopleImport.State.READ:
        raise Refused("list_done")
    if people_import.erased_on is not None:
        raise Refused("list_erased", params={"on": people_import.erased_on})
    columns = {int(column): name for column, name in fields.items()}
    return _take_in(actor, people_import, people_import.rows, columns, language, group, invite, on)


@action(Can.ADD_PEOPLE, anywhere=True)
def add_people(
    actor: Actor,
    organisation: Organisation,
    *,
    people: Sequence[Sequence[str]],
    language: str,
    group: int | None,
    invite: bool,
    on: date,
) -> PeopleImport:
    """The same for rows whose columns are those of `FIELDS`, in one go.

    Raises Refused `list_too_long`, and what `add_listed_people` raises.
    """
    if len(people) > MOST_ROWS:
        raise Refused("list_too_long", params={"most": MOST_ROWS, "rows": len(people)}, status=422)
    made = PeopleImport(organisation=organisation, by_id=actor.member_id, name="", heads=list(FIELDS), rows=[])
    return _take_in(actor, made, people, dict(enumerate(FIELDS)), language, group, invite, on)


def _take_in(
    actor: Actor,
    made: PeopleImport,
    rows: Sequence[Sequence[str]],
    fields: Mapping[int, str],
    language: str,
    group: int | None,
    invite: bool,
    on: date,
) -> PeopleImport:
    # nobody is added by somebody else between the look and the rows
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.customer_id)
    chosen = own_groups(actor, [group] if group else [])
    judged = judge_list(actor, rows, fields, language=language)
    good = [row for row in judged if row.verdict == "will_be_added"]
    if not good:
        raise Refused("nobody_to_add", field="list")
    members = _members_of(actor, good, on)
    _give_roles(actor, good, members, on)
    _put_into_groups(actor, good, members, chosen, on)
    results = [_result(row, members) for row in judged]
    made.rows, made.state, made.done_on = results, PeopleImport.State.DONE, on
    made.added = len(members)
    made.refused, made.to_invite = len(judged) - made.added, made.added if invite else 0
    made.save()
    record(Events.PEOPLE_IMPORTED, made, on=on, rows=len(judged), added=made.added, invite=invite)
    return made


def _result(row: ListRow, members: Mapping[str, int]) -> list[Any]:
    if row.verdict != "will_be_added":
        return result_of(row)
    result = result_of(row)
    if row.email not in members:  # the person is a member under another address
        result[4] = "already_here"
        return result
    result[4] = ADDED
    return [*result, members[row.email]]


def _members_of(actor: Actor, good: Sequence[ListRow], on: date) -> dict[str, int]:
    """The new memberships by address; who is here under another address is not among them."""
    people = find_or_make_people([_newcomer(row) for row in good], on)
    rows = Membership.objects.filter(organisation_id=actor.customer_id, person_id__in=people.values()).order_by("pk")
    here = {row.person_id: row for row in rows.select_for_update(no_key=True)}
    new, back, found = [], [], {}
    for row in good:
        person_id = people[row.email]
        member = here.get(person_id)
        if member is not None and member.left_on is None:
            continue
        if member is None:
            member = here[person_id] = Membership(organisation_id=actor.customer_id, person_id=person_id)
            new.append(member)
        else:
            back.append(member)
        member.name = f"{row.first_name} {row.last_name}".strip() or row.email
        member.sort_name = sort_name(row.first_name, row.last_name) or row.email
        member.email, member.joined_on, member.left_on = row.email, on, None
        member.active, member.invited_until = False, None
        found[row.email] = member
    Membership.objects.bulk_create(new, batch_size=BATCH)
    Membership.objects.bulk_update(back, ["name", "sort_name", "email", "joined_on", "left_on", "active", "invited_until"])
    return {email: member.pk for email, member in found.items()}


def _newcomer(row: ListRow) -> Newcomer:
    return Newcomer(email=row.email, first_name=row.first_name, last_name=row.last_name, language=row.language)


def _give_roles(actor: Actor, good: Sequence[ListRow], members: Mapping[str, int], on: date) -> None:
    told = {"organisation_id": actor.customer_id, "given_on": on}
    grants = [
        RoleGrant(**told, membership_id=members[row.email], role=row.role) for row in good if row.role and row.email in members
    ]
    RoleGrant.objects.bulk_create(grants, batch_size=BATCH)


def _put_into_groups(
    actor: Actor, good: Sequence[ListRow], members: Mapping[str, int], chosen: Sequence[Group], on: date
) -> None:
    everybody = list(members.values())
    for group in chosen:
        put_into(actor, group, everybody, on)
    by_group: dict[int, list[int]] = {}
    for row in good:
        for pk in row.groups if row.email in members else ():
            by_group.setdefault(pk, []).append(members[row.email])
    for group in own_groups(actor, list(by_group)) if by_group else []:
        put_into(actor, group, by_group[group.pk], on)


@action(Can.FORGET_LISTS)
def forget_lists(actor: Actor, organisation: Organisation, *, days: int, on: date) -> Organisation:
    """Erase what was written in the lists that were added, or read and left, `days` days ago; the counts of results stay."""
    old = lists_to_forget([organisation.pk], days, on)
    count = old.update(rows=[], heads=[], erased_on=on)
    record(Events.LISTS_FORGOTTEN, organisation, on=on, count=count)
    return organisation


@action(Can.SEND_INVITATIONS)
def invite_wave(actor: Actor, people_import: PeopleImport, *, members: Sequence[int]) -> PeopleImport:
    """Invite some of those whom a list added, from now on for seven days, and note how far it is."""
    rows = Membership.objects.filter(organisation_id=people_import.organisation_id, pk__in=members, active=False, left_on=None)
    count = rows.filter(invited_until=None).update(invited_until=now() + GOOD_FOR)
    left = len(next_wave(people_import, MOST_ROWS))
    people_import.invited = people_import.to_invite - left
    people_import.save(update_fields=["invited"])
    record(Events.PEOPLE_INVITED, people_import, count=count)
    return people_import
