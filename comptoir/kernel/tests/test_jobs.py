"""Jobs: born with the transaction that causes them, done once though workers die, inside one customer's wall."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import procrastinate
import procrastinate.testing
import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from comptoir.contracts.models import Contract
from comptoir.kernel import jobs
from comptoir.kernel.actor import Actor, ActorKind
from comptoir.kernel.jobs import JOBS, NIGHT, PEOPLE, Patience, clear_old, enqueue, job, pick_up_stalled, run, run_from_queue
from comptoir.kernel.mail import Recipient, write_rendered
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain

from .stage import inside, work

Owner = psycopg.Connection[tuple[Any, ...]]
seen: list[tuple[str, int | None, int, str]] = []


@job("test.look")
def look(actor: Actor, *, word: str) -> None:
    seen.append((actor.log_name, actor.organisation_id, Contract.objects.count(), word))


@job("test.break")
def break_after_writing(actor: Actor) -> None:
    Contract.objects.filter(number="110000001").update(support_level="priority")
    raise ZeroDivisionError


@job("test.alone", own_transactions=True)
def alone(actor: Actor) -> None:
    seen.append((actor.log_name, actor.organisation_id, int(connection.in_atomic_block), ""))


@job("test.pass_on", priority=NIGHT)
def pass_on(actor: Actor) -> None:
    enqueue("test.look", word="after the night")


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    seen.clear()
    return raise_curtain()


@pytest.fixture
def owner(committed: Cast, fresh_database: FreshDatabase) -> Iterator[Owner]:
    """Sees the queue and every row from outside."""
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as database:
        yield database


def queue(owner: Owner) -> list[str]:
    """The states of the jobs that a test wrote, oldest first; a worker may have added a night's own, as the hour has it."""
    found = owner.execute(
        "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'comptoir.run' AND args ->> 'name' = ANY(%s) ORDER BY id",
        [["test.look", "test.break", "test.alone", "kernel.hand_over"]],
    )
    return [row[0] for row in found.fetchall()]


def write_mail(cast: Cast) -> None:
    to = Recipient(cast.camille.person_id, cast.camille.email, "Camille Morel", "en")
    write_rendered(to, "Seats added", "Three more.\n", once="seats:1", language="en", organisation_id=cast.nord.pk)


def mails(owner: Owner) -> list[tuple[Any, ...]]:
    return owner.execute("SELECT once, state FROM kernel_message WHERE once LIKE 'seats:%'").fetchall()


def test_a_job_is_born_when_its_transaction_commits(committed: Cast, owner: Owner) -> None:
    with transaction.atomic():
        enqueue("test.look", organisation_id=committed.nord.pk, word="x")
        assert queue(owner) == []
    assert queue(owner) == ["todo"]


def test_a_job_of_work_that_was_rolled_back_never_was(committed: Cast, owner: Owner) -> None:
    with suppress(ZeroDivisionError), inside(committed.camille):
        write_mail(committed)
        raise ZeroDivisionError
    assert queue(owner) == mails(owner) == []


def test_what_a_job_enqueues_inside_a_worker_waits_for_its_transaction_too(committed: Cast, owner: Owner) -> None:
    elsewhere = procrastinate.testing.InMemoryConnector()
    with app.replace_connector(elsewhere), transaction.atomic():  # as a worker does
        enqueue("test.look", organisation_id=committed.nord.pk, word="x")
        assert queue(owner) == []
    assert queue(owner) == ["todo"]
    assert elsewhere.jobs == {}


def test_a_job_that_nobody_knows_is_a_bug(db: None) -> None:
    with pytest.raises(KeyError, match="no job is called"):
        enqueue("test.unheard_of")


def test_a_job_is_inside_its_customers_wall_and_no_other(committed: Cast) -> None:
    run("test.look", committed.nord.pk, {"word": "a"})
    run("test.look", committed.est.pk, {"word": "b"})
    run("test.look", None, {"word": "c"})
    assert seen == [
        ("job:test.look", committed.nord.pk, 2, "a"),
        ("job:test.look", committed.est.pk, 1, "b"),
        ("job:test.look", None, 0, "c"),
    ]
    assert not Contract.objects.exists(), "the wall shuts with the job"


