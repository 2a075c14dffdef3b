"""The steps that move people on and off seats. Whoever calls holds the lock of the subscription."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.subscriptions.actions.ledger import begin_period
from comptoir.subscriptions.models import Subscription

from ..models import Assignment
from ..queries.rank import borrowed_on, living, paid, people_on
from ..rules import listed, seats_on
from .offline import revoke_of_seats

# five thousand rows in a fifth of the time that their models would take
GIVE = """
INSERT INTO entitlements_assignment (organisation_id, subscription_id, given_on, waiting, kept, membership_id, direct)
SELECT %s, %s, %s, %s, false, each.member, each.direct
FROM unnest(%s::bigint[], %s::boolean[]) WITH ORDINALITY AS each(member, direct, place) ORDER BY each.place
"""


@step
def open_seats(subscription: Subscription, on: date) -> int:
    """The seats that are free, after whoever waits has been given theirs; less than none: more people than seats.

    A period that was paid ahead and has come begins first, as in every verb.
    """
    begin_period(subscription, on)
    rows = _of(subscription)
    free, waiting = _room(subscription, on)
    if waiting and free > 0:
        free -= len(seat_those_who_wait(subscription, rows.filter(waiting=True).order_by("given_on", "pk")[:free], on))
    return free


def _room(subscription: Subscription, on: date) -> tuple[int, int]:
    people, line = people_on(subscription)
    borrowed = borrowed_on(subscription.organisation_id, [subscription.pk], on).get(subscription.pk, 0)
    return seats_on(paid(subscription), on) - people - borrowed, line


def _of(subscription: Subscription) -> QuerySet[Assignment]:
    return living().filter(organisation_id=subscription.organisation_id, subscription=subscription)


@step
def seat_those_who_wait(subscription: Subscription, line: Iterable[Assignment], on: date) -> list[int]:
    """Give these, who wait, a seat each, and say so: they are told by mail. Returns their memberships."""
    waited = list(line)
    end(waited, on)
    give(subscription, {row.membership_id: row.direct for row in waited}, on)
    members = [row.membership_id for row in waited]
    if members:
        record(Events.SEATS_MOVED_UP, subscription, on=on, count=len(members), members=listed(members))
    return members


@step
def end(rows: Sequence[Assignment], on: date) -> None:
    """End these seats and places, in one statement, and revoke the licence files that stand on them."""
    if not rows:
        return
    living().filter(pk__in=[row.pk for row in rows]).update(ended_on=on)
    revoke_of_seats([row for row in rows if not row.waiting])


@step
def give(subscription: Subscription, members: Mapping[int, bool], on: date, *, waiting: bool = False) -> None:
    """Give each of these members a seat, or `waiting` a place in the line; the value says whether it is given to them directly.

    Nobody here has one. The database refuses it where there are not so many seats.
    """
    told: list[Any] = [subscription.organisation_id, subscription.pk, on, waiting, list(members), list(members.values())]
    if members:
        with connection.cursor() as cursor:
            cursor.execute(GIVE, told)
    failpoint("seats.given")


@step
def fill(subscription: Subscription, on: date) -> None:
    """Give what has become free to those who wait, the first in the line first (rules 9)."""
    open_seats(subscription, on)
