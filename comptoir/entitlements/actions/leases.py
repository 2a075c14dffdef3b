"""Floating seats: taken, kept by signs of life, borrowed, returned, ended (rules 9, docs/licences.md)."""

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

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
from comptoir.subscriptions.actions.ledger import begin_period
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import lengths, works

from ..models import Lease, LicenceFile, LicenceKey
from ..queries.lease_rank import held, leases_that_count
from ..queries.leases import floats, own_filter, refuse_lease
from ..queries.offline import Drafted, holder_of_device, unfinished
from ..rules.leases import borrow_until, lives
from ..rules.offline import works_until
from .offline import locked_device, revoke, write_file
from .sitting import fill

Ended = Lease.Ended


@action(Can.USE_LICENCES)
def take_lease(
    actor: Actor,
    subscription: Subscription,
    *,
    key: int | None = None,
    fingerprint: str,
    name: str,
    version: str = "",
    on: date,
) -> Lease:
    """Take a floating seat for the actor's member, or (`key`) for a key without one; one that they had elsewhere ends.

    Raises Refused with the first reason of rules 9 why not, all of them in `params.reasons`; `lease_is_borrowed`.
    """
    begin_period(subscription, on)
    holder, at = _holder(actor, key), now()
    before = Lease.objects.filter(**own_filter(holder), subscription=subscription, ended_at=None).first()
    if before is not None:
        if before.borrowed_until is not None and before.borrowed_until > on:
            raise Refused("lease_is_borrowed", params={"name": before.device_name, "until": before.borrowed_until})
        _close(before, Ended.MOVED if lives(held(before), at, on) else Ended.LAPSED, at)
    # the door holds the subscription's lock: whoever counts after this commits counts this one too
    refuse_lease(actor, subscription, holder, version, at, on)
    made = Lease.objects.create(
        organisation_id=actor.customer_id,
        subscription=subscription,
        membership_id=None if key else actor.member_id,
        key_id=key,
        number=secrets.token_urlsafe(16),
        fingerprint=fingerprint,
        device_name=name.strip(),
        taken_on=on,
        taken_at=at,
        heard_on=on,
        heard_at=at,
        free_at=at + timedelta(minutes=settings.LEASE_MINUTES),
    )
    failpoint("lease.taken")
    record(Events.LEASE_TAKEN, subscription, on=on, lease=made.pk, number=subscription.number)
    return made


def _holder(actor: Actor, key: int | None) -> Membership | LicenceKey:
    if key is not None:
        return LicenceKey.objects.get(organisation_id=actor.customer_id, pk=key, membership=None, ended_at=None)
    return Membership.objects.get(organisation_id=actor.customer_id, pk=actor.member_id, left_on=None)


@heartbeat(Can.USE_LICENCES)
def keep_lease(actor: Actor, lease: Lease, *, on: date, at: datetime) -> Lease:
    """A sign of life: the lease goes on for so many minutes. Nothing of it is told in the log.

    Raises Refused `lease_ended` (take a new one), `lease_outranked` (people were given the seats, or there are fewer: it runs
    out by itself), `lease_not_running`.
    """
    subscription = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("product")
        .get(organisation_id=actor.customer_id, pk=lease.subscription_id)
    )
    row = Lease.objects.get(pk=lease.pk)
    if not lives(held(row), at, on):
        raise Refused("lease_ended", params={"why": row.why or Ended.LAPSED.value})
    _refuse_kept(subscription, row, at, on)
    row.heard_on, row.heard_at, row.free_at = on, at, at + timedelta(minutes=settings.LEASE_MINUTES)
    row.save(update_fields=["heard_on", "heard_at", "free_at"])
    return row


@step
def _refuse_kept(subscription: Subscription, row: Lease, at: datetime, on: date) -> None:
    told = {"product": subscription.product.name}
    if not floats(subscription) or not Subscription.objects.filter(works(on), pk=subscription.pk).exists():
        raise Refused("lease_not_running", params=told, status=403)
    if row.pk not in leases_that_count(subscription, at, on):
        raise Refused("lease_outranked", params=told)


