"""Giving seats, taking them back, and the waiting list: the verbs about people (rules 9)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import Assignment
from ..queries.giving import (
    MOST_AT_ONCE,
    members_among,
    quote_of_verdicts,
    refuse_closed,
    refuse_out_of_reach,
    room_for,
    rows_of,
)
from ..queries.groups import groups_giving
from ..rules import CHANGES, Beyond, Verdict, judged, listed, shortfall
from .sitting import end, fill, give, open_seats


@action(Can.ASSIGN_SEATS, anywhere=True)
def assign(
    actor: Actor,
    subscription: Subscription,
    *,
    members: Sequence[int],
    beyond: str = Beyond.REFUSE,
    on: date,
    quote: str | None = None,
) -> Subscription:
    """Give each of these members a seat, in the order given; `beyond` says what becomes of those for whom there is none.

    Raises Refused `no_seat_left` or `seats_short` (all or nothing), `seated_already`, `member_unknown`, `not_allowed`,
    `quote_moved`, and what closes the subscription (rules 8).
    """
    if not seat_members(actor, subscription, members, Beyond(beyond), on, quote):
        raise Refused("seated_already")
    return subscription


@step
def seat_members(
    actor: Actor, subscription: Subscription, members: Sequence[int], beyond: Beyond, on: date, quote: str | None = None
) -> bool:
    """As `assign`, of a subscription that is locked. Whether that changed anything."""
    wanted = _named(members)
    refuse_out_of_reach(actor, subscription, wanted)
    refuse_closed(actor, subscription, on)
    free = open_seats(subscription, on)
    rows = rows_of(subscription, wanted)
    room = room_for(free, rows, members_among(actor, wanted))
    verdicts = judged(wanted, room, beyond)
    quote_of_verdicts(subscription, verdicts, on, given=quote)
    _refuse(subscription, verdicts, beyond, free, one=len(wanted) == 1)
    return _change(subscription, verdicts, rows, on)


def _named(members: Sequence[int]) -> list[int]:
    if not members:
        raise Refused("nobody_named", field="members", status=422)
    if len(members) > MOST_AT_ONCE:
        raise Refused("too_many_named", params={"most": MOST_AT_ONCE}, field="members", status=422)
    return list(dict.fromkeys(members))


def _refuse(subscription: Subscription, verdicts: Mapping[int, Verdict], beyond: Beyond, free: int, *, one: bool) -> None:
    found = set(verdicts.values())
    if beyond == Beyond.REFUSE:
        if Verdict.UNKNOWN in found:
            raise Refused("member_unknown", field="members", status=422)
        if missing := shortfall(verdicts):
            told = {"seats": subscription.seats_now, "free": max(0, free), "shortfall": missing}
            raise Refused("no_seat_left" if one else "seats_short", params=told)
    elif found <= {Verdict.UNKNOWN}:
        raise Refused("member_unknown", field="members", status=422)
    if not found & CHANGES and Verdict.NO_SEAT in found:
        raise Refused("no_seat_left", params={"seats": subscription.seats_now, "free": max(0, free)})


def _change(subscription: Subscription, verdicts: Mapping[int, Verdict], rows: Mapping[int, Assignment], on: date) -> bool:
    by_verdict = {kind: [pk for pk, verdict in verdicts.items() if verdict == kind] for kind in Verdict}
    given, waits = by_verdict[Verdict.GIVEN], by_verdict[Verdict.WAITS]
    # whoever had it through a group alone now has it in their own right
    own = [rows[pk] for pk in by_verdict[Verdict.SEATED] if not rows[pk].direct]
    if own:
        Assignment.objects.filter(pk__in=[row.pk for row in own]).update(direct=True)
    end([rows[pk] for pk in given if pk in rows], on)
    if given:
        give(subscription, dict.fromkeys(given, True), on)
    if given or own:
        also = listed([row.membership_id for row in own])
        record(Events.SEATS_GIVEN, subscription, on=on, count=len(given) + len(own), members=listed(given), own=also)
    if waits:
        give(subscription, dict.fromkeys(waits, True), on, waiting=True)
        record(Events.LINE_JOINED, subscription, on=on, count=len(waits), members=listed(waits))
    return bool(given or own or waits)


@action(Can.ASSIGN_SEATS, anywhere=True)
def take_back(actor: Actor, subscription: Subscription, *, members: Sequence[int], on: date) -> Subscription:
    """Take these members' seats, or places in the line, back; whoever waits first is given what becomes free (rules 9).

    Who has it by a group too keeps it. Raises Refused `holds_no_seat`, `seat_by_group`, `not_allowed`.
    """
    wanted = _named(members)
    refuse_out_of_reach(actor, subscription, wanted)
    rows = rows_of(subscription, wanted)
    if not rows:
        raise Refused("holds_no_seat", field="members", status=422)
    by_group = groups_giving(subscription, rows)
    if not unseat(subscription, rows, by_group, on):
        names = sorted({name for pk in rows for name in by_group.get(pk, ())})
        raise Refused("seat_by_group", params={"names": names})
    fill(subscription, on)
    return subscription


@step
def unseat(subscription: Subscription, rows: Mapping[int, Assignment], by_group: Collection[int], on: date) -> int:
    """End these seats and places; who has it by a group too keeps it through that alone. Returns for how many it changed."""
    going, staying = [rows[pk] for pk in rows if pk not in by_group], [rows[pk] for pk in rows if pk in by_group]
    own = [row for row in staying if row.direct]
    if not going and not own:
        return 0
    Assignment.objects.filter(pk__in=[row.pk for row in own]).update(direct=False)
    end(going, on)
    ended, also = (listed([row.membership_id for row in some]) for some in (going, own))
    record(Events.SEATS_TAKEN_BACK, subscription, on=on, count=len(going) + len(own), members=ended, own=also)
    return len(going) + len(own)


@action(Can.ASSIGN_SEATS, anywhere=True)
def swap(actor: Actor, subscription: Subscription, *, giver: int, taker: int, on: date) -> Subscription:
    """Give one member's seat to another in one step, past the waiting list.

    Raises Refused `holds_no_seat` (the giver has none), `seated_already` (the taker has one), `seat_by_group`,
    `member_unknown`, `not_allowed`.
    """
    refuse_out_of_reach(actor, subscription, [giver, taker])
    refuse_closed(actor, subscription, on)
    rows = rows_of(subscription, [giver, taker])
    if giver not in rows or rows[giver].waiting:
        raise Refused("holds_no_seat", field="giver", status=422)
    if taker in rows and not rows[taker].waiting:
        raise Refused("seated_already", field="taker", status=422)
    if taker not in members_among(actor, [taker]):
        raise Refused("member_unknown", field="taker", status=422)
    if by_group := groups_giving(subscription, [giver]):
        raise Refused("seat_by_group", params={"names": list(by_group[giver])})
    end([rows[pk] for pk in (giver, taker) if pk in rows], on)
    give(subscription, {taker: True}, on)
    record(Events.SEAT_SWAPPED, subscription, on=on, giver=giver, taker=taker)
    fill(subscription, on)
    return subscription


@action(Can.LEAVE_LINE, anywhere=True)
def leave_line(actor: Actor, subscription: Subscription, *, on: date) -> Subscription:
    """Leave the waiting list oneself. Raises Refused `not_in_line`, and `seat_by_group` for who waits through a group."""
    row = rows_of(subscription, [actor.member_id]).get(actor.member_id)
    if row is None or not row.waiting:
        raise Refused("not_in_line", status=404)
    if by_group := groups_giving(subscription, [actor.member_id]):
        raise Refused("seat_by_group", params={"names": list(by_group[actor.member_id])})
    end([row], on)
    record(Events.LINE_LEFT, subscription, on=on, member=actor.member_id)
    return subscription


@action(Can.GIVE_FREED_SEATS)
def move_up(actor: Actor, subscription: Subscription, *, on: date) -> Subscription:
    """Seats have come: give them to those who wait, the first first. A job's."""
    fill(subscription, on)
    return subscription
