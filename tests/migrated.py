"""A PostgreSQL of a test's own with the tables in it: copied from the tests' template in a second, where to migrate takes ten."""

import os
import shutil
import subprocess

import psycopg

from comptoir.kernel.local_postgres import LocalPostgres
from tests.browser import COMPTOIR, static_files
from tests.database import SERVER, named


def migrated(local: LocalPostgres, *, rights: bool = True) -> None:
    """Fill its empty database as `comptoir migrate` does; without `rights` for no other login than its owner.

    Where the tests' own server is of another kind, it is really migrated.
    """
    if SERVER.is_given:
        if not rights:
            return  # the test migrates it itself
        environment = {**os.environ, "COMPTOIR_HOME": str(local.home), "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}
        subprocess.run([COMPTOIR, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        return
    kept = [] if rights else ["--no-privileges"]
    reader = [local.programs() / "pg_dump", "--no-owner", "--no-comments", *kept, named(SERVER.owner, SERVER.template)]
    writer = [local.programs() / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, local.owner_url()]
    dumped = subprocess.run(reader, check=True, capture_output=True)
    subprocess.run(writer, check=True, input=dumped.stdout)


def emptied(local: LocalPostgres) -> None:
    """Its database and its files as they were when it was made."""
    with psycopg.connect(local.superuser_url(), autocommit=True) as server:
        server.execute("DROP DATABASE comptoir WITH (FORCE)")
        server.execute("CREATE DATABASE comptoir OWNER comptoir_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
    for part in ("files", "keys"):
        shutil.rmtree(local.home / part, ignore_errors=True)


def with_static_files(local: LocalPostgres) -> None:
    """What `web` collects when it starts for the first time, which takes ten seconds, is there."""
    shutil.copytree(static_files(), local.home / "static")
