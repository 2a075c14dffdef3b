"""Adding seats under fire: threads, twins, and a kill at every fail point. Nothing lost, nothing twice."""

import json
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from subprocess import CompletedProcess

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction

from comptoir.billing.actions import numbers
from comptoir.billing.models import Series
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import POINTS
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.actions import seats
from comptoir.subscriptions.queries.seats import subscription_of
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain, subscribe
from tests.visitor import visited

OF_THE_VERB = [name for name in POINTS if name.split(".")[0] in {"door", "gate", "order", "invoice"}]


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        return raise_curtain()


@pytest.fixture
def eight(cast: Cast) -> Cast:
    """The cast with eight subscriptions more, 560000100 to 560000107."""
    with transaction.atomic():
        for n in range(8):
            subscribe(cast.contract, cast.sculpt, f"56000010{n}", seats=1, start=date(2026, 5, 1))
    return cast


def in_threads(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work` in that many threads at once, each with a connection of its own."""
    gate = threading.Barrier(count)

    def one(n: int) -> object:
        try:
            gate.wait()
            return work(n)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def camille(cast: Cast, key: str | None = None) -> Actor:
    """The contract manager, with the wall open in the running transaction."""
    with wall_opened(person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
    assert visit is not None
    open_wall(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id)
    return visit.actor.with_key(key)


def add(cast: Cast, count: int, key: str | None = None, number: str = "560000001") -> str:
    """Add seats in a transaction of its own; returns the order's number."""
    with transaction.atomic():
        actor = camille(cast, key)
        return seats.add_seats(actor, subscription_of(actor, number), add=count, on=TODAY).number


def facts(database: FreshDatabase) -> dict[str, object]:
    """What stands in the tables, asked as the owner."""
    questions = {
        "orders": "SELECT coalesce(sum(seats), 0) FROM subscriptions_order WHERE state = 'settled'",
        "unsettled": "SELECT count(*) FROM subscriptions_order WHERE state <> 'settled'",
        "added": "SELECT coalesce(sum(change_now), 0) FROM subscriptions_seatentry WHERE kind = 'addition'",
        "seats": "SELECT seats_now FROM subscriptions_subscription WHERE number = '560000001'",
        "numbers": "SELECT array_agg(number ORDER BY number) FROM billing_invoice",
        "events": "SELECT count(*) FROM kernel_event WHERE kind = 'seats.added'",
        "jobs": "SELECT count(*) FROM procrastinate_jobs WHERE args->>'name' = 'subscriptions.tell_seats_added'",
    }
    with psycopg.connect(database.owner_url) as owner:
        return {name: owner.execute(question.encode()).fetchone()[0] for name, question in questions.items()}  # type: ignore[index]


def test_32_people_adding_at_once_get_every_seat_and_numbers_without_gaps(cast: Cast, fresh_database: FreshDatabase) -> None:
    answers = in_threads(32, lambda n: add(cast, n % 3 + 1))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    expected = sum(n % 3 + 1 for n in range(32))
    found = facts(fresh_database)
    assert found["orders"] == found["added"] == expected
    assert found["seats"] == 4 + expected
    assert found["numbers"] == [f"F-2026-{n:06d}" for n in range(1, 33)]
    assert (found["events"], found["jobs"], found["unsettled"]) == (32, 32, 0)


def test_32_clicks_with_one_key_add_once_and_get_the_same_answer(cast: Cast, fresh_database: FreshDatabase) -> None:
    answers = in_threads(32, lambda _: add(cast, 3, key="one click"))
    assert answers == ["560000001-1"] * 32
    found = facts(fresh_database)
    assert (found["orders"], found["seats"], found["numbers"], found["jobs"]) == (3, 7, ["F-2026-000001"], 1)


def test_32_orders_over_8_subscriptions_leave_no_gap(eight: Cast, fresh_database: FreshDatabase) -> None:
    answers = in_threads(32, lambda n: add(eight, 1, number=f"56000010{n % 8}"))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert facts(fresh_database)["numbers"] == [f"F-2026-{n:06d}" for n in range(1, 33)]


def test_without_the_lock_of_the_series_numbers_collide(eight: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: the lock off, only the constraint is left, and it refuses."""

    def unlocked(kind: str, on: date) -> Series:
        series, _made = Series.objects.get_or_create(legal_entity=settings.VENDOR.legal_name, kind=kind, year=on.year)
        time.sleep(0.05)
        return series

    add(eight, 1)
    monkeypatch.setattr(numbers, "_locked_series", unlocked)
    answers = in_threads(8, lambda n: add(eight, 1, number=f"56000010{n}"))
    assert any(isinstance(answer, IntegrityError) for answer in answers)


def visit(cast: Cast, database: FreshDatabase, failpoint: str = "") -> CompletedProcess[str]:
    """Post the form in a process of its own."""
    path = f"/c/{cast.nord.number}/subscriptions/560000001/seats/"
    return visited(cast.camille.person_id, path, {"add": 3, "request_key": "the same click"}, database.app_url, failpoint)


@pytest.mark.parametrize("point", OF_THE_VERB)
def test_a_kill_anywhere_loses_nothing_and_doubles_nothing(point: str, cast: Cast, fresh_database: FreshDatabase) -> None:
    connection.close()
    killed = visit(cast, fresh_database, f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between = facts(fresh_database)
    done = 3 if point == "gate.after_commit" else 0
    assert (between["orders"], between["added"], between["unsettled"]) == (done, done, 0)
    assert len(between["numbers"] or []) == (1 if done else 0)  # type: ignore[arg-type]
    again = visit(cast, fresh_database)
    assert json.loads(again.stdout) == {"status": 302, "location": f"/c/{cast.nord.number}/orders/560000001-1/"}
    after = facts(fresh_database)
    assert (after["orders"], after["added"], after["seats"], after["jobs"]) == (3, 3, 7, 1)
    assert after["numbers"] == ["F-2026-000001"]
