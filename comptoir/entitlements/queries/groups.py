"""What is given to groups of people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import Group, GroupMember
from comptoir.organisations.ports import Ending, GivenToGroup
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled

from ..models import Assignment, GroupSeat
from .giving import own_groups, unused_by_subscription
from .group_benefits import group_choices, in_words
from .rank import living


def groups_giving(
    subscription: Subscription, members: Iterable[int], *, but: Collection[int] = ()
) -> Mapping[int, tuple[str, ...]]:
    """Those of these members who have the subscription through groups, with the groups' names. Two queries, one as a rule.

    `but`: groups that don't count.
    """
    seats = GroupSeat.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, ended_on=None)
    groups = dict(seats.exclude(group_id__in=but).values_list("group_id", "group__name"))
    if not groups:
        return {}
    found: dict[int, list[str]] = defaultdict(list)
    rows = GroupMember.objects.filter(organisation_id=subscription.organisation_id, group_id__in=groups, left_on=None)
    for member, group in rows.filter(membership_id__in=list(members)).values_list("membership_id", "group_id"):
        found[member].append(groups[group])
    return {pk: tuple(sorted(names)) for pk, names in found.items()}


def inside(group: Group) -> list[int]:
    """The members of a group today, those who came first before the others."""
    stays = GroupMember.objects.filter(organisation_id=group.organisation_id, group=group, left_on=None)
    return list(stays.order_by("joined_on", "pk").values_list("membership_id", flat=True))


def named(group: Group) -> dict[str, Any]:
    """How lines of the log name a group."""
    return {"group": group.name, "group_id": group.pk}


def groups_to_give(actor: Actor, subscription: Subscription) -> list[Group]:
    """The living groups that the actor may give this subscription to, by name."""
    rows = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None).order_by("name")
    if actor.reach(Can.ASSIGN_SEATS, subscription.contract_id) != Reach.ALL:
        rows = rows.filter(pk__in=own_groups(actor))
    return list(rows)


def group_of(actor: Actor, pk: int) -> Group:
    """One group of the actor's customer. Raises Group.DoesNotExist."""
    return Group.objects.get(organisation_id=actor.customer_id, pk=pk)


def given_to(subscription: Subscription) -> QuerySet[GroupSeat]:
    """The groups that have a subscription, by name."""
    rows = GroupSeat.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, ended_on=None)
    return rows.select_related("group").order_by("group__name")


def refuse_group_out_of_reach(actor: Actor, group: Group, subscriptions: Iterable[Subscription]) -> None:
    """Raise Refused `not_allowed` unless the actor may give each of these, or looks after this group (rules 7)."""
    own = group.pk in own_groups(actor)
    for subscription in subscriptions:
        if actor.reach(Can.ASSIGN_SEATS, subscription.contract_id) != Reach.ALL and not own:
            raise not_allowed(actor, Can.ASSIGN_SEATS, subscription.contract_id)


class GivenToGroups:
    """What `organisations.Grouped` reads."""

    def given(self, actor: Actor, groups: Collection[int], on: date) -> Mapping[int, Sequence[GivenToGroup]]:
        """What each of these groups has: product, subscription, free seats, how many of the group wait; then its benefits.

        Five queries.
        """
        rows = GroupSeat.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, ended_on=None)
        rows = rows.filter(not_cancelled(on, "subscription__")).select_related("subscription__product")
        told = list(rows.order_by("subscription__product__name", "subscription__number"))
        free = unused_by_subscription(actor, [row.subscription for row in told], on)
        waiting = _waiting_in(actor, told)
        found: dict[int, list[GivenToGroup]] = defaultdict(list)
        for row in told:
            line = waiting.get((row.group_id, row.subscription_id), 0)
            given = GivenToGroup(row.subscription.product.name, row.subscription.number, free[row.subscription_id], line)
            found[row.group_id].append(given)
        for pk, chosen in group_choices(actor, groups).items():
            found[pk] += [GivenToGroup(words, "", None) for words in in_words(chosen)]
        return found


def _waiting_in(actor: Actor, rows: Sequence[GroupSeat]) -> Mapping[tuple[int, int], int]:
    line = living().filter(
        organisation_id=actor.customer_id, subscription_id__in={row.subscription_id for row in rows}, waiting=True
    )
    waits: dict[int, list[int]] = defaultdict(list)
    for subscription, member in line.values_list("subscription_id", "membership_id"):
        waits[member].append(subscription)
    stays = GroupMember.objects.filter(
        organisation_id=actor.customer_id, group_id__in={row.group_id for row in rows}, membership_id__in=waits, left_on=None
    )
    found: dict[tuple[int, int], int] = defaultdict(int)
    for group, member in stays.values_list("group_id", "membership_id"):
        for subscription in waits[member]:
            found[group, subscription] += 1
    return found


def endings(actor: Actor, memberships: Collection[int]) -> list[Ending]:
    """The seats and places in lines that these members lose by leaving the customer. One query."""
    rows: Iterable[Assignment] = (
        living()
        .filter(organisation_id=actor.customer_id, membership_id__in=memberships)
        .select_related("subscription__product")
        .order_by("membership_id", "subscription__product__name", "pk")
    )
    return [
        Ending(
            membership_id=row.membership_id,
            kind="waiting" if row.waiting else "seat",
            what=row.subscription.product.name,
            number=row.subscription.number,
            contract_id=row.subscription.contract_id,
        )
        for row in rows
    ]
