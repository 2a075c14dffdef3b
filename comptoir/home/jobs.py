"""What the bell tells, read off the customers' logs: nothing that people do waits for it."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue, every, job, waiting
from comptoir.kernel.models import Roster
from comptoir.kernel.nightly import nightly
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.queries import own_organisation

from .actions import KEPT_DAYS, forget_notices, note_notices
from .models import Notice
from .queries.concerning import behind, concerned, unread_lines

AT_ONCE = 1_000  # customers whose logs are looked at in one statement
NOTE = "home.note_notices"
ORDER = 95  # last in the night


@every("* * * * * */15", "logs_read")
def read_logs() -> None:
    """Give each customer whose log has moved a job of its own, unless one waits for it: that one will read all of it.

    No lock of the queue's: one that waits to be tried again would hold up those of other customers.
    """
    ids = list(Roster.objects.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(ids), AT_ONCE):
        part = ids[begin : begin + AT_ONCE]
        with wall_opened(read=part):
            moved = behind(part)
        waits = waiting(NOTE, moved) if moved else set()
        for pk in moved:
            if pk not in waits:
                enqueue(NOTE, organisation_id=pk)


@job(NOTE)
def note(actor: Actor) -> None:
    """Read on in a customer's log, and note whom its lines concern: once each, in the transaction that says how far it came."""
    lines, upto, more = unread_lines(actor)
    found = concerned(actor, lines, business_day() - timedelta(days=KEPT_DAYS))
    note_notices(actor, own_organisation(actor), concerned=found, upto=upto)
    failpoint("notices.noted")
    if more:
        enqueue(NOTE, organisation_id=actor.customer_id)


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with notices that are old enough to be erased."""
    old = Notice.objects.filter(organisation_id__in=ids, on__lt=day - timedelta(days=KEPT_DAYS))
    return set(old.values_list("organisation_id", flat=True).distinct())


@nightly("home.forget_notices", order=ORDER, due=due)
def forget(actor: Actor, *, day: date) -> None:
    """Erase what nobody looks at any more."""
    forget_notices(actor, own_organisation(actor), on=day)
