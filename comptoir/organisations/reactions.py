"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event


def imported(event: Event) -> None:
    """Send the invitations of a list in waves."""
    if event.detail.get("invite"):
        list_id = int(event.subject.rpartition(":")[2])
        by = event.by_membership_id or 0
        enqueue("organisations.invite_wave", organisation_id=event.organisation_id, list_id=list_id, by=by)


def invited(event: Event) -> None:
    """Write the mail of an invitation."""
    member_id, until = int(event.detail["member"]), str(event.detail["until"])
    by = event.by_membership_id or 0
    enqueue("organisations.invite", organisation_id=event.organisation_id, member_id=member_id, until=until, by=by)
