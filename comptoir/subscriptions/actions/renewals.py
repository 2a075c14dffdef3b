"""The nightly run of one customer: whole invoices in batches, written in bulk, each batch in a transaction (rules 6).

The row of the run is the door's target, so that two workers take turns. What was renewed is due no longer: a run that was
killed goes on where it stopped, and one that is run again finds nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

from comptoir.billing.actions.invoices import Draft, Line, number_drafts, write_drafts
from comptoir.billing.actions.payments import Wanted, start_attempts
from comptoir.billing.models import Invoice
from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.rules import TaxTreatment, totals
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import insert_new
from comptoir.kernel.clock import now
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Parked, Period, PlannedChange, RenewalRun, Sale, SeatEntry
from ..queries.lapses import clocks
from ..queries.renewals import Due, DueBatch, DueInvoice, HeldBack, not_renewed
from .lapses import begin_renewed_periods, note_lapses, take_back_unpaid, try_again

# All of a batch in one statement; a row that moved since it was locked is none of ours.
RENEW = """
UPDATE subscriptions_subscription s SET seats_now = r.seats, seats_at_renewal = r.seats, term = r.term, anchor_day = r.anchor,
    renews_on = r.renews_on, lapses_on = r.lapses_on, turns_on = NULL, version = s.version + 1
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::text[], %s::int[], %s::date[], %s::date[])
    AS r (id, version, seats, term, anchor, renews_on, lapses_on)
WHERE s.id = r.id AND s.version = r.version
"""


def open_run(actor: Actor, day: date) -> RenewalRun:
    """The row of that day's run, made if this is the first to come: the target of the verbs below."""
    RenewalRun.objects.bulk_create([RenewalRun(organisation_id=actor.customer_id, day=day)], ignore_conflicts=True)
    return RenewalRun.objects.get(organisation_id=actor.customer_id, day=day)


@action(Can.RUN_RENEWALS)
def renew_due(actor: Actor, run: RenewalRun, *, batch: DueBatch, on: date) -> RenewalRun:
    """Renew a batch that was planned under the run's lock: periods, seats, invoices, sales, charges to be made, events.

    What breaks a bound is parked instead. `on` is today: the day of the invoices, also where the run is late.
    """
    renewals = batch.renewals
    periods = _write_periods(renewals, on)
    failpoint("renewals.extended")
    drafts, invoices = _draft_invoices(batch.invoices, on)
    sold = [(due, invoice) for drafted, invoice in zip(batch.invoices, invoices, strict=True) for due in drafted.due]
    insert_new([_sale(due, invoice, periods[due.subscription.pk], on) for due, invoice in sold])
    _charge(batch.invoices, invoices, on)
    run.renewed += len(renewals)
    run.invoices += len(invoices)
    run.parked += len(batch.held_back)
    run.save(update_fields=["renewed", "invoices", "parked"])
    on_invoice = [due.subscription.pk for due, invoice in sold if invoice.payment_method == "invoice"]
    open_before = clocks(run.organisation_id, on_invoice) if on_invoice else {}
    connection.check_constraints()  # now, not at the commit: from the next line on all other invoices wait
    number_drafts(invoices, drafts, on=on)
    _renew(sold, open_before)
    failpoint("renewals.sold")
    for due, invoice in sold:
        _tell_renewed(due, invoice, run, on)
    for held in batch.held_back:
        _park(held, on)
    return run


def _write_periods(renewals: Sequence[Due], on: date) -> Mapping[int, Period]:
    """The paid periods, and the seats that were planned."""
    if not renewals:
        return {}
    written = [_period(each) for each in renewals]
    insert_new(written)
    _count(renewals)
    pending = PlannedChange.objects.filter(
        organisation_id=renewals[0].subscription.organisation_id,
        subscription__in=[each.subscription.pk for each in renewals],
        outcome=PlannedChange.Outcome.PENDING,
    )
    pending.update(outcome=PlannedChange.Outcome.DONE, ended_on=on)
    return {period.subscription_id: period for period in written}


def _renew(sold: Sequence[tuple[Due, Invoice]], open_before: Mapping[int, date]) -> None:
    """The rows that mirror period and seats. They have begun: the run is never early."""
    if not sold:
        return
    rows = []
    for due, invoice in sold:
        row, plan = due.subscription, due.plan
        lapses_on = _clock(due, invoice, open_before.get(row.pk))
        rows.append((row.pk, row.version, plan.seats_after, plan.term_after.value, plan.anchor_after, plan.period.end, lapses_on))
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [list(column) for column in zip(*rows, strict=True)])
        if cursor.rowcount != len(rows):
            raise HouseRule(f"{len(rows) - cursor.rowcount} subscriptions moved under their locks")


def _clock(due: Due, invoice: Invoice, open_before: date | None) -> date:
    """From when on the clock of rules 6 runs.

    On invoice it is the due day, or an earlier one where a renewal before is open too; what is charged has its whole period.
    """
    period = due.plan.period
    if invoice.payment_method != "invoice":
        return period.end
    of_this = [max(period.start, invoice.due_on)] if invoice.due_on is not None and invoice.total_minor > 0 else []
    return min(period.end, *of_this, *([] if open_before is None else [open_before]))


