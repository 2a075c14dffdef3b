"""The nights: each customer once a day, day after day, whatever is killed in between."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from comptoir.kernel import nightly
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.house import move_clock, the_house
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import House, NightOfCustomer, NightRun, Roster
from comptoir.kernel.pause import set_paused
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, customer, raise_curtain

from .stage import work

DAYS = [TODAY + timedelta(days=ahead) for ahead in range(4)]
EVERYTHING = [(day, number, part) for day in DAYS for number in ("5200001", "5200002") for part in ("bill", "tell")]
seen: list[tuple[date, str, str]] = []
breaks: set[tuple[date, str]] = set()


def due_all(ids: Sequence[int], day: date) -> list[int]:
    # the wall is open for these customers, for reading
    return list(Organisation.objects.filter(pk__in=ids).values_list("pk", flat=True))


def bill(actor: Actor, *, day: date) -> None:
    number = Organisation.objects.get().number  # one customer's wall, no more
    if (day, number) in breaks:
        raise ZeroDivisionError
    seen.append((day, number, "bill"))


def tell(actor: Actor, *, day: date) -> None:
    seen.append((day, Organisation.objects.get().number, "tell"))


@pytest.fixture
def cast(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast where commits are real, and two parts of a night that note what they did."""
    seen.clear()
    breaks.clear()
    monkeypatch.setattr(nightly, "PARTS", {})
    nightly.nightly("tell", order=20, due=due_all)(tell)
    nightly.nightly("bill", order=10, due=due_all)(bill)
    return raise_curtain()


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Any]:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as database:
        yield database


def advance(days: int) -> None:
    """Move the clock as the sandbox's page does: with the house's wall open."""
    with wall_opened(house=True):
        move_clock(Actor.operator(), the_house(), to=business_day() + timedelta(days=days))


def run_all(owner: Any, *, patient: bool = False) -> list[str]:
    """Run what waits in the queue, oldest first, until it is empty; jobs that break are left, and named."""
    broken = []
    while True:
        rows = owner.execute(
            "SELECT id, args->>'name', (args->>'organisation_id')::bigint, args->'arguments' FROM procrastinate_jobs "
            "WHERE status = 'todo' AND task_name = 'comptoir.run' AND NOT id = ANY(%s) ORDER BY id LIMIT 1",
            [[pk for pk, _name in broken]],
        ).fetchall()
        if not rows:
            return [name for _pk, name in broken]
        pk, name, organisation, arguments = rows[0]
        body, _own = JOBS[name]
        try:
            body(Actor.job(name, organisation), **arguments)
        except (ZeroDivisionError, FailpointRaised, nightly.NightWaits):
            broken.append((pk, name))
            continue
        owner.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])


def nights() -> list[tuple[date, int, int, int, bool]]:
    rows = NightRun.objects.order_by("day")
    return [(run.day, run.customers, run.done, run.failed, run.finished_at is not None) for run in rows]


def test_the_days_come_one_after_the_other_and_each_customer_once_a_day(cast: Cast, owner: Any) -> None:
    advance(3)
    assert business_day() == TODAY, "the day moves with its night"
    assert run_all(owner) == []
    assert [day for day, _number, _part in seen] == sorted(day for day, _number, _part in seen)
    assert sorted(seen) == sorted(
        (day, number, part) for day in DAYS for number in ("5200001", "5200002") for part in ("bill", "tell")
    )
    for day in DAYS:
        for number in ("5200001", "5200002"):
            assert [part for when, whose, part in seen if (when, whose) == (day, number)] == ["bill", "tell"]
    assert nights() == [(day, 2, 2, 0, True) for day in DAYS]
    assert business_day() == DAYS[-1]
    assert nightly.progress() is None


def test_the_next_move_goes_on_after_the_last_night(cast: Cast, owner: Any) -> None:
    advance(1)
    run_all(owner)
    advance(2)
    run_all(owner)
    assert [run[0] for run in nights()] == DAYS
    assert len(seen) == len(set(seen)) == 16


def test_two_tabs_move_it_once_and_neither_moves_it_back(cast: Cast, owner: Any) -> None:
    with wall_opened(house=True):
        move_clock(Actor.operator(), the_house(), to=DAYS[3])
        move_clock(Actor.operator(), the_house(), to=DAYS[3])
    with wall_opened(house=True), pytest.raises(Refused, match="clock_goes_forward"):
        move_clock(Actor.operator(), the_house(), to=DAYS[1])
    run_all(owner)
    assert len(seen) == len(set(seen)) == 16


