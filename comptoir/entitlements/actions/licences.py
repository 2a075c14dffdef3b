"""Keys, devices and serial numbers: making, activating, using on one device at a time, ending (rules 9)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from comptoir.events import Events
from comptoir.kernel.action import action, heartbeat, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.organisations.models import Membership
from comptoir.organisations.ports import Ending
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import Device, Lease, LicenceKey
from ..queries.devices import Holder, all_taken, elsewhere, living_of, product_of, refuse_ending, stale_before
from ..queries.keys import refuse_key
from ..queries.licences import Wanted, refuse_unlicensed, verdict_for
from ..rules.licences import free_place
from .leases import end_leases_of
from .offline import revoke_of_devices


@action(Can.MANAGE_KEYS)
def make_key(
    actor: Actor, subscription: Subscription, *, member: int | None, name: str, digest: str, ending: str, on: date
) -> LicenceKey:
    """Make a licence key for a member with a seat, or (None) for a machine, on a seat that nobody has.

    The key itself never comes here: whoever made it shows it once and gives its digest and its last characters.
    Raises Refused `member_unknown`, `key_needs_seat`, `key_without_seat`, `not_allowed`, and what closes the subscription.
    """
    refuse_key(actor, subscription, member, on)
    key = LicenceKey.objects.create(
        organisation_id=actor.customer_id,
        subscription=subscription,
        membership_id=member,
        name=name.strip(),
        digest=digest,
        ending=ending,
        made_on=on,
    )
    record(Events.LICENCE_KEY_MADE, subscription, on=on, key=key.pk, ending=ending, number=subscription.number)
    return key


@action(Can.MANAGE_KEYS)
def end_key(actor: Actor, subscription: Subscription, *, key: int, on: date) -> LicenceKey:
    """End a key, and what was activated with it: refused at the very next check. Raises Refused `key_has_ended`."""
    row = LicenceKey.objects.get(organisation_id=actor.customer_id, subscription=subscription, pk=key)
    if row.ended_at is not None:
        raise Refused("key_has_ended")
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    _end(Device.objects.filter(organisation_id=actor.customer_id, key=row))
    end_leases_of(Lease.objects.filter(organisation_id=actor.customer_id, key=row))
    record(Events.LICENCE_KEY_ENDED, subscription, on=on, key=row.pk, ending=row.ending, number=subscription.number)
    return row


@action(Can.USE_LICENCES)
def activate(
    actor: Actor,
    holder: Membership | LicenceKey,
    *,
    key: int | None = None,
    product: str,
    fingerprint: str,
    name: str,
    platform: str,
    version: str,
    digest: str,
    on: date,
) -> Device:
    """Activate a product on a device of this person, or of this key. The same device again gets a new secret in its place.

    `key`: the person's key that was typed. Raises Refused with the first reason of rules 9 why not, all of them in
    `params.reasons`; `product_unknown`, `devices_all_taken` (three live already).
    """
    wanted = Wanted(product_of(product), on, version)
    refuse_unlicensed(actor, verdict_for(actor, holder, wanted), wanted)
    whose = Holder.of(holder)
    # the door holds the holder's lock: nobody else takes a place meanwhile, and the database lets no two into one
    rows = list(living_of(whose, wanted.product.pk))
    told = {"name": name.strip(), "platform": platform.strip(), "version": version, "digest": digest}
    seen, again = now(), next((row for row in rows if row.fingerprint == fingerprint), None)
    if again is not None:
        device = again
        for field, value in {**told, "key_id": key or again.key_id, "last_seen_at": seen}.items():
            setattr(device, field, value)
        device.save(update_fields=[*told, "key_id", "last_seen_at"])
    else:
        place = free_place([row.place for row in rows])
        if place is None:
            raise all_taken(wanted.product, rows)
        days = {"activated_at": seen, "last_seen_at": seen}
        what = {"product": wanted.product, "place": place, "fingerprint": fingerprint}
        device = Device.objects.create(**{**whose.fields, "key_id": key or whose.key_id}, **what, **told, **days)
    failpoint("device.activated")
    record(Events.DEVICE_ACTIVATED, device, on=on, code=wanted.product.code, again=again is not None)
    return device


@action(Can.END_DEVICES, anywhere=True)
def end_device(actor: Actor, device: Device, *, on: date) -> Device:
    """End an activation: one's own, or one of a product that one gives keys of. Raises Refused `device_has_ended`."""
    refuse_ending(actor, device)
    if device.ended_at is not None:
        raise Refused("device_has_ended", status=409)
    _end(Device.objects.filter(pk=device.pk))
    device.refresh_from_db(fields=["ended_at", "in_use"])
    record(Events.DEVICE_ENDED, device, on=on, code=device.product.code)
    return device


