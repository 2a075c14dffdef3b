"""Devices under fire: never more than three, one in use at a time, nothing by a verb that is killed (rules 9)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction

from comptoir.entitlements.actions.licences import activate, take_over, use
from comptoir.entitlements.models import Device
from comptoir.entitlements.queries.bearers import inside, person_in
from comptoir.entitlements.rules.licences import DEVICES_EACH
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain, seat
from tests.forking import forked

THREADS, DEVICES = 40, 10


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        made = raise_curtain()
        seat(made.subscription, made.emil)
    return made


def told(database: FreshDatabase, question: str = "ended_at IS NULL") -> list[str]:
    """The names of devices, asked as the owner."""
    with psycopg.connect(database.owner_url) as owner:
        rows = owner.execute(f"SELECT name FROM entitlements_device WHERE {question} ORDER BY id".encode()).fetchall()
    return [name for (name,) in rows]


def activated(cast: Cast, nth: int, key: str | None = None) -> Device:
    """Emil activates his n-th device."""
    with transaction.atomic():
        with wall_opened(person=cast.emil.person_id):
            emil = Membership.objects.get(pk=cast.emil.pk)
        actor = person_in(emil, key)
        with inside(actor):
            what = {"product": "SCLT", "fingerprint": f"device-{nth:016}", "name": f"Device {nth}", "platform": ""}
            return activate(actor, emil, **what, version="", digest=f"digest-{nth}-{threading.get_ident()}", on=TODAY)


def began(cast: Cast, name: str, verb: Callable[..., Device]) -> Device:
    """Emil begins to use a device, or takes the use over."""
    with transaction.atomic():
        actor = person_in(cast.emil)
        with inside(actor):
            device = Device.objects.select_related("product").get(name=name)
            more = {"on": TODAY} if verb is take_over else {}
            return verb(actor, device, at=now(), **more)


def test_forty_threads_activate_ten_devices_and_three_live(cast: Cast, fresh_database: FreshDatabase) -> None:
    answers = in_threads(THREADS, lambda at: activated(cast, at % DEVICES))
    living = told(fresh_database)
    assert (len(living), len(set(living))) == (DEVICES_EACH, DEVICES_EACH)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {answer.code for answer in refused} == {"devices_all_taken"}
    assert len(refused) == THREADS - THREADS // DEVICES * DEVICES_EACH
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)]


def count_then_insert(cast: Cast, nth: int, meet: Callable[[], object], *, place: int) -> None:
    """The unguarded form: look, then write."""
    with transaction.atomic():
        actor = person_in(cast.emil)
        with inside(actor):
            own = {"organisation_id": actor.customer_id, "membership": cast.emil, "product": cast.sculpt}
            if Device.objects.filter(**own, ended_at=None).count() < DEVICES_EACH:
                meet()
                days = {"activated_at": now(), "last_seen_at": now()}
                Device.objects.create(**own, **days, place=place, fingerprint=f"f{nth}", name=f"Device {nth}", digest=f"d{nth}")


def test_without_the_lock_the_database_alone_holds_it_and_without_its_index_nobody_does(
    cast: Cast, fresh_database: FreshDatabase
) -> None:
    meet = threading.Barrier(DEVICES)
    answers = in_threads(DEVICES, lambda at: count_then_insert(cast, at, meet.wait, place=at % DEVICES_EACH + 1))
    assert len(told(fresh_database)) == DEVICES_EACH
    assert {type(answer) for answer in answers if answer is not None} == {IntegrityError}
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(b"DELETE FROM entitlements_device")
        owner.execute(b"DROP INDEX one_device_in_a_place")
    meet = threading.Barrier(DEVICES)
    in_threads(DEVICES, lambda at: count_then_insert(cast, at, meet.wait, place=at % DEVICES_EACH + 1))
    assert len(told(fresh_database)) == DEVICES


def test_one_device_is_in_use_however_many_begin_at_once(cast: Cast, fresh_database: FreshDatabase) -> None:
    names = [activated(cast, nth).name for nth in range(DEVICES_EACH)]
    answers = in_threads(12, lambda at: began(cast, names[at % DEVICES_EACH], use))
    assert len(told(fresh_database, "in_use")) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"device_in_use_elsewhere"}
    assert not [answer for answer in answers if isinstance(answer, IntegrityError)]
    in_threads(12, lambda at: began(cast, names[at % DEVICES_EACH], take_over))
    assert len(told(fresh_database, "in_use")) == 1


def look_then_use(cast: Cast, name: str, meet: Callable[[], object]) -> None:
    """The unguarded form of beginning to use."""
    with transaction.atomic():
        actor = person_in(cast.emil)
        with inside(actor):
            if not Device.objects.filter(membership=cast.emil, in_use=True, used_at__gt=now() - timedelta(minutes=15)).exists():
                meet()
                Device.objects.filter(name=name).update(in_use=True, used_at=now())


def test_without_the_lock_and_its_index_two_are_in_use(cast: Cast, fresh_database: FreshDatabase) -> None:
    names = [activated(cast, nth).name for nth in range(2)]
    meet = threading.Barrier(2)
    answers = in_threads(2, lambda at: look_then_use(cast, names[at], meet.wait))
    assert len(told(fresh_database, "in_use")) == 1
    assert [type(answer) for answer in answers if answer is not None] == [IntegrityError]
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(b"UPDATE entitlements_device SET in_use = false")
        owner.execute(b"DROP INDEX one_device_in_use")
    meet = threading.Barrier(2)
    in_threads(2, lambda at: look_then_use(cast, names[at], meet.wait))
    assert len(told(fresh_database, "in_use")) == 2


@pytest.mark.parametrize("point", ["door.locked", "device.activated", "door.recorded"])
def test_an_activation_that_is_killed_leaves_nothing_and_is_done_once_afterwards(
    point: str, cast: Cast, fresh_database: FreshDatabase
) -> None:
    killed = forked(lambda: activated(cast, 1, "once"), fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -9, killed.stderr
    assert told(fresh_database, "true") == []
    first, twin = activated(cast, 1, "once"), activated(cast, 1, "once")
    assert first.pk == twin.pk
    assert told(fresh_database) == ["Device 1"]


def test_a_take_over_that_is_killed_leaves_the_use_where_it_was(cast: Cast, fresh_database: FreshDatabase) -> None:
    names = [activated(cast, nth).name for nth in range(2)]
    began(cast, names[0], use)
    point = "device.taken_over:kill"
    killed = forked(lambda: began(cast, names[1], take_over), fresh_database.app_url, COMPTOIR_FAILPOINT=point)
    assert killed.returncode == -9, killed.stderr
    assert told(fresh_database, "in_use") == [names[0]]
    assert began(cast, names[1], take_over).in_use
    assert told(fresh_database, "in_use") == [names[1]]
