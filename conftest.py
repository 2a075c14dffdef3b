"""What every test stands on. `tests/database.py` has made the database already."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection, connections

from tests.database import RUN, SERVER, named

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there: cloned from the migrated template."""


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one test's own, where commits are real."""

    name: str
    owner_url: str
    app_url: str


@pytest.fixture
def fresh_database(django_db_blocker: pytest.FixtureRequest) -> Iterator[FreshDatabase]:
    """A clone for one test: for threads, processes, kills. The default connection points at it, as the restricted login."""
    name = f"{RUN}_{next(_numbers)}"
    SERVER.clone(name)
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()
        connection.settings_dict["NAME"] = name
        try:
            yield FreshDatabase(name, named(SERVER.owner, name), named(SERVER.app, name))
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = before
            SERVER.drop(name)
