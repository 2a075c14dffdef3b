"""Notices: made of the lines of a customer's log, read by whom they concern, erased after a while.

None of it is told in the log: a notice says nothing that does not stand there already.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from comptoir.kernel.action import heartbeat
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.organisations.models import Membership, Organisation
from comptoir.permissions import Can

from .models import LogRead, Notice

KEPT_DAYS = 90


@heartbeat(Can.NOTE_NOTICES)
def note_notices(
    actor: Actor, organisation: Organisation, *, concerned: Mapping[int, tuple[date, Sequence[int]]], upto: int
) -> int:
    """Note whom which lines concern (line -> its day and members), and that the log was read up to one. How many were noted."""
    rows = [
        Notice(organisation=organisation, membership_id=member, seq=seq, on=on)
        for seq, (on, members) in concerned.items()
        for member in members
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    LogRead.objects.update_or_create(organisation=organisation, defaults={"seq": upto})
    return len(rows)


@heartbeat(Can.SEE_HOME)
def read_notices(actor: Actor, membership: Membership, *, upto: int, only: int | None = None) -> int:
    """Note that the actor has read their notices up to a line, or `only` that one. How many were new until then."""
    rows = Notice.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, read_at=None, seq__lte=upto)
    return rows.filter(**({} if only is None else {"seq": only})).update(read_at=now())


@heartbeat(Can.NOTE_NOTICES)
def forget_notices(actor: Actor, organisation: Organisation, *, on: date) -> int:
    """Erase the notices of lines that are older than 90 days; the lines stay. How many there were."""
    gone, _each = Notice.objects.filter(organisation=organisation, on__lt=on - timedelta(days=KEPT_DAYS)).delete()
    return gone
