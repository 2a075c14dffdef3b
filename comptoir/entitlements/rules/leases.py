"""Floating seats: who may take one, which leases count, who gives way. Source: rules 9, `docs/licences.md`."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from comptoir.kernel.calendar import add_days

from .use_rights import Sharing


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as a moment looks at it; `key` tells the order in which they were taken."""

    key: int
    free_at: datetime
    borrowed_until: date | None = None
    ended: bool = False


def lives(lease: Held, at: datetime, on: date) -> bool:
    """Whether it is in use: heard of lately, or borrowed and its days not over. No job is needed for it to be right."""
    if lease.ended:
        return False
    return lease.borrowed_until > on if lease.borrowed_until is not None else lease.free_at > at


def counting(leases: Iterable[Held], left: int, at: datetime, on: date) -> tuple[int, ...]:
    """Which leases have a seat, by key: as many as the assigned people leave. What is borrowed first, then as they were taken.

    People who were given a seat come before all leases, so that leases and people together are never more than the seats of
    the day; a lease beyond them isn't renewed at its next sign of life (rules 9).
    """
    alive = sorted((lease for lease in leases if lives(lease, at, on)), key=lambda lease: (not lease.borrowed_until, lease.key))
    return tuple(lease.key for lease in alive[: max(0, left)])


def borrowed(leases: Iterable[Held], at: datetime, on: date) -> int:
    """How many are borrowed: nobody can be given their seats before they are back."""
    return sum(lease.borrowed_until is not None and lives(lease, at, on) for lease in leases)


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """What counts when somebody takes a lease. `living`: leases that live, one's own aside; `people`: who were given a seat."""

    sharing: Sharing
    works: bool
    assigned: bool
    seats: int
    people: int
    living: int
    version_fits: bool = True


_Reason = tuple[str, Callable[[LeaseFacts], bool]]
_REASONS: tuple[_Reason, ...] = (
    ("lease_named_only", lambda facts: facts.sharing != Sharing.MULTI_USER),
    ("lease_not_running", lambda facts: not facts.works),
    ("lease_has_seat", lambda facts: facts.assigned),
    ("licence_version_too_old", lambda facts: not facts.version_fits),
    ("lease_none_free", lambda facts: facts.people + facts.living >= facts.seats),
)


def why_no_lease(facts: LeaseFacts) -> tuple[str, ...]:
    """Every reason why no lease can be taken, in a fixed order; none: it can (rules 9)."""
    return tuple(code for code, stands in _REASONS if stands(facts))


def borrow_until(on: date, days: int, bounds: Collection[date | None]) -> date:
    """The first day without a lease that is borrowed for so many days; earlier where what it stands on ends earlier."""
    return max(add_days(on, 1), min([add_days(on, days), *(end for end in bounds if end is not None)]))
