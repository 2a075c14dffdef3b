"""The PostgreSQL of one COMPTOIR_HOME: started by its first user, stopped by its last.

Who uses it is told by locks that the kernel drops with the process, so a kill -9 never leaves a wrong count.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from comptoir.kernel.local_postgres.account import LocalPostgresError
from comptoir.kernel.local_postgres.binaries import Binaries, find_server, reachable
from comptoir.kernel.local_postgres.place import SHELTER, Place, place_of, settle
from comptoir.kernel.local_postgres.server import LOCALE, Server, made_by

OWNER_LOGIN = "comptoir_owner"
APP_LOGIN = "comptoir_app"
DATABASE = "comptoir"
_OWNER_MAY = sql.SQL("LOGIN NOSUPERUSER CREATEDB CREATEROLE BYPASSRLS")
_APP_MAY = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION")

_HOLDERS: weakref.WeakSet[LocalPostgres] = weakref.WeakSet()


class LocalPostgres:
    """A PostgreSQL that listens on a socket below `home` only; `fast` gives up safety on a power cut, for tests.

    Several processes may hold the same one; a fork of a holder holds nothing. Every method may raise LocalPostgresError,
    one sentence for a person.
    """

    def __init__(self, home: Path, *, fast: bool = False) -> None:
        self.home = home.resolve()
        self.fast = fast
        self._held: IO[str] | None = None
        self._server: Server | None = None

    def ensure(self) -> Self:
        """Have the server run, with its two logins and its database, and count this process as a user of it."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._start_lock():
            if self._held is None:
                self._held = self._open("postgres.users.lock")
                _HOLDERS.add(self)
                fcntl.flock(self._held, fcntl.LOCK_SH)
            try:
                self._have_it_running()
            except BaseException:
                self._let_go()
                raise
        return self

    def release(self) -> bool:
        """Stop being a user; the last one stops the server. True when this call stopped it."""
        if self._held is None:
            return False
        with self._start_lock():
            self._let_go()
            with self._open("postgres.users.lock") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                if self._server is not None:
                    self._server.stop()
                return True

    def keep_alive(self, every_seconds: float = 1.0) -> None:
        """Watch the server from a thread while this process holds it, and start it again should it be killed."""

        def watch() -> None:
            while self._held is not None:
                time.sleep(every_seconds)
                server = self._server
                if self._held is None or server is None or server.answers():
                    continue
                try:
                    self.ensure()
                except LocalPostgresError as reason:
                    _note(str(reason))

        threading.Thread(target=watch, name="local-postgres", daemon=True).start()

    def destroy(self) -> None:
        """Release it, and remove the cluster if nobody else uses it: for tests and throw-away homes."""
        if self._held is None:
            self.ensure()
        place = self._place()
        if not self.release():
            raise LocalPostgresError(f"The database of {self.home} is in use by another process.")
        shutil.rmtree(place.root)
        if place.socket.parent != place.root:
            shutil.rmtree(place.socket)
        if place.root.parent == SHELTER:
            (self.home / "postgres-is-at").unlink()

    def owner_url(self, database: str = DATABASE) -> str:
        """The address for the login that owns the tables: migrate, import, backup. Starts nothing."""
        return self._url(OWNER_LOGIN, database)

    def app_url(self, database: str = DATABASE) -> str:
        """The address for the restricted login that serves people. Starts nothing."""
        return self._url(APP_LOGIN, database)

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for the server's own superuser: for this module and for tests."""
        return self._url("postgres", database)

    def programs(self) -> Binaries:
        """The programs that run this cluster, pg_dump and psql among them."""
        if self._server is None:
            raise LocalPostgresError("The local PostgreSQL is not in use by this process.")
        return self._server.binaries

    def __enter__(self) -> Self:
        return self.ensure()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _url(self, login: str, database: str) -> str:
        return f"postgresql://{login}@/{quote(database, safe='')}?host={quote(str(self._place().socket))}"

    def _place(self) -> Place:
        return self._server.place if self._server is not None else place_of(self.home)

    def _have_it_running(self) -> None:
        place, outside = settle(self.home)
        major = made_by(place.data)
        self._server = server = Server(place, reachable(find_server(major), place.account, SHELTER), self.fast)
        if outside:
            _note(f"the account {place.account.name} cannot enter {self.home}, so the database lies in {place.root}.")
        if major is None:
            server.make()
        if not server.ready():
            server.start()
        self._have_logins_and_database()

    def _have_logins_and_database(self) -> None:
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for login, may in ((OWNER_LOGIN, _OWNER_MAY), (APP_LOGIN, _APP_MAY)):
                if login not in known:
                    connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(login), may))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_LOGIN), sql.Literal(LOCALE)
                )
            )

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        with self._open("postgres.start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open(self, name: str) -> IO[str]:
        try:
            return (self.home / name).open("a")
        except PermissionError:
            raise LocalPostgresError(
                f"{self.home} belongs to another account: run this as that account, or set COMPTOIR_HOME."
            ) from None

    def _let_go(self) -> None:
        if self._held is not None:
            fcntl.flock(self._held, fcntl.LOCK_UN)
            self._held.close()
            self._held = None


def _forget_in_fork() -> None:
    # A fork shares its parent's lock without being a user: it would keep the parent counted after a kill -9.
    for local in _HOLDERS:
        if local._held is not None:
            local._held.close()
            local._held = None


def _note(sentence: str) -> None:
    # Standard output belongs to the command's own answer.
    sys.stderr.write(f"comptoir: {sentence}\n")


os.register_at_fork(after_in_child=_forget_in_fork)
