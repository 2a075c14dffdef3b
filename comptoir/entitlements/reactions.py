"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event

from .queries.lines import somebody_waits


def renewed(event: Event) -> None:
    """By hand and with fewer seats: whoever has none any more is to be told at once. A night looks by itself."""
    seats, before = event.detail.get("add"), event.detail.get("before")
    if "order_id" in event.detail and isinstance(seats, int) and isinstance(before, int) and seats < before:
        subscription_id = event.subject_id
        enqueue("entitlements.let_go", organisation_id=event.organisation_id, subscription_id=subscription_id)


def more_seats(event: Event) -> None:
    """Give them to those who wait, if anybody does."""
    pk = event.subject_id
    if somebody_waits(pk):
        enqueue("entitlements.move_up", organisation_id=event.organisation_id, subscription_id=pk)


def members_left(event: Event) -> None:
    """End what somebody else gave them in that moment."""
    enqueue("entitlements.end_left", organisation_id=event.organisation_id)


def moved_up(event: Event) -> None:
    """Tell those who waited that they have a seat."""
    enqueue(
        "entitlements.tell_moved_up",
        organisation_id=event.organisation_id,
        subscription_id=event.subject_id,
        members=event.detail["members"],
        day=event.on.isoformat() if event.on else "",
    )


def let_go(event: Event) -> None:
    """Tell those who lost their seat."""
    enqueue(
        "entitlements.tell_let_go",
        organisation_id=event.organisation_id,
        subscription_id=event.subject_id,
        members=event.detail["members"],
        day=event.on.isoformat() if event.on else "",
    )


def signing_key_withdrawn(event: Event) -> None:
    """Tell each customer whose files it signed."""
    enqueue("entitlements.key_withdrawn", kid=event.detail["kid"], day=event.on.isoformat())


def signing_key_made(event: Event) -> None:
    """Tell each customer with licence files."""
    told = {"kid": event.detail["kid"], "signs_from": event.detail["signs_from"]}
    enqueue("entitlements.key_made", **told, day=event.on.isoformat())


def sale_undone(event: Event) -> None:
    """What was sold is undone: revoke the licence files that stood on it."""
    enqueue("entitlements.revoke_files", organisation_id=event.organisation_id)
