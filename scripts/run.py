"""`make run`: the demo on this machine. Database, tables, demo data, worker and web; Ctrl-C ends it all.

Django is loaded once, here, and the processes are forks of this one, so that a second start takes seconds. They are watched:
one that dies is started again. Only processes that this script started are ended, by their own ids; should this script be
killed they end by themselves, and the last user of the local PostgreSQL stops it.
"""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import socket
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType

from comptoir.command import Login, database, have_static_files, run, run_in_django
from comptoir.environment import home
from comptoir.kernel.local_postgres import LocalPostgresError
from comptoir.kernel.logins import LoginError

CHECKOUT = Path(__file__).resolve().parent.parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_SECONDS = 60
GRACE_SECONDS = 40
# A process that lives less than this many seconds, this many times in a row, will not do better the next time.
SHORT_LIFE, SHORT_LIVES = 5.0, 5


class Stop(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """It cannot run; the message is one sentence."""


class Fork:
    """A process that runs `body`, a fork of this one in a session of its own: Ctrl-C in the terminal comes to us alone."""

    def __init__(self, body: Callable[[], int], *, output: int | None = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_the_child(body, parent, output)

    def ended(self, *, wait: bool = False) -> bool:
        """Whether it has ended; `status` then says how."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ask it to finish what it does."""
        if not self.ended():
            os.kill(self.pid, number)

    def end_by(self, deadline: float) -> None:
        """Wait until it has ended, and no longer than `deadline` (monotonic seconds)."""
        while not self.ended():
            if time.monotonic() > deadline:
                self.end(signal.SIGKILL)
                self.ended(wait=True)
            time.sleep(0.02)


class Kept:
    """A command that is kept running."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.short_lives = 0
        self.start()

    def start(self) -> None:
        """Start it."""
        self.since = time.monotonic()
        self.process = Fork(lambda: run([self.name]))

    def keep(self) -> None:
        """Start it again if it died. Raises Failed once it has died young too often, or when it refused to start."""
        if not self.process.ended():
            return
        status = self.process.status
        self.short_lives = self.short_lives + 1 if time.monotonic() - self.since < SHORT_LIFE else 0
        if status == 2 or self.short_lives >= SHORT_LIVES:
            raise Failed(f"`comptoir {self.name}` does not run; the lines above say why.")
        print(f"comptoir: {self.name} ended with status {status} and is started again.", file=sys.stderr, flush=True)
        self.start()


def main() -> int:
    """Run until SIGINT or SIGTERM. Status 0 when asked to stop, 2 with a sentence when it cannot run."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    started: list[Fork] = []
    kept: list[Kept] = []
    os.environ["COMPTOIR_HOME"] = str(home())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")
    try:
        os.environ["COMPTOIR_PORT"] = str(_free_port())
        environment = dict(os.environ)
        have_static_files()
        with database(Login.RESTRICTED):
            try:
                _load()
                # Forks are to choose their login themselves, from what was given to us.
                os.environ.clear()
                os.environ.update(environment)
                _serve(started, kept)
            finally:
                for number in SIGNALS:
                    signal.signal(number, signal.SIG_IGN)
                _end([*started, *(one.process for one in kept)])
    except Stop:
        print("\nStopped.", file=sys.stderr, flush=True)
        return 0
    except (Failed, LoginError, LocalPostgresError) as reason:
        print(f"comptoir: {reason}", file=sys.stderr)
        return 2
    return 0


def _load() -> None:
    import django
    from django.conf import settings

    django.setup()
    import_module(settings.ROOT_URLCONF)
    # What is loaded stays shared with the forks instead of being copied when garbage is collected.
    gc.collect()
    gc.freeze()


def _serve(started: list[Fork], kept: list[Kept]) -> None:
    stamp = home() / "prepared"
    version = _version()
    # Where this very version has run before, its tables are there: serving need not wait for a look at them.
    known = stamp.exists() and stamp.read_text() == version
    reading, writing = os.pipe()
    preparing = Fork(_prepare, output=writing)
    started.append(preparing)
    os.close(writing)
    if known:
        _keep_serving(kept)
    with os.fdopen(reading) as output:
        links = output.read()
    preparing.ended(wait=True)
    if preparing.status != 0:
        raise Failed("the database could not be prepared; the lines above say why.")
    stamp.write_text(version)
    if not known:
        _keep_serving(kept)
    address = f"http://127.0.0.1:{os.environ['COMPTOIR_PORT']}"
    _wait_until_ready(f"{address}/readyz", kept)
    print(f"\nComptoir serves {address}   (Ctrl-C ends it)\n\n{links}", flush=True)
    while True:
        for one in kept:
            one.keep()
        time.sleep(0.2)


def _keep_serving(kept: list[Kept]) -> None:
    kept.extend(Kept(name) for name in ("web", "work"))


def _prepare() -> int:
    from django.db import connection

    from comptoir.settings import database as settings_of

    with database(Login.OWNER):
        # What was loaded before the fork was loaded with the restricted login.
        connection.settings_dict.update(settings_of(os.environ["DATABASE_URL"]))
        return run_in_django("prepare", ["--demo", str(CHECKOUT / "demo")])


def _be_the_child(body: Callable[[], int], parent: int, output: int | None) -> None:
    status = 1
    try:
        os.setsid()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        os.environ["COMPTOIR_PARENT"] = str(parent)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if output is not None:
            os.dup2(output, 1)
        status = body()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except Stop:
        # It came between the fork and the child's own handlers.
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end(started: list[Fork]) -> None:
    for one in started:
        one.end()
    deadline = time.monotonic() + GRACE_SECONDS
    for one in started:
        one.end_by(deadline)


def _free_port() -> int:
    given = os.environ.get("COMPTOIR_PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65_536:
        raise Failed(f"COMPTOIR_PORT takes a number from 1 to 65535, not {given!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError as error:
            raise Failed(
                f"port {given} cannot be used ({error.strerror}): choose another, such as "
                f"`COMPTOIR_PORT={int(given) % 65_535 + 1} make run`."
            ) from None
    return int(given)


def _version() -> str:
    """What decides whether a database is ready for this code: its address, the migrations, the libraries."""
    digest = hashlib.sha256(os.environ.get("DATABASE_OWNER_URL", os.environ.get("DATABASE_URL", "")).encode())
    digest.update((CHECKOUT / "requirements.lock").read_bytes())
    for path in sorted(CHECKOUT.glob("comptoir/*/migrations/*.py")):
        digest.update(path.relative_to(CHECKOUT).as_posix().encode())
    return digest.hexdigest()


def _wait_until_ready(address: str, kept: list[Kept]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        for one in kept:
            one.keep()
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (OSError, urllib.error.URLError) as reason:
            if time.monotonic() > deadline:
                raise Failed(f"{address} does not say that it is ready: {reason}") from None
        time.sleep(0.05)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


if __name__ == "__main__":
    sys.exit(main())
