"""Who sits: the seats that count on a day, who keeps theirs, who is given one, who waits. Source: rules 9."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.subscriptions.rules import Sitting, by_rank


@dataclass(frozen=True, slots=True)
class SeatsPaid:
    """What a subscription's row says of its seats. `turns_on`: a period paid ahead begins; else it renews on `renews_on`."""

    now: int
    at_renewal: int
    renews_on: date
    turns_on: date | None
    automatic: bool


def seats_on(paid: SeatsPaid, day: date) -> int:
    """The seats that count on a day, today's or a later one, whether or not a job has run since a period ended.

    Fewer count from the first day of the next period; more only once they are written (rules 9).
    """
    turn = paid.turns_on or (paid.renews_on if paid.automatic else None)
    return paid.now if turn is None or day < turn else min(paid.now, paid.at_renewal)


def who_sits(people: Sequence[Sitting], seats: int) -> tuple[Sitting, ...]:
    """Those whose rank is within the seats, in the order of rank: chosen, last used, given first (rules 9)."""
    return by_rank(people)[:seats]


def who_stands(people: Sequence[Sitting], seats: int) -> tuple[Sitting, ...]:
    """Those whose rank is beyond the seats, in the order of rank: they wait, though no job has said so yet."""
    return by_rank(people)[seats:]


class Beyond(StrEnum):
    """What becomes of people for whom there is no seat."""

    REFUSE = "refuse"  # nobody is given one: all or nothing
    FIT = "fit"  # as many as there are, in the order given
    WAIT = "wait"  # the others join the waiting list


class Verdict(StrEnum):
    """What becomes of one person when seats are given."""

    GIVEN = "given"
    WAITS = "waits"  # joins the waiting list
    SEATED = "seated"  # has a seat already
    IN_LINE = "in_line"  # waits already, and goes on waiting
    NO_SEAT = "no_seat"
    UNKNOWN = "unknown"  # is nobody here


CHANGES = frozenset({Verdict.GIVEN, Verdict.WAITS})


@dataclass(frozen=True, slots=True)
class Room:
    """What there is before seats are given: how many are free, who sits, who waits."""

    free: int
    seated: Collection[int]
    waiting: Collection[int]
    members: Collection[int]


def judged(wanted: Iterable[int], room: Room, beyond: Beyond) -> Mapping[int, Verdict]:
    """What becomes of each of these members, in the order given; named twice is asked once."""
    left, found = room.free, dict[int, Verdict]()
    for member in wanted:
        if member in found:
            continue
        if member not in room.members:
            found[member] = Verdict.UNKNOWN
        elif member in room.seated:
            found[member] = Verdict.SEATED
        elif left > 0:
            found[member] = Verdict.GIVEN
            left -= 1
        elif member in room.waiting:
            found[member] = Verdict.IN_LINE
        else:
            found[member] = Verdict.WAITS if beyond == Beyond.WAIT else Verdict.NO_SEAT
    return found


def shortfall(verdicts: Mapping[int, Verdict]) -> int:
    """How many seats are missing for all of them to sit."""
    return sum(verdict not in {Verdict.GIVEN, Verdict.SEATED, Verdict.UNKNOWN} for verdict in verdicts.values())


def listed(members: Iterable[int]) -> str:
    """Memberships as an event's detail holds them."""
    return ",".join(map(str, members))
