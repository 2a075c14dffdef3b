"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event


def invited(event: Event) -> None:
    """Write the mail of an invitation."""
    member_id, until = int(event.detail["member"]), str(event.detail["until"])
    by = event.by_membership_id or 0
    enqueue("organisations.invite", organisation_id=event.organisation_id, member_id=member_id, until=until, by=by)
