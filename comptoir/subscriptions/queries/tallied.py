"""What subscriptions come to on a day: of a whole customer from what the database keeps, whose cost follows days, not rows."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from comptoir.kernel.calendar import Term, add_days

from ..models import Subscription, Tally
from ..rules import State
from .delays import delayed
from .states import in_state, lengths, not_cancelled, suspension_over, works


@dataclass(frozen=True, slots=True)
class Total:
    """What subscriptions come to on one day."""

    lines: int  # that work
    seats: int  # of those
    people: int  # who were given a seat of those, whether or not there is one for each
    in_line: int  # who wait for one
    soon: int  # renew until the day that was asked
    by_hand: int  # of those, without automatic renewal
    grace: int
    suspended: int


def looked_at(rows: QuerySet[Subscription], on: date, soon: date) -> Total:
    """The total of these subscriptions, each looked at. One query."""
    working, coming = works(on), Q(renews_on__gt=on, renews_on__lte=soon)
    found = rows.filter(not_cancelled(on)).aggregate(
        lines=Count("pk", filter=working),
        seats=Sum("seats_now", filter=working, default=0),
        people=Sum("occupancy__people", filter=working, default=0),
        in_line=Sum("occupancy__in_line", filter=working, default=0),
        soon=Count("pk", filter=coming),
        by_hand=Count("pk", filter=coming & Q(automatic_renewal=False)),
        grace=Count("pk", filter=in_state(State.GRACE, on)),
        suspended=Count("pk", filter=in_state(State.SUSPENDED, on)),
    )
    return Total(**found)


def tallied(customer_id: int, on: date, soon: date) -> Total:
    """The total of all the customer's subscriptions, from the tally; the few that are late are looked at. Two queries."""
    ends = lengths()
    past_grace = add_days(on, -ends.grace)
    working, coming = Q(lapses_on__gt=past_grace), Q(renews_on__gt=on, renews_on__lte=soon)
    asked = {
        "lines": Sum("lines", filter=working, default=0),
        "seats": Sum("seats", filter=working, default=0),
        "people": Sum("people", filter=working, default=0),
        "in_line": Sum("in_line", filter=working, default=0),
        "soon": Sum("lines", filter=coming, default=0),
        "by_hand": Sum("lines", filter=coming & Q(automatic=False), default=0),
        "grace": Sum("lines", filter=working & Q(lapses_on__lte=on), default=0),
        "suspended": Sum("lines", filter=~working, default=0),
    }
    kept = Tally.objects.filter(_there(on), organisation_id=customer_id)
    told = kept.aggregate(**{f"of_{name}": expression for name, expression in asked.items()})
    found = {name: int(told[f"of_{name}"]) for name in asked}
    late = Subscription.objects.filter(delayed(on), organisation_id=customer_id, lapses_on__lte=past_grace)
    for term, lapses_on, seats, people, in_line in late.values_list(
        "term", "lapses_on", "seats_now", "occupancy__people", "occupancy__in_line"
    ):
        suspended = ends.suspended_month if term == Term.MONTH else ends.suspended
        found["suspended"] -= lapses_on > suspension_over(on, ends, suspended)
        for name, more in {"lines": 1, "grace": 1, "seats": seats, "people": people or 0, "in_line": in_line or 0}.items():
            found[name] += more
    return Total(**found)


def _there(on: date) -> Q:
    """`not_cancelled` of what is in time."""
    ends = lengths()
    month, other = (suspension_over(on, ends, days) for days in (ends.suspended_month, ends.suspended))
    # the earlier of both once more, for the index
    there = Q(monthly=True, lapses_on__gt=month) | Q(monthly=False, lapses_on__gt=other)
    return Q(lapses_on__gt=min(month, other)) & there