@pytest.mark.parametrize("point", ["night.planned", "night.customer", "job.started"])
def test_killed_anywhere_it_goes_on_and_counts_nobody_twice(
    point: str, cast: Cast, owner: Any, monkeypatch: pytest.MonkeyPatch, fresh_database: FreshDatabase
) -> None:
    monkeypatch.setattr(nightly, "AT_ONCE", 1)
    advance(3)
    monkeypatch.setenv("COMPTOIR_FAILPOINT", f"{point}:raise")
    run_all(owner)
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    run_all(owner)
    assert {run[1:] for run in nights()} == {(2, 2, 0, True)}
    assert set(seen) == set(EVERYTHING)
    assert business_day() == DAYS[-1]


def test_a_customer_whose_night_fails_holds_up_nobody_and_loses_no_day(cast: Cast, owner: Any) -> None:
    breaks.add((DAYS[1], "5200001"))
    advance(3)
    assert run_all(owner) == ["kernel.night_of_customer"] * 3, "later nights of that customer wait for the one that failed"
    assert [run[1:] for run in nights()] == [(2, 2, 0, True), *[(2, 1, 1, True)] * 3]
    assert {day for day, number, _part in seen if number == "5200001"} == {DAYS[0]}
    assert {day for day, number, _part in seen if number == "5200002"} == set(DAYS)
    breaks.clear()
    run_all(owner)
    assert nights() == [(day, 2, 2, 0, True) for day in DAYS]
    theirs = [day for day, number, part in seen if (number, part) == ("5200001", "bill")]
    assert theirs == sorted(theirs)
    assert set(theirs) == set(DAYS)
    with wall_opened(read=[cast.nord.pk]):
        assert NightOfCustomer.objects.get().failed_days == []


def test_a_job_that_comes_again_after_its_night_was_counted_does_nothing(cast: Cast, owner: Any) -> None:
    advance(0)
    run_all(owner)
    before = list(seen)
    nightly.night_of_customer(Actor.job("kernel.night_of_customer", cast.nord.pk), day=TODAY.isoformat())
    assert seen == before
    assert nights() == [(TODAY, 2, 2, 0, True)]


def test_customers_with_nothing_to_do_cost_no_job(cast: Cast, owner: Any) -> None:
    nightly.PARTS.clear()
    nightly.nightly("bill", order=10, due=lambda ids, _day: [pk for pk in ids if pk == cast.est.pk])(bill)
    advance(1)
    run_all(owner)
    assert {number for _day, number, _part in seen} == {"5200002"}
    assert nights() == [(day, 1, 1, 0, True) for day in DAYS[:2]]


def test_progress_tells_days_and_customers(cast: Cast, owner: Any) -> None:
    advance(3)
    how_far = nightly.progress()
    assert how_far is not None
    assert (how_far.day, how_far.to, how_far.days, how_far.days_done, how_far.seconds_left) == (None, DAYS[3], 4, 0, None)
    nightly.night(Actor.job("kernel.night", None))
    nightly.night_of_customer(Actor.job("kernel.night_of_customer", cast.nord.pk), day=TODAY.isoformat())
    how_far = nightly.progress()
    assert how_far is not None
    assert (how_far.day, how_far.days_done, how_far.customers, how_far.customers_done) == (TODAY, 0, 2, 1)
    assert how_far.seconds_left is not None


def test_a_paused_house_has_no_nights(cast: Cast, owner: Any) -> None:
    set_paused("restored")
    advance(1)
    assert run_all(owner) == ["kernel.night"]
    assert seen == []
    assert business_day() == TODAY


def test_in_production_the_calendar_begins_the_nights_and_makes_up_for_missed_days(
    cast: Cast, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly.tonight()
    assert not NightRun.objects.exists(), "a sandbox's nights belong to its clock"
    monkeypatch.setattr(settings, "SANDBOX", False)
    for day in (DAYS[0], DAYS[0], DAYS[3]):
        monkeypatch.setattr(nightly, "business_day", lambda day=day: day)
        with transaction.atomic():
            nightly.tonight()
        run_all(owner)
    assert nights() == [(day, 2, 2, 0, True) for day in DAYS]
    assert House.objects.get().business_day == TODAY, "production has no clock to move"


def test_every_customer_is_on_the_roster_whichever_way_they_came(cast: Cast) -> None:
    made = customer("5200009", "Nouveau", "FR")
    assert set(Roster.objects.values_list("pk", flat=True)) == {cast.nord.pk, cast.est.pk, made.pk}


def test_a_worker_runs_the_nights_from_the_queue(cast: Cast, fresh_database: FreshDatabase) -> None:
    # without parts of these tests: another process runs what the program itself has
    advance(2)
    connection.close()
    assert work(fresh_database.app_url).returncode == 0
    assert business_day() == DAYS[2]
    assert all(run[4] for run in nights())
