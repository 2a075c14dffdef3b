"""Signed licence files: until when one may hold, what stands in it, which there are (rules 9, docs/licences.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from comptoir.identity.queries import spelt
from comptoir.kernel.actor import Actor, ActorKind
from comptoir.kernel.calendar import add_days
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import Membership, Organisation
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.queries.states import lengths, works

from ..models import Device, LicenceFile, LicenceKey
from ..ports import Ports
from ..rules import seats_on, who_sits
from ..rules.licences import Ground, Verdict
from ..rules.offline import Bounds, Told, file_ends_on, seat_until, works_until
from .exceptions import excepted_versions
from .lease_rank import leases_that_count
from .licences import Wanted, keys_that_count, refuse_unlicensed, verdict_for
from .rank import living, paid, sitting_in

FILE = "comptoir-licence+jwt"
GROUNDS = frozenset({Ground.SEAT, Ground.KEY})


def refuse_file(actor: Actor, subscription: Subscription, holder: Membership | LicenceKey, device: Device, on: date) -> None:
    """Raise Refused unless the holder may use the device's product on a seat of this subscription (rules 9)."""
    wanted = Wanted(device.product, on, device.version)
    verdict: Verdict = verdict_for(actor, holder, wanted)
    refuse_unlicensed(actor, verdict, wanted)
    if verdict.ground not in GROUNDS or verdict.subscription != subscription.number:
        raise _no_seat(device, verdict)


def refuse_others_device(actor: Actor, subscription: Subscription, device: Device) -> None:
    """Raise Refused `not_allowed` for somebody else's device, by who gives no keys of the subscription (rules 7)."""
    if device.membership_id is not None:
        own = device.membership_id == actor.membership_id
    else:
        own = (actor.kind, actor.id) in {(ActorKind.KEY, device.key_id), (ActorKind.DEVICE, device.pk)}
    if not own and not signs_for_others(actor, subscription):
        raise not_allowed(actor, Can.MANAGE_KEYS, subscription.contract_id)


def signs_for_others(actor: Actor, subscription: Subscription) -> bool:
    """Whether the actor has files signed for everybody's devices, not their own alone (rules 7)."""
    return actor.reach(Can.SIGN_FILES, subscription.contract_id) == Reach.ALL


def subscription_to_sign_for(actor: Actor, number: str) -> Subscription:
    """A subscription whose files the actor may ask for: of everybody, or on a seat of their own. Raises
    Subscription.DoesNotExist for any other.
    """
    row = subscription_of(actor, number)
    if signs_for_others(actor, row):
        return row
    own = {"organisation_id": actor.customer_id, "subscription": row, "membership_id": actor.member_id}
    if living().filter(**own, waiting=False).exists() or LicenceFile.objects.filter(**own, ended_at=None).exists():
        return row
    raise Subscription.DoesNotExist


def refuse_file_for(actor: Actor, subscription: Subscription, member: int) -> None:
    """Raise Refused `not_allowed` for a file for somebody else, by who gives no keys of the subscription (rules 7)."""
    if member != actor.membership_id and not signs_for_others(actor, subscription):
        raise not_allowed(actor, Can.MANAGE_KEYS, subscription.contract_id)


def subscription_of_device(actor: Actor, device: Device, on: date) -> Subscription:
    """The subscription on whose seat a device's holder uses its product. Raises Refused with the reasons why not (rules 9)."""
    wanted = Wanted(device.product, on, device.version)
    verdict = verdict_for(actor, holder_of_device(device), wanted)
    refuse_unlicensed(actor, verdict, wanted)
    if verdict.ground not in GROUNDS:
        raise _no_seat(device, verdict)
    return Subscription.objects.get(organisation_id=actor.customer_id, number=verdict.subscription)


def _no_seat(device: Device, verdict: Verdict) -> Refused:
    told = {"product": device.product.name, "reasons": ["file_needs_seat"], "ground": str(verdict.ground)}
    return Refused("file_needs_seat", params=told, status=403)


def member_here(actor: Actor, pk: int) -> Membership:
    """A member of the actor's customer. Raises Refused `member_unknown`."""
    found = Membership.objects.filter(organisation_id=actor.customer_id, pk=pk, left_on=None).first()
    if found is None:
        raise Refused("member_unknown", field="member", status=422)
    return found


def member_with_email(actor: Actor, email: str) -> Membership | None:
    """Who is here under that address; the actor's own member where it is empty."""
    rows = Membership.objects.filter(organisation_id=actor.customer_id, left_on=None)
    return (spelt(rows, "email", email) if email else rows.filter(pk=actor.member_id)).first()


def file_until(subscription: Subscription, member: int | None, on: date) -> date:
    """The first day without a file that is made on that day for a seat. One query (rules 9)."""
    turn = None
    if member is not None:
        rows = living().filter(organisation_id=subscription.organisation_id, subscription=subscription)
        turn = seat_until(paid(subscription), sitting_in(rows).get(subscription.pk, ()), member, on)
    bounds = Bounds(works_until(subscription.lapses_on, lengths().grace), seat_until=turn)
    return file_ends_on(on, settings.LICENCE_FILE_DAYS, bounds)


def moment_of(day: date, on: date, at: datetime) -> datetime:
    """When a business day begins, in real time: so many days after the real day on which it is business day `on`."""
    zone = ZoneInfo(settings.BILLING_ZONE)
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=(day - on).days), time(), zone)


