"""What groups of people are given, and what follows when somebody joins, leaves, or the group ends (rules 9)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models.functions import Greatest

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Group, Membership
from comptoir.organisations.ports import Ending, Ports
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled

from ..models import BenefitChoice, GroupSeat
from ..queries.giving import refuse_closed, rows_of
from ..queries.groups import GivenToGroups, endings, groups_giving, inside, named, refuse_group_out_of_reach
from ..queries.rank import living
from ..rules import Benefit, Beyond, listed
from .sitting import end, fill, give, open_seats


@action(Can.ASSIGN_SEATS, anywhere=True)
def give_to_group(
    actor: Actor,
    group: Group,
    *,
    subscriptions: Sequence[int],
    beyond: str = Beyond.REFUSE,
    on: date,
    quote: str | None = None,
) -> Group:
    """Give everybody in a group a seat of each of these subscriptions, all or nothing; newcomers get theirs as they come.

    With `beyond` "wait" those without a seat wait. Raises Refused `seats_short` with the shortfall, `given_already`,
    `group_has_ended`, `not_allowed`, and what closes a subscription (rules 8).
    """
    if group.ended_on is not None:
        raise Refused("group_has_ended", params={"name": group.name})
    rows = locked(actor, subscriptions)
    refuse_group_out_of_reach(actor, group, rows)
    members = inside(group)
    given = dict(GroupSeat.objects.filter(group=group, ended_on=None).values_list("subscription_id", "pk"))
    new = [row for row in rows if row.pk not in given]
    if not new:
        raise Refused("given_already", params={"group": group.name})
    for row in new:
        refuse_closed(actor, row, on)
        GroupSeat.objects.create(organisation_id=group.organisation_id, group=group, subscription=row, given_on=on)
        seated = seat_group(row, members, on, Beyond(beyond))
        record(Events.GROUP_GIVEN, row, on=on, **named(group), count=len(members), members=listed(seated))
    return group


@action(Can.ASSIGN_SEATS, anywhere=True)
def take_from_group(actor: Actor, group: Group, *, subscription: int, on: date) -> Group:
    """Take a subscription from a group: who has it through this group alone loses their seat.

    Raises Refused `given_not`, `not_allowed`, Subscription.DoesNotExist.
    """
    [row] = locked(actor, [subscription])
    refuse_group_out_of_reach(actor, group, [row])
    seats = GroupSeat.objects.filter(group=group, subscription=row, ended_on=None)
    if not seats.update(ended_on=Greatest("given_on", on)):
        raise Refused("given_not", params={"group": group.name})
    gone = unseat_group(row, inside(group), on)
    record(Events.GROUP_TAKEN_FROM, row, on=on, **named(group), count=len(gone), members=listed(gone))
    return group


@step
def locked(actor: Actor, subscriptions: Collection[int]) -> list[Subscription]:
    """These subscriptions, locked in one order everywhere. Raises Subscription.DoesNotExist for one that is not here."""
    own = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=subscriptions)
    rows = list(own.select_for_update(no_key=True, of=("self",)).order_by("pk").select_related("contract", "product"))
    if not rows or len(rows) != len(set(subscriptions)):
        raise Subscription.DoesNotExist
    return rows


@step
def seat_group(subscription: Subscription, members: Sequence[int], on: date, beyond: Beyond) -> list[int]:
    """Give these a seat through a group, or let them wait. Returns who has one anew. Raises Refused `seats_short` where nobody
    may wait.
    """
    free = open_seats(subscription, on)
    rows = rows_of(subscription, members)
    new = [member for member in members if member not in rows]
    waiting = [member for member in members if member in rows and rows[member].waiting]
    missing = len(new) + len(waiting) - max(0, free)
    if beyond == Beyond.REFUSE and missing > 0:
        told = {"seats": subscription.seats_now, "free": max(0, free), "shortfall": missing}
        raise Refused("seats_short", params=told)
    seated, left = new[: max(0, free)], new[max(0, free) :]
    give(subscription, dict.fromkeys(seated, False), on)
    give(subscription, dict.fromkeys(left, False), on, waiting=True)
    if left:
        record(Events.LINE_JOINED, subscription, on=on, count=len(left), members=listed(left))
    return seated


@step
def unseat_group(subscription: Subscription, members: Collection[int], on: date) -> list[int]:
    """End what these had through groups, unless they have it directly or by another group. Returns who lost a seat."""
    rows = {pk: row for pk, row in rows_of(subscription, list(members)).items() if not row.direct}
    others = groups_giving(subscription, rows)
    going = [row for pk, row in rows.items() if pk not in others]
    end(going, on)
    fill(subscription, on)
    return [row.membership_id for row in going if not row.waiting]


@step
def bring_benefits(group: Group, benefits: Collection[Benefit], members: Collection[int], on: date) -> None:
    """Note whom a group brings these benefits from now on: all of these but those for whom it was chosen otherwise."""
    own = BenefitChoice.objects.filter(organisation_id=group.organisation_id, membership_id__in=members, ended_on=None)
    chosen = set(own.values_list("membership_id", "benefit"))
    for benefit in sorted(benefits):
        whom = [pk for pk in sorted(members) if (pk, benefit.value) not in chosen]
        if whom:
            told: dict[str, Any] = {"benefit": benefit.value, "count": len(whom), "members": listed(whom)}
            record(Events.BENEFITS_BY_GROUP, group, on=on, **named(group), **told)


class Grouped(GivenToGroups):
    """Fills `organisations.Grouped`."""

    @step
    def joined(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """They get what the group has or, where it is full, wait (rules 9)."""
        group = Group.objects.get(organisation_id=actor.customer_id, pk=group_id)
        for subscription in _given(actor, group_id, on):
            seated = seat_group(subscription, sorted(memberships), on, Beyond.WAIT)
            if seated:
                told: dict[str, Any] = {"count": len(seated), "members": listed(seated)}
                record(Events.SEATS_BY_GROUP, subscription, on=on, **named(group), **told)
        given = BenefitChoice.objects.filter(organisation_id=actor.customer_id, group_id=group_id, given=True, ended_on=None)
        bring_benefits(group, [Benefit(each) for each in given.values_list("benefit", flat=True)], memberships, on)

    @step
    def left(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """What they had through this group alone ends."""
        for subscription in _given(actor, group_id, on):
            unseat_group(subscription, memberships, on)

    @step
    def ended(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """The group's own seats and benefits end, and what its people had through it alone."""
        given = _given(actor, group_id, on)
        own = {"organisation_id": actor.customer_id, "group_id": group_id, "ended_on": None}
        GroupSeat.objects.filter(**own).update(ended_on=Greatest("given_on", on))
        BenefitChoice.objects.filter(**own).update(ended_on=Greatest("since", on))
        for subscription in given:
            unseat_group(subscription, memberships, on)


