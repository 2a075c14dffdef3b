"""Floating seats and licence files under fire: 40 threads for 10 seats, kills. Never more in use than there are (rules 9)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from signal import SIGKILL

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from comptoir.entitlements.actions.leases import borrow_lease, keep_lease, take_lease
from comptoir.entitlements.actions.offline import issue_file
from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.entitlements.models import Device, Lease
from comptoir.entitlements.tests.test_seats_survive import people, sofia
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, member, raise_curtain, seat
from tests.depth import times
from tests.forking import forked

ROUNDS = times(1, 30)
PEOPLE, SEATS = 40, 10
NUMBER, PRINT = "560000001", "0123456789abcdef"
LIVING = b"SELECT count(*) FROM entitlements_lease WHERE ended_at IS NULL"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    """Forty people share ten seats."""
    with transaction.atomic():
        made = raise_curtain()
        made.sculpt.sharing = "multi_user"
        made.sculpt.save()
        for n in range(PEOPLE):
            member(made.nord, f"Nina{n:02}", "Novak")
        sofia(made)
        Subscription.objects.filter(number=NUMBER).update(seats_now=SEATS, seats_at_renewal=SEATS)
    return made


def count(database: FreshDatabase, question: bytes = LIVING) -> int:
    """A figure, asked as the owner."""
    with psycopg.connect(database.owner_url) as owner:
        row = owner.execute(question).fetchone()
    assert row is not None
    return int(row[0])


def as_member(cast: Cast, pk: int) -> Actor:
    """A member, with the wall open in the running transaction."""
    with wall_opened(read=[cast.nord.pk]):
        person = Membership.objects.get(pk=pk).person_id
    with wall_opened(person=person):
        visit = Ports.grants.visit(person, cast.nord.number)
    assert visit is not None
    open_wall(read=[cast.nord.pk], write=cast.nord.pk, person=person)
    return visit.actor


def take(cast: Cast, pk: int) -> int:
    with transaction.atomic():
        actor = as_member(cast, pk)
        row = Subscription.objects.get(number=NUMBER)
        return take_lease(actor, row, fingerprint=PRINT, name="Laptop", on=TODAY).pk


def test_40_threads_for_10_floating_seats_take_10_in_every_round(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)
    for _ in range(ROUNDS):
        answers = in_threads(PEOPLE, lambda at: take(cast, everybody[at]))
        refused = [answer for answer in answers if isinstance(answer, Refused) and answer.code == "lease_none_free"]
        taken = [answer for answer in answers if isinstance(answer, int)]
        assert (count(fresh_database), len(refused), len(taken)) == (SEATS, PEOPLE - SEATS, SEATS)
        with psycopg.connect(fresh_database.owner_url) as owner:
            owner.execute(b"DELETE FROM entitlements_lease")


def test_people_and_leases_that_come_at_once_never_count_more_than_the_seats(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)[:24]

    def either(at: int) -> object:
        if at % 2:
            return take(cast, everybody[at])
        with transaction.atomic():
            return assign(sofia(cast), Subscription.objects.get(number=NUMBER), members=[everybody[at]], on=TODAY)

    in_threads(len(everybody), either)
    seated = count(fresh_database, b"SELECT count(*) FROM entitlements_assignment WHERE ended_on IS NULL AND NOT waiting")
    assert seated == SEATS  # people come first; as many leases as were taken before them run out
    with transaction.atomic():
        sofia(cast)
        for lease in Lease.objects.filter(ended_at=None).select_related("membership"):
            with pytest.raises(Refused, match="lease_outranked"), transaction.atomic():
                keep_lease(as_member(cast, lease.membership_id or 0), lease, on=TODAY, at=now())


def count_then_insert(cast: Cast, pk: int, meet: Callable[[], object]) -> None:
    """The unguarded form: look, then write."""
    with transaction.atomic():
        actor = as_member(cast, pk)
        row = Subscription.objects.get(number=NUMBER)
        if Lease.objects.filter(subscription=row, ended_at=None).count() < row.seats_now:
            meet()
            heard = {"taken_on": TODAY, "taken_at": now(), "heard_on": TODAY, "heard_at": now()}
            free_at = now() + timedelta(minutes=settings.LEASE_MINUTES)
            whose = {"organisation_id": actor.customer_id, "subscription": row, "membership_id": pk}
            Lease.objects.create(**whose, **heard, free_at=free_at, number=str(pk), fingerprint=PRINT, device_name="Laptop")


def test_without_the_guard_more_are_taken_and_the_database_alone_holds_it(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)[:14]
    meet = threading.Barrier(len(everybody))
    answers = in_threads(len(everybody), lambda at: count_then_insert(cast, everybody[at], meet.wait))
    assert count(fresh_database) == SEATS
    assert {type(answer) for answer in answers if answer is not None} == {IntegrityError}
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(b"DELETE FROM entitlements_lease")
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(b"ALTER TABLE entitlements_lease DISABLE TRIGGER lease_within_seats_taken")
    meet = threading.Barrier(len(everybody))
    in_threads(len(everybody), lambda at: count_then_insert(cast, everybody[at], meet.wait))
    assert count(fresh_database) == len(everybody)


def killed(body: Callable[[], object], database: FreshDatabase, point: str) -> None:
    answer = forked(body, database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert answer.returncode == -SIGKILL, answer.stderr


def borrow(cast: Cast, pk: int, lease: int, device: int) -> None:
    with transaction.atomic():
        actor = as_member(cast, pk)
        row = Subscription.objects.get(number=NUMBER)
        borrow_lease(actor, row, lease=lease, device=device, days=7, on=TODAY)


def a_device(cast: Cast, pk: int) -> int:
    with transaction.atomic():
        actor = as_member(cast, pk)
        seen = {"activated_at": now(), "last_seen_at": now(), "digest": str(pk), "name": "Laptop", "fingerprint": PRINT}
        return Device.objects.create(organisation_id=actor.customer_id, membership_id=pk, product=cast.sculpt, place=1, **seen).pk


def test_a_process_that_dies_leaves_no_half_a_lease(cast: Cast, fresh_database: FreshDatabase) -> None:
    one = people(fresh_database)[0]
    killed(lambda: take(cast, one), fresh_database, "lease.taken")
    assert count(fresh_database) == 0
    lease, device = take(cast, one), a_device(cast, one)
    killed(lambda: borrow(cast, one, lease, device), fresh_database, "lease.borrowed")
    assert count(fresh_database, b"SELECT count(*) FROM entitlements_filenumber") == 0
    assert count(fresh_database, b"SELECT count(*) FROM entitlements_lease WHERE borrowed_until IS NOT NULL") == 0
    borrow(cast, one, lease, device)
    assert count(fresh_database, b"SELECT count(*) FROM entitlements_filenumber") == 1


def test_a_seat_that_is_taken_while_the_process_dies_is_there_with_its_file(cast: Cast, fresh_database: FreshDatabase) -> None:
    one = people(fresh_database)[0]
    revoked = b"SELECT count(*) FROM entitlements_filenumber WHERE revoked_at IS NOT NULL"
    with transaction.atomic():
        sofia(cast)
        seat(cast.subscription, Membership.objects.get(pk=one))
    device = a_device(cast, one)
    with transaction.atomic():
        issue_file(as_member(cast, one), Subscription.objects.get(number=NUMBER), device=device, on=TODAY)

    def take_it() -> None:
        with transaction.atomic():
            take_back(sofia(cast), Subscription.objects.get(number=NUMBER), members=[one], on=TODAY)

    killed(take_it, fresh_database, "licence_file.revoked")
    living = b"SELECT count(*) FROM entitlements_assignment WHERE ended_on IS NULL AND NOT waiting"
    assert (count(fresh_database, living), count(fresh_database, revoked)) == (1, 0)
    take_it()
    assert (count(fresh_database, living), count(fresh_database, revoked)) == (0, 1)
