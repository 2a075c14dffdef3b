"""Floating seats: which subscriptions have them, who holds a lease now, who may take one and why not (rules 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import who_may
from comptoir.permissions import Can, Reach, Role
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import works

from ..models import Lease, LicenceKey
from ..ports import Ports
from ..rules import seats_on
from ..rules.leases import LeaseFacts, why_no_lease
from ..rules.use_rights import Sharing, sharing_of
from .exceptions import excepted_versions
from .lease_rank import leases_of, leases_that_count, seated_count
from .licences import Wanted, who_can_help
from .rank import living, paid, sitting_in
from .use_rights import seated_in

Holder = Membership | LicenceKey


def own_filter(holder: Holder) -> dict[str, int | None]:
    """Whose leases, as a condition."""
    if isinstance(holder, LicenceKey):
        return {"organisation_id": holder.organisation_id, "key_id": holder.pk}
    return {"organisation_id": holder.organisation_id, "membership_id": holder.pk}


def floating_of(actor: Actor, holder: Holder, product_id: int, on: date) -> Subscription | None:
    """The subscription of a product whose seats float and that this holder may take one of; those that work come first."""
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, product_id=product_id)
    if isinstance(holder, LicenceKey):
        rows = rows.filter(pk=holder.subscription_id)
    own = Q(sharing=Sharing.MULTI_USER) | Q(sharing="", product__sharing=Sharing.MULTI_USER)
    found = list(rows.filter(own).select_related("product", "contract").order_by("-lapses_on", "pk"))
    working = set(Subscription.objects.filter(works(on), pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    return next(iter(sorted(found, key=lambda row: row.pk not in working)), None)


def facts_of_lease(actor: Actor, subscription: Subscription, holder: Holder, version: str, at: datetime, on: date) -> LeaseFacts:
    """What counts when this holder takes a lease. Seven queries at most."""
    member = holder.pk if isinstance(holder, Membership) else 0
    others = leases_of(subscription, at, on).exclude(**own_filter(holder))
    return LeaseFacts(
        sharing=sharing_of(subscription.product.sharing, subscription.sharing),
        works=Subscription.objects.filter(works(on), pk=subscription.pk).exists(),
        assigned=bool(member and seated_in(actor, [subscription.pk], [member], on)),
        seats=seats_on(paid(subscription), on),
        people=seated_count(subscription, on),
        living=others.count(),
        version_fits=_fits(actor, subscription, version, on),
    )


def _fits(actor: Actor, subscription: Subscription, version: str, on: date) -> bool:
    versions = Ports.releases.versions([subscription.product_id], on).get(subscription.product_id) if version else None
    return not versions or version not in versions.too_old or version in excepted_versions(actor, subscription.product_id, on)


def refuse_lease(actor: Actor, subscription: Subscription, holder: Holder, version: str, at: datetime, on: date) -> None:
    """Raise Refused with the first reason why no lease can be taken; all in `params.reasons`, and who holds them (rules 9)."""
    facts = facts_of_lease(actor, subscription, holder, version, at, on)
    codes = why_no_lease(facts)
    if not codes:
        return
    told: Mapping[str, object] = {
        "product": subscription.product.name,
        "version": version,
        "reasons": list(codes),
        "seats": facts.seats,
        "held": facts.people + facts.living,
        "holders": names_seen(actor, subscription, holder, at, on),
        "who_can_help": who_can_help(actor, Wanted(subscription.product, on, version)),
    }
    status = 409 if codes[0] in {"lease_none_free", "lease_has_seat"} else 403
    raise Refused(codes[0], params=told, status=status)


def names_seen(actor: Actor, subscription: Subscription, holder: Holder, at: datetime, on: date) -> list[str]:
    """The names of those who hold the seats, for a holder whose role sees people; for anybody else none (rules 7)."""
    roles = [Role(role) for role, reach in Can.SEE_PEOPLE.reach_of.items() if reach == Reach.ALL]
    sees = isinstance(holder, Membership) and any(
        member.pk == holder.pk for member in who_may(actor, roles, subscription.contract_id)
    )
    if not sees:
        return []
    sitting = [one.name for one in sitting_in(living().filter(subscription=subscription)).get(subscription.pk, ())]
    leases = leases_of(subscription, at, on).select_related("membership").order_by("pk")
    return sorted([*sitting, *(row.membership.name for row in leases if row.membership is not None)])


def lease_of(holder: Holder, number: str) -> Lease:
    """A holder's own lease. Raises Lease.DoesNotExist."""
    return Lease.objects.select_related("subscription__product").get(**own_filter(holder), number=number)


def lease_by_id(actor: Actor, subscription: Subscription, pk: int) -> Lease:
    """One lease of a subscription, for who gives its keys. Raises Lease.DoesNotExist."""
    if not actor.may(Can.MANAGE_KEYS, subscription.contract_id):
        raise Lease.DoesNotExist
    return Lease.objects.get(organisation_id=actor.customer_id, subscription=subscription, pk=pk)


@dataclass(frozen=True, slots=True)
class LeaseTold:
    """A lease as a page or a program is told of it. `counts`: there is a seat for it."""

    pk: int
    number: str
    member: int | None
    name: str  # of the member, or the name of the key
    device: str
    taken_at: datetime
    heard_at: datetime
    free_at: datetime
    borrowed_until: date | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Floating:
    """The floating seats of a subscription at a moment: how many there are, how many people and leases use them, and who."""

    seats: int
    people: int
    leases: Sequence[LeaseTold]

    @property
    def counted(self) -> int:
        """How many leases have a seat."""
        return sum(lease.counts for lease in self.leases)

    @property
    def free(self) -> int:
        """How many leases can be taken."""
        return max(0, self.seats - self.people - len(self.leases))


def floating_told(actor: Actor, subscription: Subscription, at: datetime, on: date) -> Floating:
    """Who uses the seats of a subscription now, for who gives its keys. Four queries. Raises Lease.DoesNotExist."""
    if not actor.may(Can.MANAGE_KEYS, subscription.contract_id):
        raise Lease.DoesNotExist
    count = set(leases_that_count(subscription, at, on))
    rows = leases_of(subscription, at, on).select_related("membership", "key").order_by("taken_at", "pk")
    told = [lease_told(row, counts=row.pk in count) for row in rows]
    return Floating(seats_on(paid(subscription), on), seated_count(subscription, on), told)


def lease_told(row: Lease, *, counts: bool) -> LeaseTold:
    """One lease."""
    name = row.membership.name if row.membership else (row.key.name or f"…{row.key.ending}" if row.key else "")
    times = (row.taken_at, row.heard_at, row.free_at, row.borrowed_until)
    return LeaseTold(row.pk, row.number, row.membership_id, name, row.device_name, *times, counts)


def floats(subscription: Subscription) -> bool:
    """Whether its seats may be shared by many (rules 9)."""
    return sharing_of(subscription.product.sharing, subscription.sharing) == Sharing.MULTI_USER
