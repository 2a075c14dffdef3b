"""What follows from events: each only enqueues."""

from comptoir.identity.queries import customers_awaited, signing_in
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event

from .queries import customers_that_list


def accounts_merged(event: Event) -> None:
    """Bring over what the closed account has, one job for each customer; the person's wall is open."""
    merge_id = int(event.detail["merge"])
    for organisation_id in customers_awaited(merge_id):
        enqueue("organisations.bring_over", organisation_id=organisation_id, merge_id=merge_id)


def merged_at_desk(event: Event) -> None:
    """The same for accounts that the vendor's staff merged."""
    with signing_in():
        accounts_merged(event)


def imported(event: Event) -> None:
    """Send the invitations of a list in waves."""
    if event.detail.get("invite"):
        list_id = event.subject_id
        by = event.by_membership_id or 0
        enqueue("organisations.invite_wave", organisation_id=event.organisation_id, list_id=list_id, by=by)


def wished(event: Event) -> None:
    """Note the wish at each customer that lists the person's domain; the person's wall is open, and shows no other's."""
    if event.person_id is None:
        return
    for organisation_id in customers_that_list(event.person_id):
        enqueue("organisations.note_wish", organisation_id=organisation_id, person=event.person_id)


def asked_to_join(event: Event) -> None:
    """Tell those who may let somebody in."""
    enqueue("organisations.tell_wish", organisation_id=event.organisation_id, wish_id=int(event.detail["wish"]))


def manager_appointed(event: Event) -> None:
    """Tell who was appointed, and whoever else manages or coordinates there."""
    appointed = event.subject_id
    enqueue("organisations.tell_appointed", organisation_id=event.organisation_id, appointment_id=appointed)


def let_in(event: Event) -> None:
    """Tell whoever asked to join that they are in."""
    enqueue("organisations.tell_joined", organisation_id=event.organisation_id, member_id=int(event.detail["member"]))


def invited(event: Event) -> None:
    """Write the mail of an invitation."""
    member_id, until = int(event.detail["member"]), str(event.detail["until"])
    by = event.by_membership_id or 0
    enqueue("organisations.invite", organisation_id=event.organisation_id, member_id=member_id, until=until, by=by)
