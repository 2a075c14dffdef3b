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
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription

from ..models import Bundle, BundleItem
from ..rules import Beyond
from .groups import locked
from .seats import seat_members

LONGEST_NAME = 100


@action(Can.ASSIGN_SEATS, anywhere=True)
def make_bundle(actor: Actor, organisation: Organisation, *, name: str, subscriptions: Sequence[int], on: date) -> Bundle:
    """Put subscriptions together under a name. Raises Refused `bundle_name_missing`, `bundle_name_taken`, `not_allowed`."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise Refused("bundle_name_missing", field="name", status=422)
    if Bundle.objects.filter(organisation_id=actor.customer_id, ended_on=None, name__iexact=name).exists():
        raise Refused("bundle_name_taken", params={"name": name}, field="name", status=422)
    rows = locked(actor, subscriptions)
    _within(actor, rows)
    made = Bundle.objects.create(organisation=organisation, name=name, made_on=on)
    items = [BundleItem(organisation=organisation, bundle=made, subscription=row, added_on=on) for row in rows]
    BundleItem.objects.bulk_create(items)
    record(Events.BUNDLE_MADE, made, on=on, name=name, count=len(items))
    return made


@action(Can.ASSIGN_SEATS, anywhere=True)
def end_bundle(actor: Actor, bundle: Bundle, *, on: date) -> Bundle:
    """Forget the name. Whoever has seats keeps them. Raises Refused `bundle_has_ended`, `not_allowed`."""
    rows = _items(bundle)
    _within(actor, rows)
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
    rows = locked(actor, [row.pk for row in _items(bundle)])
    changed = [seat_members(actor, row, members, Beyond(beyond), on) for row in rows]
    if not any(changed):
        raise Refused("seated_already")
    record(Events.BUNDLE_GIVEN, bundle, on=on, name=bundle.name, count=len(set(members)))
    return bundle


def _items(bundle: Bundle) -> list[Subscription]:
    if bundle.ended_on is not None:
        raise Refused("bundle_has_ended", params={"name": bundle.name})
    items = BundleItem.objects.filter(organisation_id=bundle.organisation_id, bundle=bundle, removed_on=None)
    return list(Subscription.objects.filter(pk__in=items.values("subscription_id")))


def _within(actor: Actor, rows: Iterable[Subscription]) -> None:
    for row in rows:
        if actor.reach(Can.ASSIGN_SEATS, row.contract_id) != Reach.ALL:
            raise not_allowed(actor, Can.ASSIGN_SEATS, row.contract_id)


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
