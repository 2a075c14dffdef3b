"""Until when a signed licence file holds, and what it says. Source: rules 9, `docs/licences.md`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from comptoir.kernel.calendar import add_days
from comptoir.subscriptions.rules import Sitting

from .seats import SeatsPaid, seats_on, who_sits


@dataclass(frozen=True, slots=True)
class Bounds:
    """What ends a file early: the first day on which the subscription no longer works if nothing more is paid, the first
    without a seat as things stand, the day on which a lease goes back. None: nothing does."""

    works_until: date
    seat_until: date | None = None
    lease_until: date | None = None


def file_ends_on(on: date, days: int, bounds: Bounds) -> date:
    """The first day without a file that is made on that day: so many days later, or when what it stands on ends, if earlier.

    A day at least: who asks may use it today (rules 9).
    """
    ends = [add_days(on, days), bounds.works_until, bounds.seat_until, bounds.lease_until]
    return max(add_days(on, 1), min(end for end in ends if end is not None))


def works_until(lapses_on: date, grace: int) -> date:
    """The first day on which a subscription no longer works if nothing more is paid (rules 6)."""
    return add_days(lapses_on, grace)


def seat_until(paid: SeatsPaid, people: Sequence[Sitting], member: int, on: date) -> date | None:
    """The day on which the next period has no seat for a member, by the ranks of today; None: it has (rules 9)."""
    turn = paid.turns_on or (paid.renews_on if paid.automatic else None)
    if turn is None or turn <= on:
        return None
    return None if any(one.key == member for one in who_sits(people, seats_on(paid, turn))) else turn


class KeyState(StrEnum):
    """How it stands with a key that licence files are signed with (docs/licences.md)."""

    NEXT = "next"  # public, and signs from a moment on that is to come
    SIGNS = "signs"
    VERIFIES = "verifies"  # public until its last file has ended
    PAST = "past"  # nothing that it signed is good any more
    WITHDRAWN = "withdrawn"  # somebody else may have it


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says. `subject`: an opaque name of the person or key; `oldest`: of the versions that it opens; `also`: older
    ones that an exception allows; `lease`: the number of the lease that it was borrowed with."""

    issuer: str
    subject: str
    product: str
    customer: str
    subscription: str
    device: str
    number: str
    issued_at: int
    ends_at: int
    oldest: str = ""
    also: tuple[str, ...] = ()
    lease: str = ""


SKEW = timedelta(minutes=5)  # a device's clock may be late


def claims(told: Told) -> Mapping[str, object]:
    """The claims of a file (RFC 7519, and ours); times are seconds since 1970."""
    found: dict[str, object] = {
        "iss": told.issuer,
        "sub": told.subject,
        "aud": told.product,
        "jti": told.number,
        "iat": told.issued_at,
        "nbf": told.issued_at - int(SKEW.total_seconds()),
        "exp": told.ends_at,
        "customer": told.customer,
        "subscription": told.subscription,
        "kind": "floating" if told.lease else "named",
        "seats": 1,
        "device": told.device,
    }
    if told.oldest:
        found["versions"] = {"from": told.oldest, "also": list(told.also)}
    if told.lease:
        found["lease"] = told.lease
    return found
