"""The renewals of a night, customer by customer (rules 6): what is due is renewed, then the run is closed."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue, job, within
from comptoir.kernel.nightly import nightly
from comptoir.organisations.models import Organisation

from ..actions import renewing as _renewing  # noqa: F401 - says how an order to renew is settled
from ..actions.lapses import keep_clocks
from ..actions.renewals import finish_run, open_run, renew_due
from ..models import RenewalRun, Subscription
from ..queries.lapses import moved_clocks, renewed_by, renewed_by_payment, with_running_clock
from ..queries.renewals import Together, customers_due, due_batch, left_open, locked_run, together_on

ORDER = 10  # the renewals come before whatever looks at what was not renewed


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers for whom the run of that day has something to do."""
    return customers_due(ids, day)


@nightly("subscriptions.renewals", order=ORDER, due=due, own_transactions=True)
def renew(actor: Actor, *, day: date) -> None:
    """Renew what is due for one customer by that day, as it would have been on its day: prices and invoices are the same.

    Killed, late or run twice it does the same: each batch is one transaction under the lock of the run.
    """
    with transaction.atomic():
        within(actor)
        batches = together_on(actor, day)
        if not batches and not customers_due([actor.customer_id], day) and not left_open(actor, day):
            return
        open_run(actor, day)
    for batch in batches:
        _renew(actor, batch, day)
        failpoint("renewals.batch")
    with transaction.atomic():
        within(actor)
        run = locked_run(actor, day)
        if run.finished_at is None:
            finish_run(actor, run, on=business_day())


def _renew(actor: Actor, batch: Sequence[Together], day: date) -> RenewalRun | None:
    with transaction.atomic():
        within(actor)
        run, on = locked_run(actor, day), business_day()
        planned = due_batch(actor, batch, day, on)
        return renew_due(actor, run, batch=planned, on=on) if planned else None


@job("subscriptions.renew_released", own_transactions=True)
def renew_released(actor: Actor) -> None:
    """Renew now what the desk has let go on; the next night would find it too."""
    renew(actor, day=business_day())


@job("subscriptions.keep_clocks")
def keep_the_clocks(actor: Actor, *, invoice_id: int = 0, payment_id: int = 0) -> None:
    """Start or stop the clock of rules 6 after a payment of that invoice failed or came in; 0: after one of any.

    Or after a bank took that payment back, or gave it again.
    """
    if payment_id:
        _keep_clocks(actor, renewed_by_payment(actor.customer_id, payment_id))
        return
    _keep_clocks(actor, renewed_by(actor.customer_id, invoice_id) if invoice_id else with_running_clock(actor.customer_id))


@job("subscriptions.charge_failed")
def charge_failed(actor: Actor, *, invoice_id: int, attempt_id: int) -> None:
    """Start the clock of those whose renewal could not be charged; those concerned are told, once for each try."""
    _keep_clocks(actor, renewed_by(actor.customer_id, invoice_id))
    enqueue("subscriptions.tell_charge_failed", organisation_id=actor.customer_id, attempt_id=attempt_id)


def _keep_clocks(actor: Actor, rows: QuerySet[Subscription]) -> None:
    locked = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))
    if moved := moved_clocks(actor.customer_id, locked):
        keep_clocks(actor, Organisation.objects.get(pk=actor.customer_id), subscriptions=list(moved), on=business_day())