def _given(actor: Actor, group_id: int, on: date) -> list[Subscription]:
    own = GroupSeat.objects.filter(organisation_id=actor.customer_id, group_id=group_id, ended_on=None)
    rows = Subscription.objects.filter(not_cancelled(on), pk__in=own.values("subscription_id"))
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))


class Leaving:
    """Fills `organisations.Leaving`."""

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        """The seats and places in lines that they lose."""
        return endings(actor, memberships)

    @step
    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        """They have left the customer: their seats, their places in lines and their benefits end."""
        held = living().filter(organisation_id=actor.customer_id, membership_id__in=memberships)
        subscriptions = Subscription.objects.filter(pk__in=held.values("subscription_id"))
        for subscription in subscriptions.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            _ended(subscription, rows_of(subscription, list(memberships)), on)
        choices = BenefitChoice.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, ended_on=None)
        choices.update(ended_on=Greatest("since", on))


@action(Can.GIVE_FREED_SEATS)
def end_left(actor: Actor, membership: Membership, *, on: date) -> Membership:
    """End what a former member was given in the very moment in which they left. A job's."""
    for part in Ports.leaving:
        part.left(actor, [membership.pk], on)
    record(Events.SEATS_ENDED, membership, on=on)
    return membership


@step
def _ended(subscription: Subscription, rows: Mapping[int, object], on: date) -> None:
    living().filter(subscription=subscription, membership_id__in=rows).update(ended_on=Greatest("given_on", on))
    fill(subscription, on)
