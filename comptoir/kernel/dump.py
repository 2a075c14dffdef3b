"""PostgreSQL's own dump and restore, run against the database that Django is connected to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.db import connection

from comptoir.kernel.local_postgres import LocalPostgresError
from comptoir.kernel.local_postgres.binaries import find_clients


class DumpError(RuntimeError):
    """pg_dump, pg_restore or psql failed; the message is a sentence with their last words."""


def server_major() -> int:
    """The major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def is_empty() -> bool:
    """Whether the database holds no table of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public')")
        return bool(cursor.fetchone()[0])


def other_sessions() -> int:
    """How many other sessions use the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def dump(path: Path) -> None:
    """Write the database into `path` in PostgreSQL's own format. Raises DumpError."""
    command = [_program("pg_dump", server_major()), "--format=custom", "--no-password", f"--file={path}"]
    done = subprocess.run(command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DumpError(f"the database could not be dumped: {_last_line(done.stderr)}")


def restore(path: Path, *, major: int, replace: bool, then: str) -> None:
    """Read a dump into the database and run the statement `then`, all in one transaction. Raises DumpError.

    With `replace`, what the database held goes in the same transaction: a restore that fails changes nothing.
    """
    # Every program of at least the dump's version; the server is not older than that (the caller has looked).
    reader = [_program("pg_restore", max(major, server_major()))]
    reader += ["--no-owner", "--no-privileges", "--no-comments", "--file=-", str(path)]
    writer = [_program("psql", server_major()), "-X", "-q", "--no-password", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
    with (
        subprocess.Popen(reader, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading,
        subprocess.Popen(
            writer, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as writing,
    ):
        failure = _pump(reading, writing, before=_BEGIN + (_CLEAR if replace else b""), after=f"\n{then};\nCOMMIT;\n".encode())
    if failure:
        raise DumpError(f"the backup could not be read into the database, which is as it was: {failure}")


_BEGIN = b"BEGIN;\n"
_CLEAR = b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public AUTHORIZATION pg_database_owner;\n"


def _pump(reading: subprocess.Popen[bytes], writing: subprocess.Popen[bytes], *, before: bytes, after: bytes) -> str:
    """Copy one program's output to the other's input; the COMMIT goes only after a whole dump. Returns what failed."""
    if reading.stdout is None or writing.stdin is None or reading.stderr is None or writing.stderr is None:
        raise DumpError("the programs were started without pipes")
    try:
        writing.stdin.write(before)
        while block := reading.stdout.read(1 << 20):
            writing.stdin.write(block)
        if reading.wait() != 0:
            # Without its COMMIT the transaction ends with the session.
            writing.stdin.close()
            return _last_line(reading.stderr.read().decode(errors="replace"))
        writing.stdin.write(after)
        writing.stdin.close()
    except BrokenPipeError:
        reading.kill()
    said = writing.stderr.read().decode(errors="replace")
    return _last_line(said) if writing.wait() != 0 else ""


def _program(name: str, major: int) -> str:
    try:
        return str(find_clients(major) / name)
    except LocalPostgresError as reason:
        raise DumpError(str(reason)) from None


def _environment() -> Mapping[str, str]:
    """libpq's variables for Django's connection: a password on the command line could be read by anybody."""
    settings = connection.settings_dict
    said = {
        "PGHOST": settings["HOST"], "PGPORT": settings["PORT"], "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"], "PGDATABASE": settings["NAME"],
        "PGSSLMODE": settings["OPTIONS"].get("sslmode"), "PGSSLROOTCERT": settings["OPTIONS"].get("sslrootcert"),
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", **{name: str(value) for name, value in said.items() if value}}


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line]
    errors = [line for line in lines if "ERROR" in line or "error" in line]
    return (errors or lines or ["no reason was given"])[0]
