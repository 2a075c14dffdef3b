"""May this person, or this key, use this product on this day: the rows behind `rules.licences` (rules 9)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from comptoir.catalogue.models import Product
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled, works

from ..models import Assignment, LicenceKey, UseRight
from ..ports import Ports, Versions
from ..rules import seats_on
from ..rules.licences import LicenceFacts, SeatFacts, Verdict, verdict_of
from ..rules.use_rights import Sharing, UseKind, UseState, sharing_of
from .exceptions import excepted_versions
from .lease_rank import lease_that_counts
from .rank import living, paid, standing
from .use_rights import NO_VERSIONS, states_of

HELPERS = 4  # who can help, named in an answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a product on a day, in a version where the product says its own."""

    product: Product
    on: date
    version: str = ""


def verdict_for(actor: Actor, holder: Membership | LicenceKey, wanted: Wanted) -> Verdict:
    """Whether a person, or a key without one, may use a product. Needs the customer's wall (rules 9)."""
    if isinstance(holder, LicenceKey):
        return verdict_for_key(actor, holder, wanted)
    return verdict_for_member(actor, holder.pk, wanted)


def verdict_for_member(actor: Actor, member: int, wanted: Wanted) -> Verdict:
    """Whether a member may use a product, and why not. About ten queries; needs the customer's wall (rules 9)."""
    here = Membership.objects.filter(organisation_id=actor.customer_id, pk=member, left_on=None, active=True)
    if not here.filter(person__is_active=True).exists():
        return verdict_of(LicenceFacts(here=False, known=True, seats=()))
    rows = living().filter(organisation_id=actor.customer_id, membership_id=member, subscription__product=wanted.product)
    given = list(rows.select_related("subscription__contract").order_by("given_on", "pk"))
    beyond = standing(actor, {row.subscription_id for row in given if not row.waiting}, wanted.on)
    stands = {pk for pk, people in beyond.items() if any(one.key == member for one in people)}
    versions = _versions(wanted, wanted.on)
    facts = LicenceFacts(
        here=True,
        known=bool(given) or _known(actor, wanted),
        seats=_seats(given, stands, wanted, versions),
        lease=lease_that_counts(actor.customer_id, wanted.product.pk, now(), wanted.on, membership_id=member),
        home_use=_works_at_home(actor, member, wanted),
        trial=Ports.trying.until(member, wanted.product.pk, wanted.on) is not None,
        too_old=_too_old(actor, wanted, versions),
    )
    return verdict_of(facts)


def verdict_for_key(actor: Actor, key: LicenceKey, wanted: Wanted) -> Verdict:
    """Whether a key without a person may use a product: on a seat that nobody has (rules 9). Needs the customer's wall."""
    row = Subscription.objects.select_related("contract", "product").get(
        organisation_id=actor.customer_id, pk=key.subscription_id
    )
    if key.ended_at is not None or row.product_id != wanted.product.pk:
        return verdict_of(LicenceFacts(here=key.ended_at is None, known=False, seats=(), by_key=True))
    versions = _versions(wanted, wanted.on)
    beyond = key.pk not in keys_that_count(row, wanted.on)
    working = _working([row.pk], wanted.on)
    facts = LicenceFacts(
        here=True,
        known=True,
        seats=[_seat(row, waiting=False, beyond=beyond, works=row.pk in working, owned=_owned(row, wanted, versions))],
        lease=lease_that_counts(actor.customer_id, wanted.product.pk, now(), wanted.on, key_id=key.pk),
        too_old=_too_old(actor, wanted, versions),
        by_key=True,
    )
    return verdict_of(facts)


def keys_that_count(subscription: Subscription, on: date) -> frozenset[int]:
    """The keys without a person for which there is a seat that nobody has: people first, then keys as they were made.

    Where seats float a key has none of its own: it takes a lease.
    """
    if sharing_of(subscription.product.sharing, subscription.sharing) == Sharing.MULTI_USER:
        return frozenset()
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    people = living().filter(**own, waiting=False).count()
    free = max(0, seats_on(paid(subscription), on) - people)
    rows = LicenceKey.objects.filter(**own, membership=None, ended_at=None).order_by("pk")
    return frozenset(rows.values_list("pk", flat=True)[:free])