@action(Can.USE_LICENCES)
def borrow_lease(actor: Actor, subscription: Subscription, *, lease: int, device: int, days: int, on: date) -> LicenceFile:
    """Take a lease along, without a network, for so many days at most: the file for its device, an activated one.

    Nobody can be given its seat before. Raises Refused as `keep_lease`, and `borrow_too_long`, `device_has_ended`,
    `lease_other_device`.
    """
    if not 1 <= days <= settings.LEASE_BORROW_DAYS:
        raise Refused("borrow_too_long", params={"most": settings.LEASE_BORROW_DAYS}, field="days", status=422)
    begin_period(subscription, on)
    at = now()
    row = Lease.objects.select_for_update(no_key=True, of=("self",)).get(
        organisation_id=actor.customer_id, subscription=subscription, pk=lease
    )
    if not lives(held(row), at, on):
        raise Refused("lease_ended", params={"why": row.why or Ended.LAPSED.value})
    _refuse_kept(subscription, row, at, on)
    used = locked_device(actor, device)
    if (used.fingerprint, used.membership_id) != (row.fingerprint, row.membership_id):
        raise Refused("lease_other_device", params={"name": row.device_name})
    until = borrow_until(on, days, [works_until(subscription.lapses_on, lengths().grace), _turn(subscription, on)])
    row.borrowed_until, row.heard_on, row.heard_at = until, on, at
    row.free_at = at + timedelta(minutes=settings.LEASE_MINUTES)
    row.save(update_fields=["borrowed_until", "heard_on", "heard_at", "free_at"])
    drafted = Drafted(subscription, used, holder_of_device(used), lease=row.number)
    file = write_file(actor, drafted, until, on, at, lease=row)
    failpoint("lease.borrowed")
    record(Events.LEASE_BORROWED, subscription, on=on, lease=row.pk, number=subscription.number, until=until)
    return file


def _turn(subscription: Subscription, on: date) -> date | None:
    """The first day of a period with fewer seats: what is borrowed comes back before."""
    turn = subscription.turns_on or (subscription.renews_on if subscription.automatic_renewal else None)
    fewer = subscription.seats_at_renewal < subscription.seats_now
    return turn if fewer and turn is not None and turn > on else None


@action(Can.USE_LICENCES)
def return_lease(actor: Actor, subscription: Subscription, *, lease: int, on: date) -> Lease:
    """Give a floating seat back, a borrowed one too: its file is revoked. Raises Refused `lease_ended`."""
    return _end(subscription, lease, Ended.RETURNED, on)


@action(Can.MANAGE_KEYS)
def end_lease(actor: Actor, subscription: Subscription, *, lease: int, on: date) -> Lease:
    """End somebody's lease: the product hears it at its next sign of life. Raises Refused `lease_ended`."""
    return _end(subscription, lease, Ended.ENDED, on)


@step
def _end(subscription: Subscription, lease: int, why: Lease.Ended, on: date) -> Lease:
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    row = Lease.objects.select_for_update(no_key=True, of=("self",)).get(**own, pk=lease)
    if row.ended_at is not None:
        raise Refused("lease_ended", params={"why": row.why})
    _close(row, why, now())
    kind = Events.LEASE_RETURNED if why == Ended.RETURNED else Events.LEASE_ENDED
    record(kind, subscription, on=on, lease=row.pk, number=subscription.number)
    fill(subscription, on)
    return row


@step
def _close(row: Lease, why: Lease.Ended, at: datetime) -> None:
    row.ended_at, row.why = at, why
    row.save(update_fields=["ended_at", "why"])
    revoke(unfinished(at).filter(organisation_id=row.organisation_id, lease=row), LicenceFile.Ended.LEASE, at)


@step
def end_leases_of(rows: QuerySet[Lease], why: Lease.Ended = Ended.LEFT) -> None:
    """End these leases and the files that were borrowed with them: their holders are gone."""
    at = now()
    ended = list(rows.filter(ended_at=None).values_list("pk", flat=True))
    if ended:
        Lease.objects.filter(pk__in=ended).update(ended_at=at, why=why)
        revoke(unfinished(at).filter(lease_id__in=ended), LicenceFile.Ended.LEFT, at)


class LeavingLeases:
    """Fills `organisations.Leaving`: who leaves the customer holds no floating seat and no file any more."""

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        """Nothing that is not told by their seats."""
        return ()

    @step
    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        """They have left."""
        own = Q(organisation_id=actor.customer_id, membership_id__in=list(memberships))
        end_leases_of(Lease.objects.filter(own))
        at = now()
        revoke(unfinished(at).filter(own), LicenceFile.Ended.LEFT, at)