def subject_of(holder: Membership | LicenceKey) -> str:
    """An opaque name of a member or a key, the same in all their files."""
    return salted_hmac("comptoir.licence", f"{type(holder).__name__}:{holder.pk}", algorithm="sha256").hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a file is made of, but for its number and its times."""

    subscription: Subscription
    device: Device
    holder: Membership | LicenceKey
    lease: str = ""


def told_of(actor: Actor, drafted: Drafted, number: str, at: datetime, ends_at: datetime, on: date) -> Told:
    """What stands in a file. Three queries."""
    product = drafted.device.product
    versions = Ports.releases.versions([product.pk], on).get(product.pk)
    oldest = versions.allowed[-1] if versions and versions.allowed else ""
    return Told(
        issuer=settings.BASE_URL,
        subject=subject_of(drafted.holder),
        product=product.code,
        customer=Organisation.objects.values_list("number", flat=True).get(pk=actor.customer_id),
        subscription=drafted.subscription.number,
        device=drafted.device.fingerprint,
        number=number,
        issued_at=int(at.timestamp()),
        ends_at=int(ends_at.timestamp()),
        oldest=oldest,
        also=tuple(sorted(excepted_versions(actor, product.pk, on))) if oldest else (),
        lease=drafted.lease,
    )


def holder_of_device(device: Device) -> Membership | LicenceKey:
    """Whose a device is. One query."""
    if device.membership_id is not None:
        return Membership.objects.get(organisation_id=device.organisation_id, pk=device.membership_id)
    return LicenceKey.objects.get(organisation_id=device.organisation_id, pk=device.key_id or 0)


def unfinished(at: datetime) -> QuerySet[LicenceFile]:
    """The files that somebody could still use: not revoked, not at their end, those that were renewed among them."""
    return LicenceFile.objects.filter(number__revoked_at=None, number__ends_at__gt=at)


def groundless(subscription: Subscription, on: date, at: datetime) -> list[int]:
    """The files of a subscription whose ground is gone: it no longer works, there is no seat for its person, its key or lease
    has ended, or another period has no seat for it. None is missed for want of a job that ran. Seven queries at most.
    """
    rows = list(unfinished(at).filter(organisation_id=subscription.organisation_id, subscription=subscription))
    if not rows:
        return []
    if not Subscription.objects.filter(works(on), pk=subscription.pk).exists():
        return [row.pk for row in rows]
    people = sitting_in(living().filter(organisation_id=subscription.organisation_id, subscription=subscription))
    sit = {one.key for one in who_sits(people.get(subscription.pk, ()), seats_on(paid(subscription), on))}
    keys = keys_that_count(subscription, on)
    leases = set(leases_that_count(subscription, at, on))
    devices = dict(Device.objects.filter(pk__in=[row.device_id for row in rows]).values_list("pk", "key_id"))
    return [
        row.pk
        for row in rows
        if (row.lease_id not in leases if row.lease_id else not (row.membership_id in sit or devices[row.device_id] in keys))
    ]


def with_files(actor: Actor, at: datetime) -> list[Subscription]:
    """The subscriptions of the actor's customer with files that somebody could use. One query."""
    rows = unfinished(at).filter(organisation_id=actor.customer_id)
    found = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=rows.values("subscription_id"))
    return list(found.select_related("product", "contract").order_by("pk"))


def customers_with_files(ids: Sequence[int], at: datetime) -> set[int]:
    """Those of these customers with a file that somebody could use. One statement."""
    return set(unfinished(at).filter(organisation_id__in=ids).values_list("organisation_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class FileTold:
    """A file as a page or a program is told of it."""

    pk: int
    number: str
    product: str
    code: str
    subscription: str
    member: int | None
    person: str
    device: str
    issued_on: date
    ends_on: date
    borrowed: bool
    text: str

    @property
    def last_day(self) -> date:
        """The last day with it."""
        return add_days(self.ends_on, -1)


def files_of_member(actor: Actor, member: int, at: datetime) -> list[FileTold]:
    """A member's files that hold, the newest first. One query."""
    return _told(unfinished(at).filter(organisation_id=actor.customer_id, membership_id=member, ended_at=None))


def files_of(actor: Actor, subscription: Subscription, at: datetime) -> list[FileTold]:
    """Every file of a subscription that holds, the newest first, for who gives its keys; one's own for others. One query."""
    if not signs_for_others(actor, subscription):
        return [file for file in files_of_member(actor, actor.member_id, at) if file.subscription == subscription.number]
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription, "ended_at": None}
    return _told(unfinished(at).filter(**own))


def file_by_id(actor: Actor, pk: int) -> LicenceFile:
    """One file: one's own, or of a subscription whose files one has signed for all. Raises LicenceFile.DoesNotExist."""
    row = LicenceFile.objects.select_related("subscription", "number", "device__product").get(
        organisation_id=actor.customer_id, pk=pk
    )
    if row.membership_id is not None and row.membership_id == actor.membership_id:
        return row
    if signs_for_others(actor, row.subscription):
        return row
    raise LicenceFile.DoesNotExist


def _told(rows: QuerySet[LicenceFile]) -> list[FileTold]:
    found = rows.select_related("number", "subscription__product", "membership", "device").order_by("-pk")
    return [file_told(row) for row in found]


def file_told(row: LicenceFile) -> FileTold:
    """One file."""
    return FileTold(
        pk=row.pk,
        number=row.number.number,
        product=row.subscription.product.name,
        code=row.subscription.product.code,
        subscription=row.subscription.number,
        member=row.membership_id,
        person=row.membership.name if row.membership else "",
        device=row.device.name,
        issued_on=row.issued_on,
        ends_on=row.ends_on,
        borrowed=row.lease_id is not None,
        text=row.text,
    )


def renew_from(file: FileTold) -> date:
    """The day from which a file should be renewed: when two thirds of its days are over."""
    return add_days(file.issued_on, max(1, (file.ends_on - file.issued_on).days * 2 // 3))
