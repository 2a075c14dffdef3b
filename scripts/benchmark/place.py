"""Where the benchmark runs: a database of its own, filled by `comptoir seed`, and the processes that serve it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from comptoir.kernel.local_postgres import LocalPostgres
from comptoir.kernel.logins import restricted_url

COMPTOIR = [sys.executable, "-m", "comptoir.command"]
WORKERS, THREADS = 2, 4
NIGHT_OVER = """
INSERT INTO kernel_nightrun (day, asked_at, started_at, finished_at, planned_to, planned, customers, done, failed)
SELECT coalesce(business_day, current_date), now(), now(), now(), 0, true, 0, 0, 0 FROM kernel_house
"""
READY_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """Two addresses of one empty, migrated database."""

    owner_url: str
    app_url: str

    def comptoir(self, *arguments: str) -> Any:
        """Run a command with `--json` and return what it says; without it, None."""
        environment = {**os.environ, "DATABASE_URL": self.app_url, "DATABASE_OWNER_URL": self.owner_url}
        done = subprocess.run([*COMPTOIR, *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"`comptoir {' '.join(arguments)}` failed: {done.stderr.strip()[-800:]}")
        return json.loads(done.stdout) if "--json" in arguments else None

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as the owner of the tables sees them."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(question.encode(), values).fetchall()

    def after_the_night(self) -> None:
        """The house as it is all day long: the work of this day's night is done. A house just seeded has had no night yet."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute(NIGHT_OVER.encode())


@contextlib.contextmanager
def a_place() -> Iterator[Place]:
    """A migrated database: on the server of DATABASE_OWNER_URL, or on a local one in a directory that goes afterwards."""
    given = os.environ.pop("DATABASE_OWNER_URL", "")
    os.environ.pop("DATABASE_URL", None)
    home = Path(tempfile.mkdtemp(prefix="comptoir-bench-"))
    home.chmod(0o711)
    os.environ["COMPTOIR_HOME"] = str(home)
    try:
        with contextlib.ExitStack() as stack:
            if given:
                place = stack.enter_context(_on_server(given))
            else:
                local = stack.enter_context(LocalPostgres(home))
                place = Place(local.owner_url(), local.app_url())
            place.comptoir("migrate")
            yield place
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _on_server(owner_url: str) -> Iterator[Place]:
    name = f"comptoir_bench_{os.getpid()}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            own = urlunsplit(urlsplit(owner_url)._replace(path=f"/{name}"))
            yield Place(own, restricted_url(own))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@dataclass
class Serving:
    """A server that answers on a port, and how long it took to do so."""

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    def memory_mb(self) -> float:
        """Resident memory of the largest of its processes, in megabytes."""
        return max(float(each.memory_info().rss) for each in self._processes()) / 1_000_000

    def cpu_seconds(self) -> float:
        """What its processes have computed so far."""
        return sum(float(times.user + times.system) for times in (each.cpu_times() for each in self._processes()))

    def _processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


@contextlib.contextmanager
def serving(command: list[str], ready: str, **environment: str) -> Iterator[Serving]:
    """Start a server, `{port}` in its command filled in, wait until `ready` answers, and end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    filled = [part.replace("{port}", str(port)) for part in command]
    own = {**os.environ, **environment, "COMPTOIR_PORT": str(port)}
    process = subprocess.Popen(filled, env=own, cwd=Path(__file__).resolve().parent.parent.parent)
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", process)
        yield Serving(port, process, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(60)


def web(place: Place) -> contextlib.AbstractContextManager[Serving]:
    """`comptoir web`, as an installation runs it: its key is its own, so links are signed with it.

    Its static files are collected before, as they are once per release; the start that is measured is any later one.
    """
    subprocess.run([*COMPTOIR, "collect-static"], env={**os.environ, "COMPTOIR_STATIC": "collecting"}, check=True)
    environment = {"DATABASE_URL": place.app_url, "COMPTOIR_SECRET": SECRET}
    return serving([*COMPTOIR, "web", "--workers", str(WORKERS), "--threads", str(THREADS)], "/readyz", **environment)


def bare(place: Place, *, customer: int, product: int) -> contextlib.AbstractContextManager[Serving]:
    """The baselines, on the same kind of server."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--no-ws", "--log-level", "error"]
    more = ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "scripts.benchmark.bare:application"]
    environment = {"DATABASE_URL": place.owner_url, "BENCH_CUSTOMER": str(customer), "BENCH_PRODUCT": str(product)}
    return serving([*command, *more], "/one", **environment)


SECRET = secrets.token_urlsafe(48)
os.environ["COMPTOIR_SECRET"] = SECRET


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{address} does not answer") from None
            time.sleep(0.02)
