"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event


def accounts_merged(event: Event) -> None:
    """Tell both addresses."""
    enqueue("identity.tell_merged", merge_id=int(event.detail["merge"]))
