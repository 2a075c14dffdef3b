"""Jobs: enqueued in the transaction that causes them, run by `comptoir work`. Behind this thin door stands procrastinate.

A job carries at most one customer; its transaction is opened with that customer's wall.
"""

import logging
from collections.abc import Callable, Collection
from contextvars import ContextVar
from typing import Any

import procrastinate
from django.db import close_old_connections, connection, transaction
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.types import JSONValue

from .actor import Actor
from .failpoints import failpoint
from .walls import open_wall

log = logging.getLogger(__name__)
Job = Callable[..., None]
JOBS: dict[str, tuple[Job, bool]] = {}
LONGEST_WAIT = 300  # seconds between two tries
MOST_TRIES = 2_500  # about a week: the outside may be down for a day
SIGN_OF_LIFE = 3  # seconds between two signs of life of a worker
STALLED_AFTER = 20  # seconds without one, after which its jobs go back to the queue: they may run twice, and work once
PEOPLE, NIGHT = 0, -10  # what somebody waits for overtakes the night, and all that follows from a night
KEPT_FOR = 24 * 7  # hours that a failed job is kept to be looked at
# Inside a worker procrastinate puts its own connection behind `app`; a job that enqueues another one there would let it
# start before its own transaction has committed. This one always writes on Django's connection, in its transaction.
_of_the_transaction = procrastinate.App(connector=DjangoConnector())
_priority: ContextVar[int] = ContextVar("priority", default=PEOPLE)
_priorities: dict[str, int] = {}


class Patience(BaseRetryStrategy):
    """Try again after 2, 4, 8 ... seconds, never more than five minutes apart, for about a week."""

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> RetryDecision | None:
        """When to try again, or None to give up (the job is kept as failed)."""
        if job.attempts >= MOST_TRIES:
            return None
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts + 1, 10), LONGEST_WAIT)})


def job(name: str, *, own_transactions: bool = False, priority: int = PEOPLE) -> Callable[[Job], Job]:
    """Make a job of a function `(actor, **arguments)`.

    It may run more than once (a worker can die after the work and before the note), so it must do its work once. With
    `own_transactions` it opens its own, for work that calls outside between two of them. What it enqueues is never more
    urgent than itself; jobs of one `priority` are begun in the order in which they were enqueued.
    """

    def decorate(body: Job) -> Job:
        JOBS[name], _priorities[name] = (body, own_transactions), priority
        return body

    return decorate


def enqueue(name: str, *, organisation_id: int | None = None, **arguments: str | int | None) -> None:
    """Have a job run after the running transaction commits; if it rolls back, the job never was."""
    if name not in JOBS:
        raise KeyError(f"no job is called {name!r}")
    told: dict[str, JSONValue] = {"name": name, "organisation_id": organisation_id, "arguments": {**arguments}}
    priority = min(_priorities[name], _priority.get())
    _of_the_transaction.configure_task("comptoir.run", allow_unknown=True, priority=priority).defer(**told)


def waiting(name: str, ids: Collection[int]) -> set[int]:
    """Those of these customers for whom a job of that name waits and has not begun: whatever is there now, it will see.

    One that runs does not count: it may have looked already. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'organisation_id')::bigint FROM procrastinate_jobs "
            "WHERE status = 'todo' AND args ->> 'name' = %s AND (args ->> 'organisation_id')::bigint = ANY(%s)",
            [name, list(ids)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def hurry(*names: str) -> None:
    """Have the jobs of these names that wait for their next try run now: what they waited for has come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND scheduled_at IS NOT NULL "
            "AND args ->> 'name' = ANY(%s)",
            [list(names)],
        )


@app.task(name="comptoir.run", retry=Patience(), pass_context=True)
def run_from_queue(context: JobContext, name: str, organisation_id: int | None, arguments: dict[str, Any]) -> None:
    """Run one job; what it enqueues waits behind what is more urgent than itself."""
    before = _priority.set(context.job.priority)
    try:
        run(name, organisation_id, arguments)
    finally:
        _priority.reset(before)


def run(name: str, organisation_id: int | None, arguments: dict[str, Any]) -> None:
    """Run one job with its customer's wall open."""
    close_old_connections()
    body, own_transactions = JOBS[name]
    actor = Actor.job(name, organisation_id)
    failpoint("job.started")
    try:
        if own_transactions:
            body(actor, **arguments)
        else:
            with transaction.atomic():
                within(actor)
                body(actor, **arguments)
    finally:
        close_old_connections()
    failpoint("job.done")


def within(actor: Actor, person_id: int | None = None) -> None:
    """Open the wall of the actor's customer, inside a transaction."""
    read = [] if actor.organisation_id is None else [actor.organisation_id]
    open_wall(read=read, write=actor.organisation_id, person=person_id)


def every(cron: str, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Have a worker call a function at these times, one at a time, in a transaction without a customer."""

    def decorate(body: Callable[[], None]) -> Callable[[], None]:
        @app.periodic(cron=cron)
        @app.task(name=f"comptoir.{name}", queueing_lock=name)
        def run_it(timestamp: int) -> None:
            close_old_connections()
            try:
                with transaction.atomic():
                    body()
            finally:
                close_old_connections()

        return body

    return decorate


@app.periodic(cron="* * * * * */5")  # the last are seconds
@app.task(name="comptoir.pick_up_stalled", queueing_lock="pick_up_stalled", pass_context=True)
async def pick_up_stalled(context: JobContext, timestamp: int) -> None:
    """Give back the jobs of workers that died (kill -9 leaves them `doing` for ever)."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("job %s was left by a dead worker and goes back to the queue", stalled.id)
        await manager.retry_job(stalled)


@app.periodic(cron="17 * * * *")
@app.task(name="comptoir.clear_old", queueing_lock="clear_old", pass_context=True)
async def clear_old(context: JobContext, timestamp: int) -> None:
    """Delete old finished and failed jobs, so that the queue stays small."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_FOR, include_failed=True)
