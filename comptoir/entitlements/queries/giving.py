"""What the verbs about seats look at, and the preview of giving many (rules 8, 9)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.db.models import Count

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.prepared import Prepared
from comptoir.organisations.models import GroupMember, Membership
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.running import with_payment_running
from comptoir.subscriptions.queries.states import state_on
from comptoir.subscriptions.rules import Quote, State, moved

from ..models import Assignment
from ..rules import Beyond, Room, Verdict, judged, seats_on
from .floating import Floating, floating_on
from .rank import borrowed_on, living, paid

MOST_AT_ONCE = 10_000


def rows_of(subscription: Subscription, members: Sequence[int]) -> dict[int, Assignment]:
    """The seats and places in the line of these members. One query."""
    rows = _ROWS.all(customer=subscription.organisation_id, subscription=subscription.pk, members=members)
    return {row.membership_id: row for row in rows}


_ROWS = Prepared(
    lambda customer, subscription, members: living().filter(
        organisation_id=customer, subscription_id=subscription, membership_id__in=members
    ),
    customer=int,
    subscription=int,
    members=list,
)


def members_among(actor: Actor, members: Iterable[int]) -> frozenset[int]:
    """Those of these who belong to the actor's customer today. One query."""
    return frozenset(pk for (pk,) in _HERE.all(customer=actor.customer_id, members=members))


_HERE: Prepared[Any] = Prepared(
    lambda customer, members: Membership.objects.filter(organisation_id=customer, left_on=None, pk__in=members).values_list("pk"),
    customer=int,
    members=list,
)


def room_for(free: int, rows: Mapping[int, Assignment], members: Collection[int]) -> Room:
    """What giving looks at: so many free seats, and the rows of those who are named."""
    return Room(
        free=free,
        seated={pk for pk, row in rows.items() if not row.waiting},
        waiting={pk for pk, row in rows.items() if row.waiting},
        members=members,
    )


def refuse_closed(actor: Actor, subscription: Subscription, on: date) -> None:
    """Raise Refused where no verb may touch the subscription: `cancelled`, `payment_running` (rules 8)."""
    if state_on(subscription, on) == State.CANCELLED:
        raise Refused("cancelled", params={"ended_on": subscription.ended_on or subscription.lapses_on})
    if with_payment_running(actor.customer_id, [subscription.pk]):
        raise Refused("payment_running")


def refuse_out_of_reach(actor: Actor, subscription: Subscription, members: Collection[int]) -> None:
    """Raise Refused `not_allowed` unless the actor may give seats here, or looks after groups with all these in (rules 7)."""
    if not reaches(actor, subscription, members):
        raise not_allowed(actor, Can.ASSIGN_SEATS, subscription.contract_id)


def reaches(actor: Actor, subscription: Subscription, members: Collection[int]) -> bool:
    """Whether the actor may give these members seats of it. One query for who looks after groups, none for others."""
    if actor.reach(Can.ASSIGN_SEATS, subscription.contract_id) == Reach.ALL:
        return True
    groups = own_groups(actor)
    if not groups:
        return False
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, left_on=None)
    return set(members) <= set(stays.filter(membership_id__in=members).values_list("membership_id", flat=True))


def own_groups(actor: Actor) -> frozenset[int]:
    """The groups whose people the actor may give seats to."""
    if actor.lacks_scope(Can.ASSIGN_SEATS):
        return frozenset()
    held = [grant for grant in actor.grants if Can.ASSIGN_SEATS.reach_of[grant.role] == Reach.GROUPS]
    return frozenset(grant.group_id for grant in held if grant.group_id is not None)


def quote_of_verdicts(subscription: Subscription, verdicts: Mapping[int, Verdict], on: date, *, given: str | None = None) -> str:
    """The text that holds a preview of giving seats; `given` is one from before: Refused `quote_moved` if it differs."""
    told = sorted((pk, verdict.value) for pk, verdict in verdicts.items())
    fresh = str(Quote(on, subscription.version, sha256(repr(told).encode()).hexdigest()[:16]))
    if given and (what := moved(given, fresh)):
        raise Refused("quote_moved", params={"moved": [each.value for each in what]})
    return fresh


@dataclass(frozen=True, slots=True)
class Giving:
    """What giving seats would do to each, and what is left then. Nothing has changed."""

    verdicts: Mapping[int, Verdict]
    seats: int
    free: int  # before
    quote: str

    def count(self, verdict: Verdict) -> int:
        """How many of them it happens to."""
        return sum(each == verdict for each in self.verdicts.values())

    @property
    def given(self) -> int:
        """How many are given a seat."""
        return self.count(Verdict.GIVEN)

    @property
    def without(self) -> int:
        """How many there is no seat for."""
        return self.count(Verdict.WAITS) + self.count(Verdict.NO_SEAT) + self.count(Verdict.IN_LINE)


def free_by_subscription(actor: Actor, subscriptions: Iterable[Subscription], on: date) -> dict[int, int]:
    """The seats of each that the next person could be given: those who wait come first. Two queries.

    A floating seat that is in use now is among them unless it is borrowed: who is given a seat comes before a lease (rules 9).
    """
    seats = {row.pk: seats_on(paid(row), on) for row in subscriptions}
    rows = living().filter(organisation_id=actor.customer_id, subscription_id__in=seats)
    taken = dict(rows.values_list("subscription_id").annotate(Count("pk")).order_by())
    borrowed = borrowed_on(actor.customer_id, seats, on)
    return {pk: max(0, count - taken.get(pk, 0) - borrowed.get(pk, 0)) for pk, count in seats.items()}


def unused_by_subscription(actor: Actor, subscriptions: Iterable[Subscription], on: date) -> dict[int, int]:
    """The seats of each that nobody uses at this moment, those who wait aside. Three queries."""
    rows = {row.pk: row for row in subscriptions}
    floating = floating_on(actor.customer_id, rows, on)
    free = free_by_subscription(actor, rows.values(), on)
    told = {pk: floating.get(pk, Floating()) for pk in rows}
    return {pk: max(0, free[pk] - told[pk].in_use + told[pk].borrowed) for pk in rows}


def preview_giving(actor: Actor, subscription: Subscription, members: Sequence[int], beyond: Beyond, on: date) -> Giving:
    """What `assign` would do, person by person. Raises Refused `not_allowed`, and what closes the subscription."""
    refuse_out_of_reach(actor, subscription, members)
    refuse_closed(actor, subscription, on)
    free = free_by_subscription(actor, [subscription], on)[subscription.pk]
    room = room_for(free, rows_of(subscription, members), members_among(actor, members))
    verdicts = judged(members, room, beyond)
    return Giving(verdicts, seats_on(paid(subscription), on), free, quote_of_verdicts(subscription, verdicts, on))
