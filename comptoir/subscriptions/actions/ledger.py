"""The seat ledger: the only code that counts seats."""

from datetime import date

from django.db.models import F

from comptoir.kernel.action import step
from comptoir.kernel.errors import HouseRule

from ..models import Order, Period, SeatEntry, Subscription


@step
def count_seats(
    subscription: Subscription, *, kind: SeatEntry.Kind, now: int = 0, at_renewal: int = 0, on: date, order: Order | None = None
) -> SeatEntry:
    """Append a line that moves the seats of today and of the next renewal by so many, and the row that mirrors it.

    The subscription is locked by whoever calls. HouseRule if it moved all the same.
    """
    own = Subscription.objects.filter(
        pk=subscription.pk, organisation_id=subscription.organisation_id, version=subscription.version
    )
    changed = own.update(
        seats_now=F("seats_now") + now, seats_at_renewal=F("seats_at_renewal") + at_renewal, version=F("version") + 1
    )
    if changed != 1:
        raise HouseRule(f"subscription {subscription.number} moved under its lock")
    entries = SeatEntry.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription)
    last = entries.order_by("-seq").first()
    if last is None:
        raise HouseRule(f"subscription {subscription.number} has no seat ledger")
    entry = SeatEntry.objects.create(
        organisation_id=subscription.organisation_id,
        subscription=subscription,
        seq=last.seq + 1,
        on=max(on, last.on),
        kind=kind,
        change_now=now,
        change_at_renewal=at_renewal,
        seats_now=last.seats_now + now,
        seats_at_renewal=last.seats_at_renewal + at_renewal,
        order=order,
    )
    subscription.seats_now, subscription.seats_at_renewal = entry.seats_now, entry.seats_at_renewal
    subscription.version += 1
    return entry


@step
def begin_period(subscription: Subscription, on: date) -> bool:
    """Let a period that was renewed early begin, if its first day has come: its term and its seats are now those that run.

    Every verb does so before it looks; each night does it for those that nobody touches. Returns whether it began.
    """
    if subscription.turns_on is None or subscription.turns_on > on:
        return False
    period = Period.objects.get(
        organisation_id=subscription.organisation_id, subscription=subscription, start=subscription.turns_on, undone_on=None
    )
    change = subscription.seats_at_renewal - subscription.seats_now
    if change:
        count_seats(subscription, kind=SeatEntry.Kind.RENEWAL, now=change, on=subscription.turns_on)
    subscription.term, subscription.turns_on = period.term, None
    subscription.save(update_fields=["term", "turns_on"])
    return True
