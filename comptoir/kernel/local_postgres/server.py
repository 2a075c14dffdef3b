"""One PostgreSQL server over one cluster: made, started, asked, stopped. Whoever calls holds the start lock."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from comptoir.kernel.local_postgres.account import LocalPostgresError
from comptoir.kernel.local_postgres.binaries import Binaries
from comptoir.kernel.local_postgres.place import SOCKET_NAME, Place

START_SECONDS = 90
STOP_SECONDS = 60
LONGEST_LOG = 10_000_000
LOCALE = "C.UTF-8"


@dataclass(frozen=True)
class Server:
    """A cluster's place, the programs that run it, and whether it may forget on a power cut (`fast`, for tests)."""

    place: Place
    binaries: Binaries
    fast: bool

    def make(self) -> None:
        """Make the cluster, whole or not at all. Raises LocalPostgresError with what initdb said."""
        place = self.place
        for unfinished in place.root.glob("data.unfinished*"):
            shutil.rmtree(unfinished)
        unfinished = place.root / "data.unfinished"
        place.account.give(unfinished, 0o700)
        made = place.account.run(
            [
                self.binaries / "initdb", "-D", unfinished, "-U", "postgres", "--auth=trust", "-E", "UTF8",
                "--locale-provider=libc", f"--locale={LOCALE}", "--data-checksums", "--no-instructions",
                *(["-N"] if self.fast else []),
            ]
        )  # fmt: skip
        if made.returncode != 0:
            raise LocalPostgresError(f"PostgreSQL could not make its files in {place.root}: {_last_line(made.stderr)}")
        unfinished.rename(place.data)

    def ready(self) -> bool:
        """Whether the server takes connections: it is asked, no process id is believed."""
        return self._asked() == 0

    def start(self) -> None:
        """Start the server and wait until it is ready. Raises LocalPostgresError with the log's last words."""
        deadline = time.monotonic() + START_SECONDS
        started: int | None = None
        while not self.ready():
            if time.monotonic() > deadline:
                raise LocalPostgresError(f"PostgreSQL was not ready after {START_SECONDS} s, see {self.place.log}.")
            if started is not None and not _alive(started):
                if self._postmaster() is None and not self._orphans():
                    raise LocalPostgresError(f"PostgreSQL did not start: {self._last_words()} See {self.place.log}.")
                started = None
            if started is None and self._postmaster() is None and not self._orphans():
                self._forget_the_dead()
                started = self._launch()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server and wait until it is gone; nothing happens when none runs."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):
            with contextlib.suppress(psutil.NoSuchProcess):
                postmaster.send_signal(number)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if not _alive(postmaster.pid) or self._postmaster() is None:
                    return
                time.sleep(0.02)
        raise LocalPostgresError(f"PostgreSQL (process {postmaster.pid}) did not stop, see {self.place.log}.")

    def answers(self) -> bool:
        """A quick look, without a process: whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.place.socket / SOCKET_NAME))
            except OSError:
                return False
            return True

    def _asked(self) -> int:
        program, directory = str(self.binaries / "pg_isready"), str(self.place.socket)
        return self.place.account.run([program, "-q", "-h", directory, "-p", "5432", "-d", "postgres"]).returncode

    def _launch(self) -> int:
        place = self.place
        with contextlib.suppress(FileNotFoundError):
            if place.log.stat().st_size > LONGEST_LOG:
                place.log.replace(place.log.with_suffix(".log.1"))
        settings = {
            "listen_addresses": "", "port": "5432", "unix_socket_directories": str(place.socket),
            "unix_socket_permissions": "0700", "timezone": "UTC", "log_timezone": "UTC", "jit": "off",
        }  # fmt: skip
        if self.fast:
            # Commits still reach the kernel, so a kill -9 of the server loses nothing; only a power cut would.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        command = [str(self.binaries / "postgres"), "-D", str(place.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        # Through a shell that ends at once, in a session of its own: no child of ours, no Ctrl-C from our terminal.
        log = shlex.quote(str(place.log))
        script = f"{shlex.join(command)} </dev/null >>{log} 2>&1 & echo $!"
        said = place.account.run(["/bin/sh", "-c", script], start_new_session=True)
        if said.returncode != 0 or not said.stdout.strip().isdigit():
            raise LocalPostgresError(f"PostgreSQL could not be started: {_last_line(said.stderr)}")
        return int(said.stdout)

    def _postmaster(self) -> psutil.Process | None:
        """The live server of this cluster, known by its directory: a process id alone may be somebody else's."""
        try:
            process = psutil.Process(int((self.place.data / "postmaster.pid").read_text().splitlines()[0]))
            if self._is_ours(process):
                return process
        except (OSError, ValueError, IndexError, psutil.Error):
            pass
        # Its file is gone or wrong. The server shows its command line, the processes that it started show a title.
        ours = [process for process in _postgres_processes() if self._is_ours(process)]
        pids = {process.pid for process in ours}
        for process in ours:
            with contextlib.suppress(psutil.Error, IndexError):
                if process.ppid() not in pids and not process.cmdline()[0].startswith("postgres: "):
                    return process
        return None

    def _orphans(self) -> bool:
        """Whether processes of a killed server still live: a second server beside them would ruin the files."""
        return any(self._is_ours(process) for process in _postgres_processes())

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
                return False
            return bool(os.path.realpath(process.cwd()) == os.path.realpath(self.place.data))
        except (psutil.Error, OSError):
            return False

    def _forget_the_dead(self) -> None:
        """Remove what a killed server left: PostgreSQL would believe its process id, and wait for ever if reused."""
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self.place.socket / name).unlink(missing_ok=True)

    def _last_words(self) -> str:
        try:
            lines = self.place.log.read_text(errors="replace").splitlines()[-20:]
        except OSError:
            return ""
        return next((line for line in reversed(lines) if "FATAL" in line), lines[-1] if lines else "")


def made_by(data: Path) -> int | None:
    """The major version that made the cluster in `data`; None when there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        raise LocalPostgresError(f"{data / 'PG_VERSION'} names no version: is the data directory whole?") from None


def _postgres_processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        if (process.info["name"] or "").startswith("postgres"):
            yield process


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason was given."
