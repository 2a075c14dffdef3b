"""What becomes of subscriptions that are not paid (rules 6). The state itself follows from the date, without any of this."""

from collections.abc import Sequence
from datetime import date

from comptoir.billing.actions.payments import Wanted, start_attempts
from comptoir.billing.models import InvoiceBalance
from comptoir.billing.queries.payments import chargeable
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import RenewalRun
from ..queries.delays import delayed
from ..queries.lapses import (
    failed_charges,
    lapsing,
    moved_clocks,
    newest_alignments,
    to_begin,
    to_take_back,
    unpaid_sales_of,
)
from ..queries.renewals import charged_to
from ..queries.running import with_payment_running
from ..queries.states import state_on
from ..rules import State, retry_due
from .effects import locked
from .ledger import begin_period
from .returns import take_back


@step
def begin_renewed_periods(run: RenewalRun, on: date) -> int:
    """Let begin what was renewed early and whose first day has come; how many."""
    rows = locked(list(to_begin([run.organisation_id], on).values_list("pk", flat=True)))
    return sum(begin_period(row, on) for row in rows.values())


@step
def note_lapses(actor: Actor, run: RenewalRun, on: date) -> None:
    """Tell the log of each subscription that changes its state on the day of the run, once: the run is closed with it.

    On cancellation an open renewal invoice is credited, and the subscription stands at its old end again.
    """
    for state, lapse in lapsing([run.organisation_id], run.day).items():
        # what is not renewed by the vendor's or a bank's delay goes no further than grace
        rows = lapse if state == State.GRACE else lapse.exclude(delayed(run.day))
        for row in locked(list(rows.values_list("pk", flat=True))).values():
            record(Events.SUBSCRIPTION_LAPSED, row, on=on, state=state, since=run.day)
            if state == State.CANCELLED:
                for sale in unpaid_sales_of(row):
                    take_back(actor, sale, on=on)


@step
def take_back_unpaid(actor: Actor, run: RenewalRun, on: date) -> None:
    """Take back by credit note the additions and alignments whose invoice is open 15 days after its due day (rules 6).

    One that a payment runs for waits for the next night. So does an alignment after which a renewal was sold, and an addition
    whose seats an alignment has paid for since: neither can be taken out of the middle.
    """
    sales = list(to_take_back([run.organisation_id], run.day).select_related("subscription", "period"))
    running = with_payment_running(run.organisation_id, [sale.subscription_id for sale in sales])
    aligned = newest_alignments(run.organisation_id, [sale.subscription_id for sale in sales])
    for sale in sales:
        last = sale.period.end == sale.subscription.renews_on if sale.period else aligned.get(sale.subscription_id, 0) < sale.pk
        if sale.subscription_id not in running and last:
            take_back(actor, sale, on=on)
            aligned = {pk: of for pk, of in aligned.items() if of != sale.pk}


@step
def try_again(run: RenewalRun, on: date) -> int:
    """Begin the next charge of each renewal whose card or account said no, on days 3, 7, 12 of grace; how many."""
    tried = [
        each for each in failed_charges(run.organisation_id, run.day) if retry_due(each.grace_from, each.last_tried_on, run.day)
    ]
    methods = chargeable(run.organisation_id, on) if tried else {}
    wanted = []
    for each in tried:
        method = charged_to(methods, each.subscription)
        balance = InvoiceBalance.objects.get(organisation_id=run.organisation_id, invoice=each.invoice)
        if method is not None and balance.open_minor > 0:
            wanted.append(Wanted(amount=balance.open, method=method, invoice=each.invoice))
    if wanted:
        start_attempts(run.organisation, wanted, on=on)
    return len(wanted)


@action(Can.RUN_RENEWALS)
def keep_clocks(actor: Actor, organisation: Organisation, *, subscriptions: Sequence[int], on: date) -> Organisation:
    """Let the clock of rules 6 start, or stop, as the invoices of these subscriptions' renewals say: paid, failed, open.

    Called with those that have moved, under their locks.
    """
    rows = locked(subscriptions)
    for pk, day in moved_clocks(organisation.pk, list(rows.values())).items():
        row = rows[pk]
        row.lapses_on = day
        row.save(update_fields=["lapses_on"])
        stands = state_on(row, on)
        if day == row.renews_on:
            record(Events.RENEWAL_PAID, row, on=on, until=day, state=stands)
        else:
            record(Events.SUBSCRIPTION_LAPSED, row, on=on, state=stands, since=day)
    return organisation
