"""Signed licence files: issued, renewed, revoked where what they stand on ends (rules 9, docs/licences.md)."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.actions.ledger import begin_period
from comptoir.subscriptions.models import Subscription

from ..models import Assignment, Device, FileNumber, Lease, LicenceFile
from ..queries.offline import (
    FILE,
    Drafted,
    file_until,
    groundless,
    holder_of_device,
    moment_of,
    refuse_file,
    refuse_others_device,
    told_of,
    unfinished,
)
from ..queries.signing import signed
from ..rules.offline import claims
from .signing import key_that_signs

Ended = LicenceFile.Ended


@action(Can.USE_LICENCES)
def issue_file(actor: Actor, subscription: Subscription, *, device: int, on: date) -> LicenceFile:
    """Issue a file for an activated device, on its holder's seat; the one that it had is renewed by it.

    One's own device, or of a subscription that one gives keys of. Raises Refused with the first reason of rules 9 why its
    holder may not use the product, `file_needs_seat`, `device_has_ended`, `not_allowed`.
    """
    begin_period(subscription, on)
    row, at = locked_device(actor, device), now()
    refuse_others_device(actor, subscription, row)
    holder = holder_of_device(row)
    # the door holds the subscription's lock: whoever takes the seat after this commits finds this file, and revokes it
    refuse_file(actor, subscription, holder, row, on)
    drafted = Drafted(subscription, row, holder)
    return write_file(actor, drafted, file_until(subscription, row.membership_id, on), on, at)


@step
def locked_device(actor: Actor, pk: int) -> Device:
    """A living device of the customer, locked. Raises Refused `device_has_ended`, Device.DoesNotExist."""
    rows = Device.objects.select_for_update(no_key=True, of=("self",)).select_related("product")
    row = rows.get(organisation_id=actor.customer_id, pk=pk)
    if row.ended_at is not None:
        raise Refused("device_has_ended", status=409)
    return row


@step
def write_file(actor: Actor, drafted: Drafted, until: date, on: date, at: datetime, lease: Lease | None = None) -> LicenceFile:
    """Sign and keep a file that holds up to, not on, `until`. The subscription and the device are locked by whoever calls."""
    key, ends_at = key_that_signs(at), moment_of(until, on, at)
    number = FileNumber.objects.create(number=secrets.token_hex(16), key=key, issued_at=at, ends_at=ends_at)
    text = signed(key, claims(told_of(actor, drafted, number.number, at, ends_at, on)), FILE)
    device = drafted.device
    LicenceFile.objects.filter(organisation_id=actor.customer_id, device=device, ended_at=None).update(
        ended_at=at, why=Ended.RENEWED
    )
    made = LicenceFile.objects.create(
        organisation_id=actor.customer_id,
        subscription=drafted.subscription,
        device=device,
        membership_id=device.membership_id,
        lease=lease,
        number=number,
        text=text,
        issued_on=on,
        ends_on=until,
    )
    failpoint("licence_file.issued")
    record(Events.LICENCE_FILE_ISSUED, drafted.subscription, on=on, code=device.product.code, file=made.pk, ends_on=until)
    return made


@action(Can.SIGN_FILES)
def revoke_file(actor: Actor, subscription: Subscription, *, file: int, on: date) -> LicenceFile:
    """Revoke the files of a device before their time: one's own, or of a subscription that one gives keys of.

    Raises Refused `licence_file_has_ended`, `not_allowed`.
    """
    row, at = LicenceFile.objects.get(organisation_id=actor.customer_id, subscription=subscription, pk=file), now()
    refuse_others_device(actor, subscription, row.device)
    if not revoke(unfinished(at).filter(organisation_id=actor.customer_id, device_id=row.device_id), Ended.DEVICE, at):
        raise Refused("licence_file_has_ended")
    record(Events.LICENCE_FILES_REVOKED, subscription, on=on, count=1, why=Ended.DEVICE.value)
    return row


@step
def revoke(files: QuerySet[LicenceFile], why: LicenceFile.Ended, at: datetime) -> int:
    """Revoke these files, those that were renewed among them. Returns how many. Two statements, one where there is none."""
    numbers = list(files.values_list("number_id", "pk"))
    if not numbers:
        return 0
    FileNumber.objects.filter(pk__in=[number for number, _ in numbers], revoked_at=None).update(revoked_at=at)
    LicenceFile.objects.filter(pk__in=[pk for _, pk in numbers], ended_at=None).update(ended_at=at, why=why)
    failpoint("licence_file.revoked")
    return len(numbers)


@step
def revoke_of_seats(rows: Sequence[Assignment]) -> None:
    """These seats end: revoke the files that stand on them. Whoever calls holds the locks of their subscriptions."""
    if not rows:
        return
    at = now()
    own = {"organisation_id": rows[0].organisation_id, "subscription__in": {row.subscription_id for row in rows}, "lease": None}
    revoke(unfinished(at).filter(**own, membership_id__in={row.membership_id for row in rows}), Ended.SEAT, at)


@step
def revoke_of_devices(devices: QuerySet[Device], why: LicenceFile.Ended = Ended.DEVICE) -> None:
    """These devices end: revoke their files."""
    at = now()
    revoke(unfinished(at).filter(device__in=devices), why, at)


@action(Can.GIVE_FREED_SEATS)
def revoke_groundless(actor: Actor, subscription: Subscription, *, on: date) -> Subscription:
    """Revoke the files of a subscription that has ended or been suspended, of who has no seat of it any more. A job's."""
    at = now()
    files = groundless(subscription, on, at)
    count = revoke(unfinished(at).filter(pk__in=files), Ended.SUBSCRIPTION, at)
    record(Events.LICENCE_FILES_REVOKED, subscription, on=on, count=count, why=Ended.SUBSCRIPTION.value)
    return subscription
