"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event


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


def asked(event: Event) -> None:
    """Tell those who may approve that somebody asks."""
    enqueue("subscriptions.tell_asked", organisation_id=event.organisation_id, asked_id=int(event.subject.rpartition(":")[2]))


def decided(event: Event) -> None:
    """Tell whoever asked what became of it."""
    enqueue("subscriptions.tell_decided", organisation_id=event.organisation_id, asked_id=int(event.subject.rpartition(":")[2]))
