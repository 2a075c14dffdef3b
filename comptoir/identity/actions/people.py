"""The only code that writes people."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import connection
from django.db.models import ProtectedError
from django.db.models.functions import Lower

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.addresses import is_address
from comptoir.kernel.bulk import BATCH
from comptoir.kernel.clock import now
from comptoir.kernel.encoding import plain_line
from comptoir.kernel.errors import Refused
from comptoir.kernel.mail import forget_mails_to
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.kernel.zones import zones
from comptoir.permissions import Can

from ..models import OldSignIn, Person, StaffRole
from ..queries import by_sign_in_name, gives_roles, kept_of, signing_in, spelt, unconfirmed


@action(Can.CONFIRM_LANGUAGE)
def confirm_language(actor: Actor, person: Person, *, language: str, time_zone: str = "") -> Person:
    """Confirm or change the language that pages, mail and support use, and the time zone of times (F1.6).

    An empty time zone stays as it is. Raises Refused `language_unknown` for a language that has no texts, `time_zone_unknown`.
    """
    if language not in dict(settings.LANGUAGES):
        offered = ", ".join(code for code, _name in settings.LANGUAGES)
        raise Refused("language_unknown", params={"language": language, "offered": offered}, field="language", status=422)
    if time_zone and time_zone not in zones():
        raise Refused("time_zone_unknown", params={"time_zone": time_zone[:60]}, field="time_zone", status=422)
    person.language, person.language_confirmed_at = language, now()
    person.time_zone = time_zone or person.time_zone
    person.save(update_fields=["language", "language_confirmed_at", "time_zone"])
    record(Events.LANGUAGE_CONFIRMED, person, language=language)
    return person


@action(Can.TAKE_TOUR)
def keep_tour(actor: Actor, person: Person, *, step: int, ended: bool) -> Person:
    """Keep where somebody is in the tour of the portal, or that they need it no more; begun again it is only begun again."""
    person.tour_step = step
    if ended and person.tour_ended_at is None:
        person.tour_ended_at = now()
    person.save(update_fields=["tour_step", "tour_ended_at"])
    record(Events.TOUR_KEPT, person, step=step, ended=ended)
    return person


@action(Can.REGISTER_PERSON)
def note_address(actor: Actor, house: House, *, email: str, language: str, on: date) -> Person:
    """A person who can't sign in yet, so that a code can be mailed to them; the house's lock keeps twins apart."""
    person = spelt(Person.objects.all(), "email", email).first()
    if person is None:
        person = Person(email=email, language=language, created_on=on, is_active=False, password=make_password(None))
        person.save()
    elif not person.is_active:
        person.created_on = on  # they asked again: the days until they are forgotten count anew
        person.save(update_fields=["created_on"])
    # what is written from here on is the person's own
    open_wall(person=person.pk)
    record(Events.REGISTRATION_ASKED, person, on=on)
    return person


@action(Can.FORGET_UNCONFIRMED)
def forget_unconfirmed(actor: Actor, house: House, *, people: Sequence[int], before: date, on: date) -> House:
    """Erase those of them who typed an address before that day and never confirmed it, with the mails to them.

    Whoever has ever been in stays, whoever confirms at this moment too, and whoever somebody else's rows name. The log keeps a
    bare number.
    """
    count = 0
    for person in unconfirmed(before).filter(pk__in=people).select_for_update():
        with suppress(ProtectedError), wall_opened(person=person.pk):
            person_id = person.pk
            person.delete()
            forget_mails_to(person_id)
            count += 1
    record(Events.UNCONFIRMED_FORGOTTEN, house, on=on, count=count)
    return house


@action(Can.CONFIRM_ADDRESS)
def confirm_address(actor: Actor, person: Person, *, first_name: str, last_name: str, language: str, on: date) -> Person:
    """The address is theirs: they sign in with it from now on, under the name that they gave (P13)."""
    if person.is_active:
        raise Refused("person_known")
    person.first_name, person.last_name = plain_line(first_name), plain_line(last_name)
    person.is_active, person.language, person.language_confirmed_at = True, language, now()
    person.save(update_fields=["first_name", "last_name", "is_active", "language", "language_confirmed_at"])
    record(Events.PERSON_REGISTERED, person, on=on)
    return person


@action(Can.UPGRADE_PASSWORD)
def upgrade_password(actor: Actor, person: Person, *, hashed: str) -> Person:
    """Keep the password of the old centre as ours are kept, at the first sign-in with it (F1.5)."""
    was, _salt, _digest = person.password.split("$", 2)
    person.password = hashed
    person.save(update_fields=["password"])
    record(Events.PASSWORD_UPGRADED, person, was=was)
    return person


@action(Can.GIVE_STAFF_ROLE, step_up=True)
def give_staff_role(actor: Actor, house: House, *, email: str, name: str, role: str, on: date) -> StaffRole:
    """Let somebody work at the desk from `on`; who has no sign-in yet gets one under `name`, and a password by mail.

    Raises Refused `email_malformed`, `person_unknown` (no such person, and no name), `staff_role_held`.
    """
    with signing_in():
        person = (by_sign_in_name(email) if "@" in email else None) or _new_person(email, name, on)
    if StaffRole.objects.filter(person=person, role=role, ended_on=None).exists():
        raise Refused("staff_role_held", params={"email": person.email})
    given = StaffRole.objects.create(person=person, name=str(person), role=role, given_on=on)
    record(Events.STAFF_ROLE_GIVEN, house, role=role, person=person.pk)
    return given


def _new_person(email: str, name: str, on: date) -> Person:
    if not is_address(email):
        raise Refused("email_malformed", params={"email": email}, status=422)
    first, _space, last = name.strip().rpartition(" ")
    if not last:
        raise Refused("person_unknown", params={"email": email}, status=422)
    told = {"first_name": first, "last_name": last, "password": make_password(None), "created_on": on}
    return Person.objects.create(email=email.lower(), **told)


@action(Can.GIVE_STAFF_ROLE, step_up=True)
def end_staff_role(actor: Actor, house: House, *, email: str, role: str, on: date) -> StaffRole:
    """End somebody's role at the desk; their next click finds it closed.

    Raises Refused `staff_role_not_held`, and `last_administrator` where nobody would be left who can give roles.
    """
    with signing_in():
        held = spelt(StaffRole.objects.filter(role=role, ended_on=None), "person__email", email).first()
    if held is None:
        raise Refused("staff_role_not_held", params={"email": email})
    # the lock of the house keeps two from ending each other's
    others = StaffRole.objects.filter(ended_on=None).exclude(pk=held.pk)
    if gives_roles(role) and not any(map(gives_roles, others.values_list("role", flat=True))):
        raise Refused("last_administrator")
    held.ended_on = max(on, held.given_on)
    held.save(update_fields=["ended_on"])
    record(Events.STAFF_ROLE_ENDED, house, role=role, person=held.person_id)
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody whom a customer adds, as it was typed there."""

    email: str
    first_name: str
    last_name: str
    language: str