def _known(actor: Actor, wanted: Wanted) -> bool:
    rows = Subscription.objects.filter(not_cancelled(wanted.on), organisation_id=actor.customer_id, product=wanted.product)
    return rows.exists()


def _working(subscriptions: Collection[int], on: date) -> set[int]:
    return set(Subscription.objects.filter(works(on), pk__in=subscriptions).values_list("pk", flat=True))


def _seats(given: Sequence[Assignment], stands: Collection[int], wanted: Wanted, versions: Versions) -> list[SeatFacts]:
    working = _working([row.subscription_id for row in given], wanted.on) if given else set()
    return [
        _seat(
            row.subscription,
            waiting=row.waiting,
            beyond=row.subscription_id in stands,
            works=row.subscription_id in working,
            owned=row.subscription_id not in working and _owned(row.subscription, wanted, versions),
        )
        for row in given
    ]


def _seat(row: Subscription, *, waiting: bool, beyond: bool, works: bool, owned: bool) -> SeatFacts:
    return SeatFacts(row.number, waiting=waiting, beyond=beyond, works=works, owned=owned)


def _owned(row: Subscription, wanted: Wanted, versions: Versions) -> bool:
    """A maintenance plan's licence is perpetual: what had come out when it lapsed keeps working (rules 6)."""
    if row.contract.plan != Contract.Plan.MAINTENANCE or row.ended_on is not None:
        return False
    then = _versions(wanted, min(row.lapses_on, wanted.on))
    came_later = {*versions.allowed, *versions.too_old} - {*then.allowed, *then.too_old}
    return wanted.version not in came_later


def _versions(wanted: Wanted, on: date) -> Versions:
    if not wanted.version:
        return NO_VERSIONS
    return Ports.releases.versions([wanted.product.pk], on).get(wanted.product.pk, NO_VERSIONS)


def _too_old(actor: Actor, wanted: Wanted, versions: Versions) -> bool:
    if wanted.version not in versions.too_old:
        return False
    return wanted.version not in excepted_versions(actor, wanted.product.pk, wanted.on)


def _works_at_home(actor: Actor, member: int, wanted: Wanted) -> bool:
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, membership_id=member, product=wanted.product)
    rows = rows.filter(kind=UseKind.HOME, given_on__lte=wanted.on, ends_on__gt=wanted.on)
    found = dict(rows.values_list("pk", "subscription_id"))
    states = states_of(actor, set(found.values()), wanted.on) if found else {}
    return any(states.get(pk) == UseState.COUNTS for pk in found)


def refuse_unlicensed(actor: Actor, verdict: Verdict, wanted: Wanted) -> None:
    """Raise Refused (403) with the first reason why not; all of them in `params.reasons`, and who can help (F1.7)."""
    if verdict.may:
        return
    told: Mapping[str, object] = {
        "product": wanted.product.name,
        "version": wanted.version,
        "reasons": list(verdict.reasons),
        "who_can_help": who_can_help(actor, wanted),
    }
    raise Refused(verdict.reasons[0], params=told, status=403)


def who_can_help(actor: Actor, wanted: Wanted) -> list[str]:
    """The names of those who give seats of the product; of everybody who does, where the customer has none of it."""
    rows = Subscription.objects.filter(not_cancelled(wanted.on), organisation_id=actor.customer_id, product=wanted.product)
    contracts = set(rows.values_list("contract_id", flat=True))
    places = who_may_where(actor, Can.ASSIGN_SEATS)
    found = [one.name for place, people in places.items() if place is None or place in contracts for one in people]
    return list(dict.fromkeys(found))[:HELPERS] or [settings.VENDOR.name]
