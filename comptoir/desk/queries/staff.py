"""Who works at the desk. Read at the desk's own wall; the addresses of colleagues need the wall of the sign-in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from comptoir.identity.models import StaffRole
from comptoir.identity.queries import gives_roles, signing_in, staff_with
from comptoir.permissions import Permission

PAST = 30  # roles that have ended


@dataclass(frozen=True, slots=True)
class Held:
    """One role of somebody's: since when, and until when if it has ended. `last`: nobody else is an administrator."""

    id: int
    name: str
    email: str
    role: str
    since: date
    until: date | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the desk with the roles that they have."""

    name: str
    email: str
    roles: Sequence[Held]


def colleagues() -> list[Colleague]:
    """Everybody who works at the desk now, by name."""
    with signing_in():
        rows = list(StaffRole.objects.filter(ended_on=None).select_related("person").order_by("name", "person_id", "role"))
    alone = sum(gives_roles(row.role) for row in rows) == 1
    grouped = groupby(rows, key=lambda row: row.person_id)
    return [_colleague(list(own), alone) for _person, own in grouped]


def _colleague(own: Sequence[StaffRole], alone: bool) -> Colleague:
    name, email = own[0].name, own[0].person.email
    roles = [Held(row.pk, name, email, row.role, row.given_on, last=alone and gives_roles(row.role)) for row in own]
    return Colleague(name, email, roles)


def who_may(can: Permission) -> list[str]:
    """The names of the colleagues who may do something, for a page on which somebody may not."""
    people = staff_with(can)
    with signing_in():
        rows = StaffRole.objects.filter(person_id__in=people, ended_on=None).order_by("name")
        return list(dict.fromkeys(rows.values_list("name", flat=True)))


def former_roles() -> list[Held]:
    """The roles that have ended, the last ones first."""
    with signing_in():
        rows = StaffRole.objects.exclude(ended_on=None).select_related("person").order_by("-ended_on", "-id")[:PAST]
        return [Held(row.pk, row.name, row.person.email, row.role, row.given_on, row.ended_on) for row in rows]


def held_role(pk: int) -> Held:
    """One role that somebody has. Raises StaffRole.DoesNotExist."""
    with signing_in():
        row = StaffRole.objects.select_related("person").get(pk=pk, ended_on=None)
        return Held(row.pk, row.name, row.person.email, row.role, row.given_on)
