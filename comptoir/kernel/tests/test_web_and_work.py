"""`comptoir web` and `comptoir work` as processes: they serve, outlive a killed database, and end when asked."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from comptoir.kernel.local_postgres import LocalPostgres
from comptoir.kernel.local_postgres.place import place_of
from tests.migrated import migrated, with_static_files

COMPTOIR = [sys.executable, "-m", "comptoir.command"]
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def house() -> Iterator[LocalPostgres]:
    """A migrated house."""
    home = Path(tempfile.mkdtemp(prefix="comptoir-"))
    home.chmod(0o711)
    with LocalPostgres(home, fast=True) as local:
        migrated(local)
        with_static_files(local)
        yield local
    shutil.rmtree(home)


def environment(local: LocalPostgres) -> dict[str, str]:
    return {**os.environ, "COMPTOIR_HOME": str(local.home), "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def wait_for(what: str, condition: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s"
        time.sleep(0.05)


def waiting_workers(local: LocalPostgres) -> int:
    with psycopg.connect(local.superuser_url("comptoir")) as connection:
        row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
        return int(row[0]) if row else 0


def test_web_serves_outlives_a_killed_database_and_leaves_nothing_behind(house: LocalPostgres) -> None:
    port = free_port()
    web = subprocess.Popen([*COMPTOIR, "web", "--port", str(port)], env=environment(house), stderr=subprocess.PIPE)
    try:
        wait_for("web", lambda: ready(port))
        second = subprocess.run([*COMPTOIR, "web", "--port", str(port)], env=environment(house), capture_output=True, check=False)
        assert second.returncode == 1
        assert f"port {port} of 127.0.0.1 cannot be used" in second.stderr.decode()
        killed = int((place_of(house.home).data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(killed, signal.SIGKILL)
        wait_for("the database", lambda: ready(port))
        forks = psutil.Process(web.pid).children(recursive=True)
        web.terminate()
        assert web.wait(PATIENCE) == 0
        assert not psutil.wait_procs(forks, timeout=PATIENCE)[1]
    finally:
        web.kill()
        web.communicate()


def test_the_processes_of_web_end_when_it_is_killed(house: LocalPostgres) -> None:
    port = free_port()
    web = subprocess.Popen([*COMPTOIR, "web", "--port", str(port)], env=environment(house), stderr=subprocess.DEVNULL)
    wait_for("web", lambda: ready(port))
    forks = psutil.Process(web.pid).children(recursive=True)
    assert len(forks) == 2
    web.kill()
    web.wait()
    assert not psutil.wait_procs(forks, timeout=PATIENCE)[1]
    assert not ready(port)


def test_work_outlives_a_killed_database_and_ends_when_asked(house: LocalPostgres) -> None:
    work = subprocess.Popen([*COMPTOIR, "work"], env=environment(house), stderr=subprocess.PIPE)
    try:
        wait_for("the worker", lambda: waiting_workers(house) == 1)
        with psycopg.connect(house.superuser_url("comptoir")) as connection:
            connection.execute("DELETE FROM procrastinate_workers")
        os.kill(int((place_of(house.home).data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        house.ensure()
        wait_for("the worker's return", lambda: waiting_workers(house) == 1)
        work.terminate()
        assert work.wait(PATIENCE) == 0
        assert waiting_workers(house) == 0
    finally:
        work.kill()
        work.communicate()


def test_work_ends_by_itself_when_told_to_stop_at_the_last_job(house: LocalPostgres) -> None:
    done = subprocess.run([*COMPTOIR, "work", "--until-empty"], env=environment(house), capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
