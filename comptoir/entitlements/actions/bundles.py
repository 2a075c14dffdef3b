"""Groups of products: subscriptions that are given together under a name (rules 9)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Greatest

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import BATCH
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Group, Organisation
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import Bundle, BundleItem, GroupSeat
from ..queries.bundle_changes import bundle_change, items_of, refuse_outside, refuse_taken
from ..queries.giving import rows_of
from ..queries.groups import given_to, groups_giving, inside, named
from ..rules import Beyond, listed
from ..rules.bundles import Holders
from .groups import locked, seat_group, unseat_group
from .seats import seat_members, unseat
from .sitting import fill

LONGEST_NAME = 100


@action(Can.ASSIGN_SEATS, anywhere=True)
def make_bundle(actor: Actor, organisation: Organisation, *, name: str, subscriptions: Sequence[int], on: date) -> Bundle:
    """Put subscriptions together under a name. Raises Refused `bundle_name_missing`, `bundle_name_taken`, `not_allowed`."""
    name = refuse_taken(actor, name)
    rows = locked(actor, subscriptions)
    refuse_outside(actor, rows)
    made = Bundle.objects.create(organisation=organisation, name=name, made_on=on)
    items = [BundleItem(organisation=organisation, bundle=made, subscription=row, added_on=on) for row in rows]
    BundleItem.objects.bulk_create(items)
    record(Events.BUNDLE_MADE, made, on=on, name=name, count=len(items))
    return made


@action(Can.ASSIGN_SEATS, anywhere=True)
def end_bundle(actor: Actor, bundle: Bundle, *, on: date) -> Bundle:
    """Forget the name. Whoever has seats keeps them. Raises Refused `bundle_has_ended`, `not_allowed`."""
    refuse_outside(actor, Subscription.objects.filter(pk__in=items_of(bundle)))
    bundle.ended_on = max(on, bundle.made_on)
    bundle.save(update_fields=["ended_on"])
    BundleItem.objects.filter(bundle=bundle, removed_on=None).update(removed_on=Greatest("added_on", on))
    record(Events.BUNDLE_ENDED, bundle, on=on, name=bundle.name)
    return bundle


@action(Can.ASSIGN_SEATS, anywhere=True)
def give_bundle(actor: Actor, bundle: Bundle, *, members: Sequence[int], beyond: str = Beyond.REFUSE, on: date) -> Bundle:
    """Give each of these members a seat of every subscription in it, all or nothing unless `beyond` says otherwise.

    Raises what `assign` refuses, and Refused `seated_already` where everybody has everything.
    """
    rows = locked(actor, items_of(bundle))
    changed = [seat_members(actor, row, members, Beyond(beyond), on) for row in rows]
    if not any(changed):
        raise Refused("seated_already")
    record(Events.BUNDLE_GIVEN, bundle, on=on, name=bundle.name, count=len(set(members)))
    return bundle


@action(Can.ASSIGN_SEATS, anywhere=True)
def change_bundle(
    actor: Actor,
    bundle: Bundle,
    *,
    name: str,
    subscriptions: Sequence[int],
    beyond: str = Beyond.REFUSE,
    on: date,
    quote: str | None = None,
) -> Bundle:
    """Give it this name and let these subscriptions be in it: whoever holds it gets what comes, and loses what goes (rules 9).

    All or nothing, unless `beyond` lets those without a seat wait. Raises Refused `bundle_short` with what is missing where,
    `bundle_unchanged`, `bundle_empty`, `bundle_name_taken`, `not_allowed`, `quote_moved`, and what closes a subscription.
    """
    name, items = refuse_taken(actor, name, bundle.pk), items_of(bundle)
    remove = set(items) - set(subscriptions)
    rows = locked(actor, [*items, *subscriptions])
    change = bundle_change(actor, bundle, rows, remove, on, given=quote)
    if name == bundle.name and not change.gains and not change.losses:
        raise Refused("bundle_unchanged")
    if change.short and beyond != Beyond.WAIT:
        where = [f"{each.subscription.product.name} ({each.subscription.number})" for each in change.gains if each.short]
        raise Refused("bundle_short", params={"shortfall": change.short, "where": where})
    bundle.name = name
    bundle.save(update_fields=["name"])
    for lost in change.losses:
        _take_out(actor, bundle, lost.subscription, change.holders, on)
    for gained in change.gains:
        _put_in(actor, bundle, gained.subscription, change.holders, Beyond(beyond), on)
    told = {"added": len(change.gains), "removed": len(change.losses)}
    record(Events.BUNDLE_CHANGED, bundle, on=on, name=name, **told)
    return bundle


@step
def _put_in(actor: Actor, bundle: Bundle, row: Subscription, found: Holders, beyond: Beyond, on: date) -> None:
    BundleItem.objects.create(organisation_id=bundle.organisation_id, bundle=bundle, subscription=row, added_on=on)
    have = set(given_to(row).values_list("group_id", flat=True))
    for group in Group.objects.filter(organisation_id=actor.customer_id, pk__in=set(found.groups) - have).order_by("pk"):
        members = inside(group)
        GroupSeat.objects.create(organisation_id=bundle.organisation_id, group=group, subscription=row, given_on=on)
        seated = seat_group(row, members, on, beyond)
        record(Events.GROUP_GIVEN, row, on=on, **named(group), count=len(members), members=listed(seated))
    if found.people:
        seat_members(actor, row, found.people, beyond, on)


@step
def _take_out(actor: Actor, bundle: Bundle, row: Subscription, found: Holders, on: date) -> None:
    items = BundleItem.objects.filter(organisation_id=bundle.organisation_id, bundle=bundle, subscription=row, removed_on=None)
    items.update(removed_on=Greatest("added_on", on))
    for seat in given_to(row).filter(group_id__in=found.groups).order_by("group_id"):
        seat.ended_on = max(on, seat.given_on)
        seat.save(update_fields=["ended_on"])
        gone = unseat_group(row, inside(seat.group), on)
        record(Events.GROUP_TAKEN_FROM, row, on=on, **named(seat.group), count=len(gone), members=listed(gone))
    rows = rows_of(row, found.people)
    unseat(row, rows, groups_giving(row, rows), on)
    fill(row, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerBundle:
    """A group of products of an old centre (F5.7): the label of serial numbers, and the subscriptions that have them."""

    organisation_id: int
    name: str
    since: date
    subscriptions: Collection[int]


@step
def import_bundles(bundles: Iterable[FormerBundle]) -> None:
    """Add those whose name, whatever its case, never was here; one that is or was here stays as it is (rules 12)."""
    told = [each for each in bundles if each.name.strip()]
    rows = Bundle.objects.filter(organisation_id__in={each.organisation_id for each in told})
    known = {(row.organisation_id, row.name.lower()) for row in rows}
    items: list[BundleItem] = []
    made: dict[tuple[int, str], Bundle] = {}
    for each in told:
        name = each.name.strip()[:LONGEST_NAME]
        at = (each.organisation_id, name.lower())
        if at in known:
            continue
        bundle = made.setdefault(at, Bundle(organisation_id=each.organisation_id, name=name, made_on=each.since))
        items += [
            BundleItem(organisation_id=each.organisation_id, bundle=bundle, subscription_id=pk, added_on=each.since)
            for pk in sorted(each.subscriptions)
        ]
    Bundle.objects.bulk_create(made.values(), batch_size=BATCH)
    BundleItem.objects.bulk_create(items, batch_size=BATCH)
