"""Backup, wipe, restore: every figure still adds up, nobody is written to, and the next invoice takes the next number."""

import json
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections, transaction

from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.queries.seats import subscription_of
from conftest import FreshDatabase
from tests.browser import COMPTOIR
from tests.cast import TODAY, Cast, raise_curtain
from tests.database import CHECKOUT, SERVER


def order(cast: Cast) -> str:
    """One more seat, in a transaction of its own; returns the invoice's number."""
    with transaction.atomic():
        with wall_opened(person=cast.camille.person_id):
            visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        open_wall(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id)
        placed = add_seats(visit.actor, subscription_of(visit.actor, "560000001"), add=1, on=TODAY)
        return str(placed.invoices.get().invoice.number)


def comptoir(database: FreshDatabase, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the owner of that database."""
    environment = {
        **os.environ,
        "COMPTOIR_HOME": str(home),
        "DATABASE_OWNER_URL": database.owner_url,
        "DATABASE_URL": database.app_url,
    }
    return subprocess.run(
        [COMPTOIR, *arguments], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def violations(database: FreshDatabase, home: Path) -> object:
    """What verify finds."""
    told = comptoir(database, home, "verify", "--json")
    return json.loads(told.stdout)["violations"]


def test_a_restored_copy_is_whole_and_quiet_and_counts_on(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "files").mkdir(parents=True)
    (home / "files" / "kept.txt").write_text("kept")
    with transaction.atomic():
        cast = raise_curtain()
    assert [order(cast) for _ in range(3)] == ["F-2026-000001", "F-2026-000002", "F-2026-000003"]
    assert violations(fresh_database, home) == 0
    made = comptoir(fresh_database, home, "backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr

    assert order(cast) == "F-2026-000004"  # after the backup: it goes with the wipe
    connections.close_all()
    SERVER.drop(fresh_database.name)
    SERVER.do(f"CREATE DATABASE {fresh_database.name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' OWNER \"{_owner()}\"")
    (home / "files" / "kept.txt").unlink()
    read = comptoir(fresh_database, home, "restore", str(tmp_path / "backup"))
    assert read.returncode == 0, read.stderr

    assert (home / "files" / "kept.txt").read_text() == "kept"
    assert violations(fresh_database, home) == 0
    with psycopg.connect(fresh_database.owner_url) as owner:
        assert owner.execute("SELECT paused_because <> '' FROM kernel_house").fetchone() == (True,)
    worked = comptoir(fresh_database, home, "work", "--until-empty")
    assert worked.returncode == 0, worked.stderr
    with psycopg.connect(fresh_database.owner_url) as owner:
        assert owner.execute("SELECT count(*) FROM kernel_message WHERE state <> 'waiting'").fetchone() == (0,)
        assert (owner.execute("SELECT count(*) FROM kernel_message").fetchone() or (0,))[0] > 0
    assert comptoir(fresh_database, home, "resume").returncode == 0
    connection.close()
    assert order(cast) == "F-2026-000004"
    assert violations(fresh_database, home) == 0


def test_a_backup_that_was_touched_is_refused_and_nothing_is_read(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert comptoir(fresh_database, home, "backup", str(tmp_path / "backup")).returncode == 0
    dump = next(path for path in (tmp_path / "backup").rglob("*") if path.is_file() and path.stat().st_size > 10_000)
    dump.write_bytes(dump.read_bytes()[:-1] + b"x")
    refused = comptoir(fresh_database, home, "restore", "--replace", str(tmp_path / "backup"))
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


def _owner() -> str:
    return str(psycopg.conninfo.conninfo_to_dict(SERVER.owner)["user"])


@pytest.fixture(autouse=True)
def _no_failpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPTOIR_FAILPOINT", raising=False)
