"""A database of a test module's own, seen with the login that the test names: the owner's for the operator's commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections

from comptoir.settings import database
from tests.database import CHECKOUT, RUN, SERVER, named

DEMO = CHECKOUT / "demo"
PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@dataclass(frozen=True)
class OwnDatabase:
    """Its two addresses: the owner's, past the walls, and the restricted one that serves people."""

    owner_url: str
    app_url: str


@contextmanager
def logged_in(url: str) -> Iterator[None]:
    """The default connection uses this address for a block."""
    before = {part: connection.settings_dict[part] for part in PARTS}
    told = database(url)
    connections.close_all()
    connection.settings_dict.update({part: told[part] for part in PARTS})
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(before)


@contextmanager
def own_database(label: str) -> Iterator[OwnDatabase]:
    """A fresh migrated database; the default connection is its owner's."""
    name = f"{RUN}_{label}"
    SERVER.clone(name)
    made = OwnDatabase(named(SERVER.owner, name), named(SERVER.app, name))
    try:
        with logged_in(made.owner_url):
            yield made
    finally:
        SERVER.drop(name)


def rows_of_all_tables(*, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Every row of every table as text, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in but]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def copied(source: Path, to: Path) -> Path:
    """An export in another place, where a test may change it."""
    to.mkdir(parents=True)
    for path in source.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to
