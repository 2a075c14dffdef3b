"""One person's two accounts become one with this customer (decision 19)."""

from datetime import date

from comptoir.events import Events
from comptoir.identity.actions import brought_over, merge_at
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import hand_on_requests
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import AccessToken, GroupMember, JoinRequest, Membership, Organisation, RoleGrant, SpendingLimit
from ..ports import Ports, Two
from .people import come_inside, leave
from .roles import keep_managed


@action(Can.UNITE_MEMBERS)
def unite_members(actor: Actor, organisation: Organisation, *, merge: int, on: date) -> Organisation:
    """Bring over what a closed account has with this customer: its membership, or all that lives of it. Once.

    Raises Refused `merge_of_nobody` where it has been brought over. Needs the wall of the person who stays, too.
    """
    found = merge_at(merge, organisation.pk)
    if found is None:
        raise Refused("merge_of_nobody")
    wishes = list(JoinRequest.objects.select_for_update().filter(organisation=organisation, person=found.closed))
    both = {"organisation": organisation, "person__in": [found.closed_id, found.kept_id]}
    members = Membership.objects.select_for_update(no_key=True, of=("self",)).filter(**both)
    rows = {member.person_id: member for member in members.order_by("pk")}
    theirs, own = rows.get(found.closed_id), rows.get(found.kept_id)
    if theirs is not None:
        two = Two((own or theirs).pk, theirs.pk, found.kept_id, found.closed_id)
        _end_tokens(theirs)
        if own is None:
            _change_account(actor, theirs, two, on)
        else:
            _unite(actor, own, theirs, two, on)
    _hand_on_wishes(organisation, wishes, found.kept_id, on)
    failpoint("merge.united")
    brought_over(found, organisation.pk, on)
    return organisation


@step
def _change_account(actor: Actor, member: Membership, two: Two, on: date) -> None:
    """They stay who they are here, by the name and the address that the customer knows, and sign in with the other account."""
    member.person_id = two.kept_person
    member.save(update_fields=["person"])
    for context in Ports.uniting:
        context.united(actor, two, on)
    record(Events.MEMBER_MOVED, member, on=on, member=member.pk)


@step
def _unite(actor: Actor, own: Membership, theirs: Membership, two: Two, on: date) -> None:
    """What lives of the one is the other's from now on; then it leaves, as anybody leaves."""
    going = theirs.left_on is None
    if going:
        _come_back(own, theirs, on)
    for context in Ports.uniting:
        context.united(actor, two, on)
    hand_on_requests(own.organisation_id, theirs.pk, own.pk)
    record(Events.MEMBERS_UNITED, own, on=on, member=own.pk, giver=theirs.pk)
    if not going:
        return

    def change() -> None:
        _hand_on_roles(own, theirs)
        _hand_on_limit(own, theirs)
        _hand_on_groups(own, theirs, on)
        leave(actor, [theirs], on)

    keep_managed(actor, change)


def _come_back(own: Membership, theirs: Membership, on: date) -> None:
    """Whoever is here by the one account is here by the other, whether that one was invited only, or had left."""
    if own.left_on is not None:
        own.left_on, own.joined_on, own.active = None, on, False
    if theirs.active and not own.active:
        come_inside(own, own.person)
    own.save()


@step
def _hand_on_roles(own: Membership, theirs: Membership) -> None:
    held = set(RoleGrant.objects.filter(membership=own).values_list("role", "contract_id", "group_id"))
    for grant in RoleGrant.objects.filter(membership=theirs).order_by("pk"):
        if (grant.role, grant.contract_id, grant.group_id) not in held:
            grant.membership = own
            grant.save(update_fields=["membership"])
            role, contract = grant.role, grant.contract_id
            record(Events.ROLE_GIVEN, own, contract_id=contract, member=own.pk, role=role, group=grant.group_id)


@step
def _hand_on_limit(own: Membership, theirs: Membership) -> None:
    """The lower limit counts: two accounts are no way past the one that was set."""
    limit = SpendingLimit.objects.filter(membership=theirs, role="").first()
    if limit is None:
        return
    mine = SpendingLimit.objects.filter(membership=own, role="").first()
    if mine is None:
        limit.membership = own
        limit.save(update_fields=["membership"])
    elif limit.amount_minor < mine.amount_minor:
        mine.amount_minor = limit.amount_minor
        mine.save(update_fields=["amount_minor"])


@step
def _hand_on_groups(own: Membership, theirs: Membership, on: date) -> None:
    """The seats that come with a group came by `Uniting`: nobody joins here, in a full group nobody waits."""
    inside = set(GroupMember.objects.filter(membership=own, left_on=None).values_list("group_id", flat=True))
    for stay in GroupMember.objects.filter(membership=theirs, left_on=None).exclude(group_id__in=inside).order_by("group_id"):
        told = {"organisation_id": own.organisation_id, "group_id": stay.group_id, "membership": own}
        GroupMember.objects.create(**told, joined_on=max(on, stay.joined_on))


@step
def _hand_on_wishes(organisation: Organisation, wishes: list[JoinRequest], kept: int, on: date) -> None:
    """What somebody asked to join by the other account; who is here, or asks by both, asks no more."""
    here = Membership.objects.filter(organisation=organisation, person_id=kept, left_on=None).exists()
    asks = JoinRequest.objects.filter(organisation=organisation, person_id=kept, state=JoinRequest.State.OPEN).exists()
    for wish in wishes:
        if wish.state == JoinRequest.State.OPEN and (here or asks):
            record(Events.WISH_LAID_ASIDE, organisation, on=on)
            wish.delete()
        else:
            wish.person_id = kept
            wish.save(update_fields=["person"])
            record(Events.WISH_MOVED, wish, on=on)


@step
def _end_tokens(member: Membership) -> None:
    AccessToken.objects.filter(membership=member, revoked_at=None).update(revoked_at=now())
