"""One person's two accounts become one (decision 19)."""

from datetime import date

from django.db.models import Q

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Can

from ..models import Merge, Person, StaffRole
from ..ports import Ports
from ..queries import signing_in

LEAST_TOLD = 20  # characters that say how it was checked who somebody is


@action(Can.MERGE_ACCOUNTS, step_up=True)
def merge_accounts(actor: Actor, person: Person, *, other: int, on: date) -> Merge:
    """Close another account of the same person, which they have just proved to be theirs, and lead its sign-ins here.

    What it has with customers follows, customer by customer, in jobs. Raises Refused `merge_with_itself`, `merge_of_nobody`,
    `merge_of_staff`, `merge_running`, `merge_busy`.
    """
    with signing_in():
        # who is added to a customer at this moment waits, and is then found here; two who merge into each other don't
        closed = Person.objects.select_for_update(skip_locked=True).filter(pk=other).first()
    if closed is None:
        raise Refused("merge_busy")
    _refuse(person, closed)
    merge = _close(person, closed, on)
    record(Events.ACCOUNTS_MERGED, person, on=on, merge=merge.pk, customers=len(merge.customers))
    return merge


@action(Can.MERGE_AT_DESK, step_up=True)
def merge_at_desk(actor: Actor, house: House, *, kept: int, closed: int, checked: str, on: date) -> House:
    """The same for somebody who can't prove both, once it was checked otherwise that they are one person's: `checked` says how.

    The merge is no row of the desk's, so the house is what comes back, to the second of two clicks too. Raises Refused
    `check_not_told`, `merge_one_account`, and what `merge_accounts` refuses.
    """
    told = " ".join(checked.split())
    if len(told) < LEAST_TOLD:
        raise Refused("check_not_told", params={"least": LEAST_TOLD}, field="checked", status=422)
    if kept == closed:
        raise Refused("merge_one_account", field="closed", status=422)
    with signing_in():
        found = Person.objects.select_for_update(skip_locked=True).in_bulk([kept, closed])
    if len(found) < 2:
        raise Refused("merge_busy")
    if actor.id is None:
        raise HouseRule("nobody merges two accounts but a person")
    _refuse(found[kept], found[closed])
    with wall_opened(person=kept):
        merge = _close(found[kept], found[closed], on, by=actor.id, checked=told)
    record(Events.MERGED_AT_DESK, house, on=on, merge=merge.pk, customers=len(merge.customers))
    return house


@step
def _close(person: Person, closed: Person, on: date, *, by: int | None = None, checked: str = "") -> Merge:
    """Close the one account and lead it to the other, whose wall is open."""
    with wall_opened(person=closed.pk):
        customers = Ports.belonging.customers(closed.pk)
        Ports.elsewhere.end_all(closed.pk)
    with signing_in():
        Merge.objects.filter(kept=closed).update(kept=person)
        told = {"customers": list(customers), "done_on": None if customers else on, "by_id": by, "checked": checked}
        merge = Merge.objects.create(kept=person, closed=closed, on=on, **told)
        closed.is_active = False
        closed.save(update_fields=["is_active"])
    _adopt(person, closed)
    failpoint("merge.asked")
    return merge


def _refuse(person: Person, closed: Person) -> None:
    if closed.pk == person.pk:
        raise Refused("merge_with_itself")
    if not person.is_active or not closed.is_active:
        raise Refused("merge_of_nobody")
    both = [person.pk, closed.pk]
    with signing_in(), wall_opened(person=person.pk, desk=True):
        if StaffRole.objects.filter(person__in=both, ended_on=None).exists():
            raise Refused("merge_of_staff", status=403)
        if Merge.objects.filter(Q(kept__in=both), done_on=None).exists():
            raise Refused("merge_running")


def _adopt(person: Person, closed: Person) -> None:
    """The account that stays keeps what was chosen for it; what was chosen only for the other one counts from now on."""
    if person.language_confirmed_at is None and closed.language_confirmed_at is not None:
        person.language, person.language_confirmed_at = closed.language, closed.language_confirmed_at
    person.time_zone = person.time_zone or closed.time_zone
    person.tour_ended_at = person.tour_ended_at or closed.tour_ended_at
    person.save(update_fields=["language", "language_confirmed_at", "time_zone", "tour_ended_at"])


@step
def merge_at(merge_id: int, customer: int) -> Merge | None:
    """The merge, locked, if something waits to be brought over with this customer; None where it has been."""
    with signing_in():
        rows = Merge.objects.select_for_update(of=("self",)).select_related("kept", "closed")
        return rows.filter(pk=merge_id, customers__contains=[customer]).first()


@step
def brought_over(merge: Merge, customer: int, on: date) -> None:
    """All is brought over with this customer; the last one ends the merge, in the person's own log."""
    with signing_in():
        merge.customers = [each for each in merge.customers if each != customer]
        merge.done_on = None if merge.customers else on
        merge.save(update_fields=["customers", "done_on"])
    if merge.done_on:
        record(Events.MERGE_DONE, merge.kept, on=on, merge=merge.pk)
