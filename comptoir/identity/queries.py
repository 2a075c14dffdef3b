"""Reads of people."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone, translation

from comptoir.kernel.walls import wall_opened
from comptoir.kernel.zones import zones
from comptoir.permissions import DIRECT, STAFF_ROLES, Can, Permission, Role

from .models import Merge, OldSignIn, Person, StaffRole

T = TypeVar("T", bound=models.Model)


@contextmanager
def signing_in() -> Iterator[None]:
    """A transaction in which the people's table can be searched by e-mail or old user id; one inside the other is one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.signing_in', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('app.signing_in', 'yes', true)")
        yield
        cursor.execute("SELECT set_config('app.signing_in', %s, true)", [before])


def unconfirmed(before: date) -> QuerySet[Person]:
    """Those who typed an address before that day and were never in. Needs the sign-in wall."""
    nobody = {"is_active": False, "first_name": "", "last_name": "", "last_login": None, "language_confirmed_at": None}
    never_in = Person.objects.filter(**nobody, old_sign_ins=None, staff_roles=None, merged=None)
    return Person.objects.filter(pk__in=never_in.values("pk"), created_on__lt=before, **nobody).order_by("pk")


def spelt(rows: QuerySet[T], field: str, name: str) -> QuerySet[T]:
    """Those whose address or user id is this one, whatever its case: folded just as it is kept once.

    Not `iexact`, which takes an ı for an i and an ſ for an s: an address that looks like another one would be that one.
    """
    return cast("QuerySet[T]", rows.alias(spelt=Lower(field)).filter(spelt=Lower(Value(name))))


def by_sign_in_name(name: str) -> Person | None:
    """The person with this e-mail or old user id, whatever its case. Needs the sign-in wall.

    The names of an account that was merged into another one lead there.
    """
    name = name.strip()
    field = "email" if "@" in name else "old_sign_ins__old_id"
    found = spelt(Person.objects.select_related("merged__kept"), field, name).first()
    return found.merged.kept if found is not None and hasattr(found, "merged") else found


def kept_of(people: Collection[int]) -> dict[int, int]:
    """Those of these whose account was merged into another one, and into which. Needs the sign-in wall."""
    return dict(Merge.objects.filter(closed__in=people).values_list("closed_id", "kept_id"))


def all_merged() -> dict[int, int]:
    """Everybody whose account was merged into another one, and into which. Needs the sign-in wall."""
    return dict(Merge.objects.values_list("closed_id", "kept_id"))


def merges_locked(people: Collection[int]) -> dict[int, int]:
    """The closed accounts of these people of which not everything is brought over: into which each was merged.

    The merges are locked until the transaction ends. Needs the sign-in wall.
    """
    rows = Merge.objects.select_for_update().filter(kept__in=people, done_on=None).order_by("pk")
    return dict(rows.values_list("closed_id", "kept_id"))


def account_of(person: Person, email: str) -> Person:
    """The one of a person's accounts with this address, closed or not; their own where none has it. Opens the sign-in wall."""
    with signing_in():
        return spelt(Person.objects.filter(merged__kept=person), "email", email).first() or person


def account(person_id: int) -> Person:
    """An account that somebody has shown to be theirs. Opens its wall. Raises Person.DoesNotExist."""
    with wall_opened(person=person_id):
        return Person.objects.get(pk=person_id)


def other_sign_ins(person_id: int) -> list[str]:
    """The addresses of accounts that were merged into this one: they sign in too. Opens the sign-in wall."""
    with signing_in():
        return list(Person.objects.filter(merged__kept=person_id).order_by("email").values_list("email", flat=True))


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the desk sees it that is to merge it: who it is, and what signs in to it."""

    id: int
    name: str
    email: str
    addresses: Sequence[str]  # of accounts that were merged into it
    old_ids: Sequence[str]
    since: date


def account_named(name: str) -> Account | None:
    """The account that this address or old user id signs in to. Opens the sign-in wall."""
    with signing_in():
        found = by_sign_in_name(name)
        if found is None:
            return None
        return Account(found.pk, str(found), found.email, other_sign_ins(found.pk), old_ids(found), found.created_on)


def was_merged_at_desk(merge_id: int) -> bool:
    """Whether the vendor's staff merged them. Needs the sign-in wall."""
    return Merge.objects.filter(pk=merge_id).exclude(by=None).exists()


