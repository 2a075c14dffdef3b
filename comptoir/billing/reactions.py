"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue, hurry
from comptoir.kernel.models import Event


def archive_asked(event: Event) -> None:
    """Make the file of a year."""
    enqueue("billing.make_archive", organisation_id=event.organisation_id, archive_id=event.subject_id)


def archive_made(event: Event) -> None:
    """Tell whoever asked for the file of a year."""
    enqueue("billing.tell_archive", organisation_id=event.organisation_id, archive_id=event.subject_id)


def document_issued(event: Event) -> None:
    """Mail an invoice or credit note to the mailbox that it names; most name none."""
    if event.detail.get("mailbox"):
        enqueue("billing.mail_document", organisation_id=event.organisation_id, document_id=event.subject_id)


def charging_resumed(event: Event) -> None:
    """What waited while charging was stopped is charged and given back now, not at its next try."""
    hurry("billing.charge", "billing.refund")
