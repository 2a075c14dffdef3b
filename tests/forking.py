"""A process of a test's own, which it may kill, in milliseconds: a fork of the one that runs the tests, with nothing to import.

That the commands start as programs of their own is shown elsewhere (`test_web_and_work.py`, `test_command.py`).
"""

import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import get_resolver

from comptoir.command import run
from tests.owner import PARTS, database

PATIENCE = 60.0  # seconds
_inherited: list[BaseDatabaseWrapper] = []  # the parent's connections: kept, so that nobody in the child closes them


def forked(body: Callable[[], object], url: str, **environment: str) -> "CompletedProcess[str]":
    """Run `body` in a child on this database, with these variables more; what it returned is the status if it is a number.

    Killed after `PATIENCE` seconds, which its status then tells.
    """
    get_resolver().url_patterns  # noqa: B018 - every page and the API, read once here and not in each child
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        pid = os.fork()
        if pid == 0:
            _be_the_child(body, url, environment, out.fileno(), errors.fileno())
        status = _ended(pid)
        noted(os.waitstatus_to_exitcode(status), environment.get("COMPTOIR_FAILPOINT", ""))
        out.seek(0)
        errors.seek(0)
        return CompletedProcess("forked", os.waitstatus_to_exitcode(status), out.read().decode(), errors.read().decode())


def noted(status: int, armed: str) -> None:
    """Add a point at which a process died as it was to, to the file that COMPTOIR_KILLED names: `make deep` counts them."""
    point, _, mode = armed.partition(":")
    if "COMPTOIR_KILLED" in os.environ and (status, mode) == (-signal.SIGKILL, "kill"):
        with Path(os.environ["COMPTOIR_KILLED"]).open("a") as kept:
            kept.write(f"{point}\n")


def _ended(pid: int) -> int:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _be_the_child(body: Callable[[], object], url: str, environment: dict[str, str], out: int, errors: int) -> None:
    status = 1
    try:
        os.dup2(out, 1)
        os.dup2(errors, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        os.environ.update({"DATABASE_URL": url, **environment})
        _inherited.extend(connections.all(initialized_only=True))
        told = database(url)
        connection.settings_dict.update({part: told[part] for part in PARTS})
        for alias in connections:
            del connections[alias]
        answer = body()
        status = answer if isinstance(answer, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def commanded(owner_url: str, app_url: str, *arguments: str, **environment: str) -> "CompletedProcess[str]":
    """A command of the operator's, in a child: `comptoir` with these arguments."""
    addresses = {"DATABASE_URL": app_url, "DATABASE_OWNER_URL": owner_url}
    return forked(lambda: run(arguments), owner_url, **{**addresses, **environment})
