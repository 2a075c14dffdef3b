"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event


def parked(event: Event) -> None:
    """Tell finance that a safety bound holds a charge."""
    enqueue("desk.tell_parked", organisation_id=event.organisation_id, number=event.subject_number, event=event.seq)


def second_look_asked(event: Event) -> None:
    """Tell the colleagues of whoever asked."""
    look_id = event.subject_id
    enqueue("desk.tell_second_look", organisation_id=event.organisation_id, look_id=look_id)


def staff_role_given(event: Event) -> None:
    """Tell whoever got a role at the desk."""
    enqueue("desk.tell_staff_role", person=event.detail["person"], role=event.detail["role"], event=event.seq)
