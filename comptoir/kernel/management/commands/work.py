"""`comptoir work`: a worker for the jobs. Several may run, on one machine or many."""

import asyncio
import logging
import os
import signal
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition

from comptoir.kernel.jobs import SIGN_OF_LIFE, STALLED_AFTER
from comptoir.kernel.safety import refuse_unsafe_start

log = logging.getLogger(__name__)
# Seconds: a job waits so long at most where the database's notice was missed.
POLL_SECONDS = 0.2
RETRY_SECONDS = 1.0
# A connection keeps plans that were made for the tables as they were then; it is closed before they have grown much.
OLDEST_CONNECTION_SECONDS = 30
READY = """
SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS ready
"""


class Command(BaseCommand):
    """Run jobs until SIGTERM; jobs that run are finished first."""

    help = "Run the jobs until SIGTERM or Ctrl-C; several may run."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many jobs at a time, and whether to stop when none is left."""
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default 4)")
        parser.add_argument("--until-empty", action="store_true", help="stop when no job is ready")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check that the start is safe, then work; the database may go away and come back meanwhile."""
        if options["concurrency"] < 1:
            raise CommandError("--concurrency takes 1 or more")
        refuse_unsafe_start()
        connections.close_all()
        for settings in connections.settings.values():
            settings["CONN_MAX_AGE"] = min(settings["CONN_MAX_AGE"], OLDEST_CONNECTION_SECONDS)
        asyncio.run(_work(options["concurrency"], wait=not options["until_empty"]))


async def _work(concurrency: int, *, wait: bool) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    while not told_to_stop.is_set():
        working = asyncio.create_task(_run_jobs(concurrency, wait=wait))
        stopping = asyncio.create_task(told_to_stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        # Cancelling a worker lets its running jobs finish.
        working.cancel()
        stopping.cancel()
        try:
            await working
        except (ConnectorException, psycopg.OperationalError) as reason:
            if not wait:
                raise CommandError(f"the database did not answer: {reason}") from None
        except asyncio.CancelledError:
            return
        if not wait:
            return
        if not told_to_stop.is_set():
            log.warning("the database does not answer, trying again")
            await asyncio.sleep(RETRY_SECONDS)


async def _run_jobs(concurrency: int, *, wait: bool) -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        async with worker.open_async():
            ready = True
            while ready:  # without `wait` a worker stops while jobs run that may enqueue more
                await worker.run_worker_async(
                    name=f"work-{os.getpid()}",
                    concurrency=concurrency,
                    wait=wait,
                    fetch_job_polling_interval=POLL_SECONDS,
                    delete_jobs=DeleteJobCondition.SUCCESSFUL,
                    update_heartbeat_interval=SIGN_OF_LIFE,
                    stalled_worker_timeout=STALLED_AFTER,
                    install_signal_handlers=False,
                )
                ready = not wait and (await worker.connector.execute_query_one_async(READY))["ready"]
