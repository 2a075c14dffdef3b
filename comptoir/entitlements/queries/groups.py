"""What is given to groups of people, and groups of products."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from comptoir.organisations.models import GroupMember
from comptoir.subscriptions.models import Subscription

from ..models import GroupSeat


def groups_giving(subscription: Subscription, members: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Those of these members who have the subscription through groups, with the groups' names. Two queries, one as a rule."""
    seats = GroupSeat.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, ended_on=None)
    groups = dict(seats.values_list("group_id", "group__name"))
    if not groups:
        return {}
    found: dict[int, list[str]] = defaultdict(list)
    for member, group in _stays(subscription.organisation_id, groups, members):
        found[member].append(groups[group])
    return {pk: tuple(sorted(names)) for pk, names in found.items()}


def _stays(organisation_id: int, groups: Collection[int], members: Iterable[int]) -> Iterable[tuple[int, int]]:
    rows = GroupMember.objects.filter(organisation_id=organisation_id, group_id__in=groups, left_on=None)
    return rows.filter(membership_id__in=list(members)).values_list("membership_id", "group_id")
