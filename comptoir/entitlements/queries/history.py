"""Who sat and who waited on any day (rules 9): spells that cover the day, ranked by the seats of that day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.rules import Sitting

from ..models import Assignment
from ..rules import who_sits, who_stands
from .rank import SITTING, seats_of_day


@dataclass(frozen=True, slots=True)
class SatThen:
    """The seats of one day: how many counted, who sat, who waited; each in order."""

    on: date
    seats: int
    sat: Sequence[Sitting]
    waited: Sequence[Sitting]


def sat_on(actor: Actor, subscription: Subscription, day: date) -> SatThen:
    """Who sat on it that day, and who waited. Also of a day on which no job had run yet. Three queries."""
    rows = Assignment.objects.filter(organisation_id=actor.customer_id, subscription=subscription, given_on__lte=day)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gt=day))
    given = [_then(Sitting(*row), day) for row in rows.filter(waiting=False).values_list(*SITTING)]
    line = rows.filter(waiting=True).order_by("given_on", "pk").values_list(*SITTING)
    seats = seats_of_day(subscription, day)
    return SatThen(day, seats, who_sits(given, seats), [*who_stands(given, seats), *(Sitting(*row) for row in line)])


def was_seated(actor: Actor, subscription: Subscription, membership_id: int, day: date) -> bool:
    """Whether a member was entitled to use it on that day: for audits and for what looks at licences."""
    return any(one.key == membership_id for one in sat_on(actor, subscription, day).sat)


def _then(one: Sitting, day: date) -> Sitting:
    # what was used since doesn't change who sat then
    return replace(one, last_used_on=min(one.last_used_on, day)) if one.last_used_on else one