def _period(due: Due) -> Period:
    new = due.plan.period
    return Period(
        organisation_id=due.subscription.organisation_id,
        subscription_id=due.subscription.pk,
        start=new.start,
        end=new.end,
        days=new.days,
        term=new.term.value,
        kind=Period.Kind.RENEWAL,
        price_minor=new.price.minor,
        currency=new.price.currency,
        price_kind=new.price_kind,
    )


def _count(renewals: Sequence[Due]) -> None:
    """A line in the ledger of those whose seats change. One that could not be raised, for want of a price, stays as it is."""
    moved = {due.subscription.pk: due for due in renewals if _changes(due) != (0, 0)}
    if not moved:
        return
    organisation_id = renewals[0].subscription.organisation_id
    entries = SeatEntry.objects.filter(organisation_id=organisation_id, subscription__in=moved)
    lasts = entries.order_by("subscription_id", "-seq").distinct("subscription_id")
    insert_new([_entry(moved[last.subscription_id], last) for last in lasts])


def _changes(due: Due) -> tuple[int, int]:
    seats = due.plan.seats_after
    return seats - due.subscription.seats_now, seats - due.subscription.seats_at_renewal


def _entry(due: Due, last: SeatEntry) -> SeatEntry:
    change_now, change_at_renewal = _changes(due)
    return SeatEntry(
        organisation_id=last.organisation_id,
        subscription_id=last.subscription_id,
        seq=last.seq + 1,
        on=max(due.plan.period.start, last.on),
        kind=SeatEntry.Kind.RENEWAL,
        change_now=change_now,
        change_at_renewal=change_at_renewal,
        seats_now=due.plan.seats_after,
        seats_at_renewal=due.plan.seats_after,
    )


def _draft_invoices(drafted: Sequence[DueInvoice], on: date) -> tuple[list[Draft], list[Invoice]]:
    if not drafted:
        return [], []
    organisation = drafted[0].organisation
    treatment = treatment_for(organisation, on)
    drafts = [_draft(each, treatment) for each in drafted]
    return drafts, write_drafts(organisation, drafts)


def _draft(drafted: DueInvoice, treatment: TaxTreatment) -> Draft:
    lines = [
        Line(
            kind=line.kind,
            item=due.subscription.product.name,
            reference=due.subscription.number,
            start=line.start,
            end=line.end,
            quantity=line.quantity,
            unit_price=line.unit_price,
            days=line.days,
            denominator=line.denominator,
            net=line.net,
        )
        for due in drafted.due
        for line in due.plan.lines
    ]
    method = "invoice" if drafted.paid_with is None else drafted.paid_with.kind
    return Draft(drafted.contract_id, method, lines, treatment, totals([line.net for line in lines], treatment))


def _sale(due: Due, invoice: Invoice, period: Period, on: date) -> Sale:
    return Sale(
        organisation_id=period.organisation_id,
        subscription_id=period.subscription_id,
        kind=Sale.Kind.RENEWAL,
        invoice=invoice,
        period=period,
        seats=due.plan.seats_after,
        seats_before=due.subscription.seats_now,
        on=on,
        anchor_day_before=due.subscription.anchor_day,
    )


def _charge(drafted: Sequence[DueInvoice], invoices: Sequence[Invoice], on: date) -> None:
    """Begin a charge of each invoice whose method can be charged; the provider is asked after the commit."""
    wanted = [
        Wanted(amount=invoice.total, method=each.paid_with, invoice=invoice)
        for each, invoice in zip(drafted, invoices, strict=True)
        if each.paid_with is not None and invoice.total_minor > 0
    ]
    if wanted:
        start_attempts(drafted[0].organisation, wanted, on=on)


def _tell_renewed(due: Due, invoice: Invoice, run: RenewalRun, on: date) -> None:
    record(
        Events.SUBSCRIPTION_RENEWED,
        due.subscription,
        on=on,
        run=run.pk,
        invoice=invoice.number,
        add=due.plan.seats_after,
        before=due.subscription.seats_now,
        after=due.plan.seats_after,
        until=due.plan.period.end,
    )


def _park(held: HeldBack, on: date) -> None:
    row = held.due.subscription
    Parked.objects.create(
        organisation_id=row.organisation_id,
        subscription=row,
        renews_on=row.renews_on,
        parked_on=on,
        findings=[
            {"bound": each.bound, "was": each.was and str(each.was), "now": each.now and str(each.now)} for each in held.findings
        ],
        net_minor=held.due.plan.net.minor,
        currency=held.due.plan.net.currency,
    )
    record(Events.RENEWAL_PARKED, row, on=on, because=", ".join(each.bound for each in held.findings))


@action(Can.RUN_RENEWALS)
def finish_run(actor: Actor, run: RenewalRun, *, on: date) -> RenewalRun:
    """Close the run once nothing is due any more: what ends is counted, what lapses is told, what is unpaid is taken back."""
    begin_renewed_periods(run, on)
    ended = not_renewed(actor, run.day)
    note_lapses(actor, run, on)
    take_back_unpaid(actor, run, on)
    try_again(run, on)
    failpoint("renewals.closed")
    run.ended, run.finished_at = len(ended), now()
    run.save(update_fields=["ended", "finished_at"])
    figures = {"renewed": run.renewed, "invoices": run.invoices, "ended": run.ended, "parked": run.parked}
    record(Events.RENEWALS_RUN, run, on=on, day=run.day, run=run.pk, **figures)
    return run
