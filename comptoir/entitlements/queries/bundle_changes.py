"""What changing a group of products would do: who gets a seat, who loses theirs, and where there are too few (rules 9)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import GroupMember, Membership
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.rules import Quote, moved

from ..models import Bundle, BundleItem, GroupSeat
from ..rules.bundles import Held, Holders, holders, shortfalls
from .giving import free_by_subscription, refuse_closed, rows_of
from .groups import groups_giving
from .rank import living

NAMED = 20  # people that a preview names


@dataclass(frozen=True, slots=True)
class Moves:
    """What happens in one subscription: these members get a seat, or lose theirs. `short`: seats that are missing."""

    subscription: Subscription
    members: Sequence[int]
    free: int
    short: int
    names: Sequence[str]

    @property
    def more(self) -> int:
        """How many of them a page leaves unnamed."""
        return max(0, len(self.members) - len(self.names))


@dataclass(frozen=True, slots=True)
class BundleChange:
    """What a change would do. Nothing has changed. `quote` holds it."""

    holders: Holders
    gains: Sequence[Moves]
    losses: Sequence[Moves]
    quote: str

    @property
    def short(self) -> int:
        """How many seats are missing in all."""
        return sum(each.short for each in self.gains)


def items_of(bundle: Bundle) -> list[int]:
    """The subscriptions in it. Raises Refused `bundle_has_ended`."""
    if bundle.ended_on is not None:
        raise Refused("bundle_has_ended", params={"name": bundle.name})
    rows = BundleItem.objects.filter(organisation_id=bundle.organisation_id, bundle=bundle, removed_on=None)
    return list(rows.order_by("subscription_id").values_list("subscription_id", flat=True))


def refuse_outside(actor: Actor, rows: Collection[Subscription]) -> None:
    """Raise Refused `not_allowed` unless the actor may give seats of each of these."""
    for row in rows:
        if actor.reach(Can.ASSIGN_SEATS, row.contract_id) != Reach.ALL:
            raise not_allowed(actor, Can.ASSIGN_SEATS, row.contract_id)


def refuse_taken(actor: Actor, name: str, but: int = 0) -> str:
    """The name as it is kept. Raises Refused `bundle_name_missing`, `bundle_name_taken`."""
    name = " ".join(name.split())[:100]
    if not name:
        raise Refused("bundle_name_missing", field="name", status=422)
    rows = Bundle.objects.filter(organisation_id=actor.customer_id, ended_on=None, name__iexact=name)
    if rows.exclude(pk=but).exists():
        raise Refused("bundle_name_taken", params={"name": name}, field="name", status=422)
    return name


def holders_of(actor: Actor, items: Collection[int]) -> tuple[Holders, Mapping[int, Sequence[int]]]:
    """Who has all of these, and who is in the groups that have. Three queries."""
    held = living().filter(organisation_id=actor.customer_id, subscription_id__in=items)
    seats = [Held(*row) for row in held.values_list("subscription_id", "membership_id", "direct")]
    rows = GroupSeat.objects.filter(organisation_id=actor.customer_id, subscription_id__in=items, ended_on=None)
    given = list(rows.values_list("group_id", "subscription_id"))
    stays = GroupMember.objects.filter(
        organisation_id=actor.customer_id, group_id__in={group for group, _ in given}, left_on=None
    )
    inside: dict[int, list[int]] = defaultdict(list)
    for group, member in stays.order_by("joined_on", "pk").values_list("group_id", "membership_id"):
        inside[group].append(member)
    return holders(items, seats, given, inside), inside


def bundle_change(
    actor: Actor, bundle: Bundle, rows: Sequence[Subscription], remove: Collection[int], on: date, *, given: str | None = None
) -> BundleChange:
    """What adding those of `rows` that are not in it, and removing these, would do.

    Raises Refused `not_allowed`, `bundle_empty`, what closes a subscription that is added, and `quote_moved` where `given`,
    a quote from before, holds no more.
    """
    items = items_of(bundle)
    added, removed = [row for row in rows if row.pk not in items], [row for row in rows if row.pk in set(items) & set(remove)]
    refuse_outside(actor, rows)
    if not added and len(removed) == len(items):
        raise Refused("bundle_empty", params={"name": bundle.name}, field="subscriptions", status=422)
    found, inside = holders_of(actor, items)
    gains = _gains(actor, added, found, inside, on)
    losses = [_losses(actor, row, found, inside) for row in removed]
    told = [(each.subscription.pk, each.subscription.version, sorted(each.members)) for each in (*gains, *losses)]
    what = sha256(repr([bundle.pk, sorted(items), told]).encode()).hexdigest()[:16]
    fresh = str(Quote(on, sum(row.version for row in rows), what))
    if given and (differs := moved(given, fresh)):
        raise Refused("quote_moved", params={"moved": [each.value for each in differs]})
    return BundleChange(found, gains, losses, fresh)


def preview_change(actor: Actor, bundle: Bundle, name: str, subscriptions: Collection[int], on: date) -> BundleChange:
    """What `change_bundle` would do. Raises what it refuses, but for seats that are missing: those are told."""
    name, items = refuse_taken(actor, name, bundle.pk), items_of(bundle)
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in={*items, *subscriptions})
    told = list(rows.select_related("product", "contract").order_by("pk"))
    found = bundle_change(actor, bundle, told, set(items) - set(subscriptions), on)
    if name == bundle.name and not found.gains and not found.losses:
        raise Refused("bundle_unchanged")
    return found


def _gains(
    actor: Actor, added: Sequence[Subscription], found: Holders, inside: Mapping[int, Sequence[int]], on: date
) -> list[Moves]:
    everybody = list(dict.fromkeys([*(member for pk in found.groups for member in inside[pk]), *found.people]))
    free, gains = free_by_subscription(actor, added, on), []
    for row in added:
        refuse_closed(actor, row, on)
        seated = {pk for pk, held in rows_of(row, everybody).items() if not held.waiting}
        members = [pk for pk in everybody if pk not in seated]
        short = shortfalls([(row.pk, len(members), free[row.pk])])
        gains.append(Moves(row, members, free[row.pk], sum(each.missing for each in short), names_of(actor, members)))
    return gains


def _losses(actor: Actor, row: Subscription, found: Holders, inside: Mapping[int, Sequence[int]]) -> Moves:
    """Who of them has it through nothing else: not by a group that keeps it."""
    own = set(found.people)
    grouped = {member for pk in found.groups for member in inside[pk]}
    held = rows_of(row, sorted(own | grouped))
    others = groups_giving(row, held, but=found.groups)
    members = [pk for pk, each in held.items() if pk not in others and (pk in own or not each.direct)]
    return Moves(row, members, 0, 0, names_of(actor, members))


def names_of(actor: Actor, members: Collection[int]) -> list[str]:
    """Their names, in order, at most so many as a preview names."""
    rows = Membership.objects.filter(organisation_id=actor.customer_id, pk__in=members).order_by("sort_name", "pk")
    return list(rows.values_list("name", flat=True)[:NAMED])