@step
def _end(devices: QuerySet[Device]) -> None:
    revoke_of_devices(devices.filter(ended_at=None))
    devices.filter(ended_at=None).update(ended_at=now(), in_use=False)


@heartbeat(Can.USE_LICENCES)
def use(actor: Actor, device: Device, *, at: datetime) -> Device:
    """Begin to use it on this device, or say that it is still used. Nothing of it is told in the log.

    Raises Refused `device_in_use_elsewhere` while another device of the same person and product is in use: its last sign of
    use is not older than the setting says.
    """
    others = _others_in_use(device, at)
    if others:
        raise elsewhere(device, others[0])
    return _used(device, at)


@action(Can.USE_LICENCES)
def take_over(actor: Actor, device: Device, *, at: datetime, on: date) -> Device:
    """Go on with it on this device; the one that was in use is told at its next check."""
    others = _others_in_use(device, at)
    Device.objects.filter(pk__in=[other.pk for other in others]).update(in_use=False)
    failpoint("device.taken_over")
    record(Events.DEVICE_TAKEN_OVER, device, on=on, code=device.product.code)
    return _used(device, at)


@step
def _others_in_use(device: Device, at: datetime) -> list[Device]:
    """The other device in use, if any, after a stale use has ended. All devices of the person and product are locked."""
    rows = living_of(Holder.of_device(device), device.product_id).order_by("pk").select_for_update(no_key=True, of=("self",))
    others = [row for row in rows if row.in_use and row.pk != device.pk]
    stale = stale_before(at)
    over = [row.pk for row in others if row.used_at is None or row.used_at <= stale]
    Device.objects.filter(pk__in=over).update(in_use=False)
    return [row for row in others if row.pk not in over]


@step
def _used(device: Device, at: datetime) -> Device:
    if not Device.objects.filter(pk=device.pk, ended_at=None).update(in_use=True, used_at=at, last_seen_at=at):
        raise Refused("device_has_ended", status=401)
    device.in_use, device.used_at, device.last_seen_at = True, at, at
    return device


@heartbeat(Can.USE_LICENCES)
def stop_using(actor: Actor, device: Device) -> Device:
    """The product was closed on this device: another one may begin at once."""
    Device.objects.filter(pk=device.pk).update(in_use=False)
    device.in_use = False
    return device


@heartbeat(Can.USE_LICENCES)
def note_seen(actor: Actor, device: Device, *, at: datetime) -> None:
    """The device was seen. Called once in several minutes, whatever the number of checks."""
    Device.objects.filter(pk=device.pk, ended_at=None, last_seen_at__lt=at).update(last_seen_at=at)


class LeavingLicences:
    """Fills `organisations.Leaving`: the keys and devices of who leaves end."""

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        """Nothing that is not told by their seats."""
        return ()

    @step
    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        """They have left."""
        own = {"organisation_id": actor.customer_id, "membership_id__in": memberships, "ended_at": None}
        LicenceKey.objects.filter(**own).update(ended_at=now())
        _end(Device.objects.filter(**own))
