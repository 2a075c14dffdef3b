"""Who may use a product at home or in a previous version, for how long, and whether it still counts. Source: rules 9."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import add_months

MONTHS = 12


class UseKind(StrEnum):
    """What a licence beside the seat is for."""

    HOME = "home"
    PREVIOUS = "previous"


class Sharing(StrEnum):
    """Whether each seat has a name, or a licence is shared by many."""

    NAMED = "named"
    MULTI_USER = "multi_user"


@dataclass(frozen=True, slots=True)
class UseFacts:
    """What counts for one person and one subscription on a day.

    `home_list`: the product is offered for home use; `same_country`: the home lies in the customer's country; `installable`:
    the version may be installed (the newest, so many back, or an exception); `others`: home-use licences that count already.
    """

    works: bool
    seated: bool
    benefit: bool
    held_until: date | None
    maintenance: bool
    sharing: Sharing
    home_list: bool
    same_country: bool
    others: int
    seats: int
    installable: bool = True


def sharing_of(product: str, subscription: str) -> Sharing:
    """The product's, unless the subscription says its own."""
    return Sharing(subscription or product)


_Reason = tuple[str, Callable[[UseFacts], bool]]
_BOTH: tuple[_Reason, ...] = (
    ("use_subscription_stopped", lambda facts: not facts.works),
    ("use_needs_seat", lambda facts: not facts.seated),
    ("use_withheld", lambda facts: not facts.benefit),
)
_HELD: _Reason = ("use_held_already", lambda facts: facts.held_until is not None)
_REASONS: dict[UseKind, tuple[_Reason, ...]] = {
    UseKind.HOME: (
        ("home_use_not_offered", lambda facts: not facts.home_list),
        ("home_use_named_licence", lambda facts: not facts.maintenance and facts.sharing != Sharing.MULTI_USER),
        *_BOTH,
        ("home_use_other_country", lambda facts: not facts.same_country),
        _HELD,
        ("home_use_all_given", lambda facts: facts.others >= facts.seats),
    ),
    UseKind.PREVIOUS: (*_BOTH, ("previous_version_too_old", lambda facts: not facts.installable), _HELD),
}


def why_not(kind: UseKind, facts: UseFacts) -> tuple[str, ...]:
    """Every reason why the person can't be given it, in a fixed order; none: they can (rules 9)."""
    return tuple(code for code, stands in _REASONS[kind] if stands(facts))


def last_day_after(given_on: date) -> date:
    """The first day without a licence that is given on that day: 12 months later (rules 9)."""
    return add_months(given_on, MONTHS, given_on.day)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as a day looks at it. `here`: its person still belongs to the customer."""

    key: int
    kind: UseKind
    given_on: date
    ends_on: date
    here: bool


class UseState(StrEnum):
    """Where a licence stands on a day."""

    COUNTS = "counts"
    RESTS = "rests"  # there are fewer seats, or the person has none: it counts again when there is one
    ENDED = "ended"


def runs(licence: Licence, day: date) -> bool:
    """Whether its own days have not run out."""
    return licence.here and licence.given_on <= day < licence.ends_on


def states(
    licences: Iterable[Licence], day: date, *, works: bool, seats: int, installable: Collection[int], seated: Collection[int]
) -> dict[int, UseState]:
    """Where each licence of one subscription stands on that day, by its key, with no job (rules 9).

    Of those for home use the first given count, as many as there are seats. One of a previous version counts while its person
    has a seat (`seated`: keys) and the version may be installed (`installable`: keys).
    """
    found, left = dict[int, UseState](), seats
    for licence in sorted(licences, key=lambda one: (one.given_on, one.key)):
        if not works or not runs(licence, day):
            found[licence.key] = UseState.ENDED
        elif licence.kind == UseKind.HOME:
            found[licence.key] = UseState.COUNTS if left > 0 else UseState.RESTS
            left -= 1
        else:
            counts = licence.key in installable and licence.key in seated
            found[licence.key] = UseState.COUNTS if counts else UseState.RESTS
    return found