def test_a_job_that_breaks_leaves_nothing(committed: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        run("test.break", committed.nord.pk, {})
    with wall_opened(read=[committed.nord.pk]):
        assert not Contract.objects.filter(support_level="priority").exists()


def test_a_job_may_open_its_own_transactions(committed: Cast) -> None:
    run("test.alone", committed.nord.pk, {})
    assert seen == [("job:test.alone", committed.nord.pk, 0, "")]


def test_a_job_acts_as_a_job() -> None:
    actor = Actor.job("test.look", 5)
    assert (actor.kind, actor.organisation_id, actor.person_id) == (ActorKind.JOB, 5, None)


@pytest.mark.parametrize(("attempts", "wait"), [(0, 2), (1, 4), (5, 64), (8, 300), (500, 300)])
def test_a_job_that_fails_comes_again_later_and_later(attempts: int, wait: int) -> None:
    tried = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
    decision = Patience().get_retry_decision(exception=OSError(), job=tried)
    assert decision is not None
    assert decision.retry_at is not None
    assert round((decision.retry_at - procrastinate.utils.utcnow()).total_seconds()) == wait


def test_after_about_a_week_a_job_is_given_up_and_kept() -> None:
    tried = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=jobs.MOST_TRIES)
    assert Patience().get_retry_decision(exception=OSError(), job=tried) is None


def test_what_somebody_waits_for_overtakes_a_night_and_what_follows_from_it(committed: Cast, owner: Owner) -> None:
    enqueue("test.pass_on")
    enqueue("test.look", word="somebody waits")
    first = owner.execute("SELECT args -> 'arguments' ->> 'word' FROM procrastinate_fetch_job_v2(NULL, NULL)").fetchone()
    assert first == ("somebody waits",)
    run_from_queue.func(SimpleNamespace(job=SimpleNamespace(priority=NIGHT)), "test.pass_on", None, {})
    run("test.pass_on", None, {})  # not from the queue, so nothing is inherited
    told = "SELECT priority FROM procrastinate_jobs WHERE args ->> 'name' = 'test.look' ORDER BY id"
    assert owner.execute(told).fetchall() == [(PEOPLE,), (NIGHT,), (PEOPLE,)]


def test_a_worker_runs_what_is_ready_and_forgets_it(committed: Cast, owner: Owner, fresh_database: FreshDatabase) -> None:
    with inside(committed.camille):
        write_mail(committed)
    ended = work(fresh_database.app_url)
    assert ended.returncode == 0, ended.stderr
    assert mails(owner) == [("seats:1", Message.State.KEPT)]
    assert queue(owner) == []


@pytest.mark.parametrize(("point", "after_the_kill"), [("job.started", Message.State.WAITING), ("job.done", Message.State.KEPT)])
def test_a_worker_killed_in_a_job_leaves_it_to_the_next_one_which_does_it_once(
    point: str,
    after_the_kill: str,
    committed: Cast,
    owner: Owner,
    fresh_database: FreshDatabase,
) -> None:
    with inside(committed.camille):
        write_mail(committed)
    killed = work(fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -9
    assert queue(owner) == ["doing"]
    assert mails(owner) == [("seats:1", after_the_kill)]
    before = owner.execute("SELECT handed_over_at FROM kernel_message").fetchone()

    # a worker that works still holds its jobs
    _tidy(pick_up_stalled)
    assert queue(owner) == ["doing"]
    owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    _tidy(pick_up_stalled)
    assert queue(owner) == ["todo"]

    ended = work(fresh_database.app_url)
    assert ended.returncode == 0, ended.stderr
    assert queue(owner) == []
    assert mails(owner) == [("seats:1", Message.State.KEPT)]
    if point == "job.done":
        assert owner.execute("SELECT handed_over_at FROM kernel_message").fetchone() == before, "it is not done again"


def test_old_jobs_are_cleared_and_young_ones_kept(committed: Cast, owner: Owner) -> None:
    for _ in range(2):
        enqueue("test.look", word="x")
    owner.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    owner.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    owner.execute(
        "UPDATE procrastinate_events SET at = at - interval '8 days' WHERE job_id = (SELECT min(id) FROM procrastinate_jobs)"
    )
    _tidy(clear_old)
    assert queue(owner) == ["failed"]


def test_every_job_of_the_house_is_of_one_context() -> None:
    names = [name for name in JOBS if not name.startswith("test.")]
    assert all(JOBS[name][0].__module__.split(".")[1] for name in names)
    assert "kernel.hand_over" in names


def _tidy(task: Any) -> None:
    async def once() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
            async with worker.open_async():
                await task.func(SimpleNamespace(app=worker), 0)

    asyncio.run(once())