@step
def find_or_make_people(newcomers: Sequence[Newcomer], on: date) -> dict[str, int]:
    """The id of whoever has each address, by the address in lower case; who is new can sign in by a mailed code from now on.

    Whether somebody was known is not told, and what they are called is not changed: one customer learns nothing of another.
    """
    told = {each.email.lower(): each for each in newcomers}
    with signing_in():
        found = _kept(_people_at(told))
        # in one order everywhere, so that two who add the same people don't wait for each other
        new = [_person_at(email, told[email], on) for email in sorted(told) if email not in found]
        Person.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
        # who once asked for a code and never typed it: whoever is added shows by the next one that the address is theirs
        Person.objects.filter(pk__in=found.values(), is_active=False).update(is_active=True)
        return found | (_people_at([person.email for person in new]) if new else {})


@step
def adopt_name(person: Person, name: str) -> None:
    """Who has no name yet is called as whoever added them wrote; they can change it."""
    if person.full_name or "@" in name:  # an address stands where no name was told
        return
    person.first_name, _space, person.last_name = name.partition(" ")
    person.save(update_fields=["first_name", "last_name"])


@step
def lead_on(people: Collection[int]) -> dict[int, int]:
    """Those of these whose account was merged, and into which. Needs the sign-in wall.

    None of them is merged until this transaction ends: whoever gives somebody something gives it to the account that stays.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM identity_person WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(people)])
    return kept_of(people)


def _kept(found: dict[str, int]) -> dict[str, int]:
    kept = lead_on(found.values())
    return {key: kept.get(pk, pk) for key, pk in found.items()}


def _people_at(emails: Iterable[str]) -> dict[str, int]:
    found = Person.objects.annotate(key=Lower("email")).filter(key__in=list(emails))
    return dict(found.values_list("key", "pk"))


def _person_at(email: str, told: Newcomer, on: date) -> Person:
    names = {"first_name": told.first_name, "last_name": told.last_name, "language": told.language}
    # as `make_password(None)` says that there is none, made ten times as fast: lists have thousands
    return Person(email=email, **names, created_on=on, password=f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_urlsafe(30)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerPerson:
    """Somebody of an old centre. `password` is a hash that a hasher of ours can check, or empty where there is none."""

    email: str
    first_name: str
    last_name: str
    language: str
    password: str
    created_on: date
    old_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Who was brought: everybody's id by the e-mail that they came with, and what was not there before."""

    ids: dict[str, int]
    new: frozenset[str]
    new_old_ids: int


@step
def import_people(people: Sequence[FormerPerson]) -> People:
    """Add those who are not here yet (rules 12).

    Whoever has one of the old ids or the e-mail is here already, and keeps what they have.
    """
    owners, ids = _kept(_owners_of_old_ids(people)), _kept(_by_email(people))
    for person in people:
        # an address may have been changed here since: the old id still says who it is
        for owner in (owners[old_id.lower()] for old_id in person.old_ids if old_id.lower() in owners):
            ids[person.email] = owner
    new = [person for person in people if person.email not in ids]
    made = Person.objects.bulk_create(map(_person_of, new), batch_size=BATCH)
    ids.update({person.email: person.pk for person in made})
    rows = [
        OldSignIn(person_id=ids[person.email], old_id=old_id)
        for person in people
        for old_id in person.old_ids
        if old_id.lower() not in owners
    ]
    OldSignIn.objects.bulk_create(rows, batch_size=BATCH)
    return People(ids, frozenset(person.email for person in new), len(rows))


def _owners_of_old_ids(people: Sequence[FormerPerson]) -> dict[str, int]:
    told = {old_id.lower() for person in people for old_id in person.old_ids}
    found = OldSignIn.objects.annotate(key=Lower("old_id")).filter(key__in=told)
    return dict(found.values_list("key", "person_id"))


def _by_email(people: Sequence[FormerPerson]) -> dict[str, int]:
    found = Person.objects.annotate(key=Lower("email")).filter(key__in=[person.email for person in people])
    return dict(found.values_list("key", "pk"))


def _person_of(person: FormerPerson) -> Person:
    return Person(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
        password=person.password or make_password(None),
        created_on=person.created_on,
    )
