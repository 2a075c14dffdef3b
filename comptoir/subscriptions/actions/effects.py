"""What an order brings about, per subscription, from nothing but its lines: the same now, on invoice, or after a payment."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from comptoir.billing.models import Invoice
from comptoir.events import Events, Kind
from comptoir.kernel.action import step
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.recording import record

from ..models import Order, OrderLine, Period, PlannedChange, Sale, SeatEntry, Subscription
from ..rules import Verb
from .ledger import begin_period, count_seats


@dataclass(frozen=True, slots=True)
class Effect:
    """What was done to one subscription: enough to log it, to invoice it, and to undo it."""

    subscription: Subscription
    kind: Sale.Kind
    lines: Sequence[OrderLine]
    seats: int
    seats_before: int
    period: Period | None = None
    anchor_day_before: int | None = None


ALIGN = """
UPDATE subscriptions_subscription s
SET version = r.version, anchor_day = r.anchor_day, renews_on = r.renews_on, lapses_on = r.lapses_on
FROM unnest(%s::bigint[], %s::int[], %s::smallint[], %s::date[], %s::date[]) AS r (id, version, anchor_day, renews_on, lapses_on)
WHERE s.id = r.id
"""
ToOne = Callable[[Order, Subscription, Sequence[OrderLine], date], Effect]
ToAll = Callable[[Order, Sequence[tuple[Subscription, Sequence[OrderLine]]], date], list[Effect]]


@dataclass(frozen=True, slots=True)
class Settling:
    """How one verb is settled: what it does to its subscriptions, and what the log says."""

    apply: ToAll
    event: Kind

    @classmethod
    def one_by_one(cls, apply: ToOne, event: Kind) -> "Settling":
        """By what is done to one subscription, to all of an order in turn."""
        return cls(lambda order, found, on: [apply(order, row, lines, on) for row, lines in found], event)

    def settled(self, order: Order, effect: Effect, invoice: Invoice | None, on: date) -> None:
        """Note it, and start the clock of rules 6 where an invoice for a renewal waits to be paid."""
        subscription = effect.subscription
        if effect.kind == Sale.Kind.RENEWAL and order.paid_with_id is None:
            due_from(subscription, effect.period, invoice.due_on if invoice else None)
        record(
            self.event,
            subscription,
            on=on,
            order=order.number,
            order_id=order.pk,
            add=effect.seats,
            before=effect.seats_before,
            after=subscription.seats_now,
            until=subscription.renews_on,
        )


@step
def bring_about(order: Order, lines: Sequence[OrderLine], on: date) -> list[Effect]:
    """Apply an order to each of its subscriptions, under their locks, in the order of its lines."""
    groups: dict[int | None, list[OrderLine]] = defaultdict(list)
    for line in lines:
        groups[line.subscription_id].append(line)
    if None in groups:
        return MAKES[order.verb](order, groups[None], on)
    subscriptions = locked([pk for pk in groups if pk is not None])
    found = [(subscriptions[pk or 0], own) for pk, own in groups.items()]
    for subscription, _own in found:
        begin_period(subscription, on)
    return EFFECTS[order.verb].apply(order, found, on)


@step
def locked(subscriptions: Sequence[int]) -> Mapping[int, Subscription]:
    """These subscriptions, locked in one order everywhere, so that two verbs never wait for each other."""
    found = Subscription.objects.select_related("product", "contract", "organisation").filter(pk__in=subscriptions)
    rows = {row.pk: row for row in found.order_by("pk").select_for_update(no_key=True, of=("self",))}
    if len(rows) != len(set(subscriptions)):
        raise HouseRule("an order names a subscription that is not there")
    return rows


def _added(order: Order, subscription: Subscription, lines: Sequence[OrderLine], on: date) -> Effect:
    before, add = subscription.seats_now, lines[0].quantity
    count_seats(subscription, kind=SeatEntry.Kind.ADDITION, now=add, at_renewal=add, on=on, order=order)
    return Effect(subscription, Sale.Kind.ADDITION, lines, add, before)


def _renewed(order: Order, subscription: Subscription, lines: Sequence[OrderLine], on: date) -> Effect:
    return renew_period(subscription, lines, on=on, order=order)


@step
def renew_period(subscription: Subscription, lines: Sequence[OrderLine], *, on: date, order: Order | None) -> Effect:
    """Add the period that was renewed. Its seats and term count from its first day: at once if that has come."""
    first, before, anchor = lines[0], subscription.seats_now, subscription.anchor_day
    seats = sum(line.quantity for line in lines)
    if seats != subscription.seats_at_renewal:
        raise HouseRule(f"subscription {subscription.number} renews {subscription.seats_at_renewal} seats, not {seats}")
    period = _period(subscription, first, Period.Kind.RENEWAL)
    subscription.anchor_day = first.anchor_day or anchor
    subscription.renews_on = subscription.lapses_on = period.end
    subscription.turns_on = period.start
    subscription.save(update_fields=["anchor_day", "renews_on", "lapses_on", "turns_on"])
    pending = PlannedChange.objects.filter(
        organisation_id=subscription.organisation_id, subscription=subscription, outcome=PlannedChange.Outcome.PENDING
    )
    pending.update(outcome=PlannedChange.Outcome.DONE, ended_on=on)
    _moved(subscription)
    begin_period(subscription, on)
    return Effect(subscription, Sale.Kind.RENEWAL, lines, seats, before, period, anchor)


@step
def _aligned(order: Order, found: Sequence[tuple[Subscription, Sequence[OrderLine]]], on: date) -> list[Effect]:
    """Extend all of them, in a few statements whatever their number."""
    extended = [_new_period(row, lines[0], Period.Kind.EXTENSION) for row, lines in found if lines[0].days]
    periods = {period.subscription_id: period for period in Period.objects.bulk_create(extended)}
    anchors = {row.pk: row.anchor_day for row, _lines in found}
    for row, lines in found:
        row.anchor_day = lines[0].anchor_day or row.anchor_day
        if row.pk in periods:
            if row.lapses_on == row.renews_on:  # else a renewal is not paid yet, and its clock runs on
                row.lapses_on = periods[row.pk].end
            row.renews_on = periods[row.pk].end
        row.version += 1
    columns = [(row.pk, row.version, row.anchor_day, row.renews_on, row.lapses_on) for row, _lines in found]
    with connection.cursor() as cursor:
        cursor.execute(ALIGN, [list(column) for column in zip(*columns, strict=True)])
        if cursor.rowcount != len(found):
            raise HouseRule(f"{len(found) - cursor.rowcount} subscriptions moved under their locks")
    return [
        Effect(row, Sale.Kind.ALIGNMENT, lines, row.seats_now, row.seats_now, periods.get(row.pk), anchors[row.pk])
        for row, lines in found
    ]


def _period(subscription: Subscription, line: OrderLine, kind: Period.Kind) -> Period:
    period = _new_period(subscription, line, kind)
    period.save()
    return period


def _new_period(subscription: Subscription, line: OrderLine, kind: Period.Kind) -> Period:
    return Period(
        organisation_id=subscription.organisation_id,
        subscription=subscription,
        start=line.start,
        end=line.end,
        days=line.denominator,
        term=line.term,
        kind=kind,
        price_minor=line.unit_minor,
        currency=line.currency,
        price_kind=line.price_kind,
    )


def _moved(subscription: Subscription) -> None:
    subscription.version += 1
    subscription.save(update_fields=["version"])


@step
def due_from(subscription: Subscription, period: Period | None, due_on: date | None) -> None:
    """Let the clock of rules 6 run from the due day of a renewal's invoice, though never inside what was paid before."""
    if period is None or due_on is None:
        raise HouseRule(f"the renewal of subscription {subscription.number} has no period or its invoice no due day")
    subscription.lapses_on = min(subscription.renews_on, max(period.start, due_on))
    subscription.save(update_fields=["lapses_on"])


EFFECTS: dict[str, Settling] = {
    Verb.ADD_SEATS: Settling.one_by_one(_added, Events.SEATS_ADDED),
    Verb.RENEW: Settling.one_by_one(_renewed, Events.SUBSCRIPTION_RENEWED),
    Verb.ALIGN: Settling(_aligned, Events.DATES_ALIGNED),
}
# verbs that make subscriptions: what their lines, which name none, bring about
MAKES: dict[str, Callable[[Order, Sequence[OrderLine], date], list[Effect]]] = {}
