"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event

from .queries.lapses import waits_for_payment


def seats_added(event: Event) -> None:
    """Tell those concerned that seats were added."""
    enqueue("subscriptions.tell_seats_added", organisation_id=event.organisation_id, order_id=event.detail["order_id"])


def order_paid(event: Event) -> None:
    """Settle the order that a payment was for. One for an invoice settles nothing."""
    if (order_id := event.detail.get("order")) is not None:
        enqueue("subscriptions.settle_order", organisation_id=event.organisation_id, order_id=order_id)


def order_declined(event: Event) -> None:
    """Close the order that a payment was for: nothing comes of it."""
    if (order_id := event.detail.get("order")) is not None:
        because = str(event.detail.get("reason") or "declined")
        enqueue("subscriptions.close_order", organisation_id=event.organisation_id, order_id=order_id, because=because)


def invoice_paid(event: Event) -> None:
    """Stop the clock of those that the paid invoice renewed, where it runs: what is paid in time is asked for nothing."""
    invoice_id = int(event.detail.get("invoice") or 0)
    # the first charge of a renewal finds no clock running: it starts with a decline, or where nobody could be charged
    if not invoice_id or (event.detail.get("nth") == 1 and not event.detail.get("by_hand")):
        return
    if waits_for_payment(event.organisation_id or 0, invoice_id):
        enqueue("subscriptions.keep_clocks", organisation_id=event.organisation_id, invoice_id=invoice_id)


def charge_failed(event: Event) -> None:
    """Start the clock of those whose renewal could not be charged, and tell it."""
    if (invoice_id := event.detail.get("invoice")) is not None:
        told = {"invoice_id": int(invoice_id), "attempt_id": int(event.detail["attempt"])}
        enqueue("subscriptions.charge_failed", organisation_id=event.organisation_id, **told)


def renewals_run(event: Event) -> None:
    """Write the receipts of a night that renewed something."""
    if event.detail.get("renewed"):
        run_id = event.subject_id
        enqueue("subscriptions.tell_renewed", organisation_id=event.organisation_id, run_id=run_id)


def parked_released(event: Event) -> None:
    """Run the renewal that the desk has let go on."""
    enqueue("subscriptions.renew_released", organisation_id=event.organisation_id)


def order_released(event: Event) -> None:
    """Tell whoever ordered that what was held goes on."""
    enqueue("subscriptions.tell_order_released", organisation_id=event.organisation_id, order_id=event.detail["order_id"])


def balance_moved(event: Event) -> None:
    """Look at the clocks of all that is open: a transfer or a credit note may have moved any."""
    if waits_for_payment(event.organisation_id or 0, 0):
        enqueue("subscriptions.keep_clocks", organisation_id=event.organisation_id, invoice_id=0)


def payment_disputed(event: Event) -> None:
    """Start or stop the clocks of what the payment renewed: a bank takes it back, or has decided. None need run yet."""
    told = {"payment_id": int(event.detail["payment"])}
    enqueue("subscriptions.keep_clocks", organisation_id=event.organisation_id, **told)


def asked(event: Event) -> None:
    """Tell those who may approve that somebody asks."""
    enqueue("subscriptions.tell_asked", organisation_id=event.organisation_id, asked_id=event.subject_id)


def decided(event: Event) -> None:
    """Tell whoever asked what became of it."""
    enqueue("subscriptions.tell_decided", organisation_id=event.organisation_id, asked_id=event.subject_id)


def order_failed(event: Event) -> None:
    """Tell whoever ordered that nothing came of it."""
    enqueue("subscriptions.tell_order_failed", organisation_id=event.organisation_id, order_id=event.detail["order_id"])


def sale_returned(event: Event) -> None:
    """Tell those concerned what was returned."""
    _sale_undone(event, paid=1)


def sale_taken_back(event: Event) -> None:
    """Tell those concerned what was taken back, as it was not paid."""
    _sale_undone(event, paid=0)


def _sale_undone(event: Event, *, paid: int) -> None:
    told = {"sale_id": event.detail["sale_id"], "credit_note_id": event.detail["credit_note_id"]}
    enqueue("subscriptions.tell_sale_undone", organisation_id=event.organisation_id, **told, paid=paid)


def alignment_ready(event: Event) -> None:
    """Tell those who may align them that the subscriptions of a wish match."""
    enqueue("subscriptions.tell_alignment_ready", organisation_id=event.organisation_id, wish_id=event.detail["wish"])