@dataclass(frozen=True, slots=True)
class MergedAtDesk:
    """Two accounts that the vendor's staff merged: the addresses, how it was checked, and whether something still waits."""

    kept: str
    closed: str
    checked: str
    on: date
    waits: bool


def merged_at_desk(most: int = 20) -> list[MergedAtDesk]:
    """The newest merges at the desk. Opens the sign-in wall."""
    with signing_in():
        rows = Merge.objects.exclude(by=None).select_related("kept", "closed").order_by("-pk")[:most]
        return [MergedAtDesk(row.kept.email, row.closed.email, row.checked, row.on, row.done_on is None) for row in rows]


def merge_of(merge_id: int, customer: int) -> Merge | None:
    """A merge, if something waits to be brought over with this customer. Needs the sign-in wall."""
    return Merge.objects.filter(pk=merge_id, customers__contains=[customer]).first()


def both_of(merge_id: int) -> tuple[Person, Person]:
    """The account that stayed and the one that was closed. Needs the sign-in wall."""
    merge = Merge.objects.select_related("kept", "closed").get(pk=merge_id)
    return merge.kept, merge.closed


def customers_awaited(merge_id: int) -> list[int]:
    """The customers of which something waits to be brought over. Needs the person's wall, or that of signing in."""
    return Merge.objects.get(pk=merge_id).customers


def merges_running(person_id: int) -> list[Merge]:
    """The merges into this account of which not everything is brought over yet. Opens the sign-in wall."""
    with signing_in():
        return list(Merge.objects.filter(kept=person_id, done_on=None).select_related("closed"))


def staff_roles(person_id: int) -> tuple[Role, ...]:
    """What somebody does for the vendor, now. Needs their own wall."""
    rows = StaffRole.objects.filter(person_id=person_id, ended_on=None)
    return tuple(Role(role) for role in rows.order_by("role").values_list("role", flat=True))


def staff_with(can: Permission) -> list[int]:
    """The people of the staff who may do something, now. Opens the desk's wall for the look."""
    roles = [role.value for role in STAFF_ROLES if can.reach_of[role] in DIRECT]
    with wall_opened(desk=True):
        rows = StaffRole.objects.filter(role__in=roles, ended_on=None).order_by("person_id")
        return list(rows.values_list("person_id", flat=True).distinct())


def gives_roles(role: str) -> bool:
    """Whether somebody with this role may give roles at the desk."""
    return Can.GIVE_STAFF_ROLE.reach_of[Role(role)] in DIRECT


def shown_language(person: Person) -> str:
    """The language that pages and mails use: the person's, or the default where it has no texts."""
    return person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def speak_to(somebody: object) -> bool:
    """Write what follows in the person's language and times in their time zone; a stranger's are the vendor's times alone."""
    if not isinstance(somebody, Person):
        timezone.activate(ZoneInfo(settings.BILLING_ZONE))
        return False
    translation.activate(shown_language(somebody))
    timezone.activate(ZoneInfo(shown_zone(somebody)))
    return True


def shown_zone(person: Person) -> str:
    """The time zone in which times are told: the person's, or the vendor's."""
    return person.time_zone if person.time_zone in zones() else settings.BILLING_ZONE


def myself(person_id: int) -> Person:
    """The person's own row."""
    return Person.objects.get(pk=person_id)


def locked(person_id: int) -> Person:
    """The person's own row as it is now, locked until the transaction ends."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def old_ids(person: Person) -> list[str]:
    """The user ids of the old centre with which the person signs in too. Opens the sign-in wall."""
    with signing_in():  # those of accounts that were merged into this one stayed with them
        rows = OldSignIn.objects.filter(Q(person=person) | Q(person__merged__kept=person))
        return list(rows.order_by("old_id").values_list("old_id", flat=True))
