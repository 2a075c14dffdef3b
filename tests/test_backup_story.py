"""Backup, wipe, restore: every figure still adds up, nobody is written to, and all goes on from where it was.

The next invoice takes the next number; licence files that were signed before hold, those that were revoked stay so; products and
people stay signed in; the files of releases are there, and of a new one everybody hears once.
"""

import json
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.test import Client

from comptoir.directory.tests.client import Program
from comptoir.directory.tests.stage import registered
from comptoir.downloads.models import ReleaseFile
from comptoir.entitlements.actions.offline import issue_file, revoke_file
from comptoir.entitlements.models import LicenceFile
from comptoir.entitlements.tests.test_offline import key_set, opened, revoked
from comptoir.environment import seal_keys
from comptoir.kernel.ports import Ports
from comptoir.kernel.tests.stage import inside, work
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.queries.seats import subscription_of
from conftest import FreshDatabase
from tests.browser import COMPTOIR
from tests.cast import TODAY, Cast, at_desk, raise_curtain, seat, signed_in, staff_member
from tests.database import CHECKOUT, SERVER
from tests.forking import commanded
from tests.licensed import ran_offline_and_floated
from tests.released import CONTENT, file, release


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
    """Run a command as the owner of that database, as a program of its own."""
    environment = {
        **os.environ,
        "COMPTOIR_HOME": str(home),
        "DATABASE_OWNER_URL": database.owner_url,
        "DATABASE_URL": database.app_url,
    }
    return subprocess.run(
        [COMPTOIR, *arguments], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def ran(database: FreshDatabase, *arguments: str) -> str:
    """What a command says that comes to a good end."""
    told = commanded(database.owner_url, database.app_url, *arguments)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def violations(database: FreshDatabase) -> object:
    """What verify finds."""
    return json.loads(ran(database, "verify", "--json"))["violations"]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of this test's own, with its files and keys."""
    made = tmp_path / "home"
    (made / "files").mkdir(parents=True)
    kept = {**settings.STORAGES["releases"], "OPTIONS": {"location": made / "files"}}
    settings.COMPTOIR_HOME, settings.SEAL_KEYS = made, seal_keys(made)
    settings.STORAGES = {**settings.STORAGES, "default": kept, "releases": kept}
    return made


@dataclass(frozen=True)
class Before:
    """What people and products hold: licence files, those that were revoked, a device that was let in."""

    files: dict[str, str]
    revoked: set[str]
    program: Program
    tokens: dict[str, Any]


def at_work(cast: Cast) -> Before:
    """Files are signed and revoked, seats borrowed, a product signs Emil in, and a release has come out at this moment."""
    with inside(cast.camille) as actor:
        ran_offline_and_floated(cast, actor, TODAY)
    seat(cast.subscription, cast.emil)
    program = Program(registered().client_id)
    tokens = program.signed_in(signed_in(cast.emil))
    draft = release(cast.sculpt, "2028", TODAY, state="draft", published_at=None)
    file(draft)
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert karl.post(f"/desk/releases/SCLT/{draft.pk}/publication/").status_code == 302
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        files = dict(LicenceFile.objects.values_list("number__number", "text"))
    return Before(files, revoked(), program, tokens)


def messages(database: FreshDatabase) -> Counter[str]:
    """How many mails there are in each state."""
    with psycopg.connect(database.owner_url) as owner:
        return Counter(state for (state,) in owner.execute("SELECT state FROM kernel_message"))


def wiped(database: FreshDatabase, home: Path) -> None:
    """The database is gone, and all that the home keeps."""
    connections.close_all()
    SERVER.drop(database.name)
    SERVER.do(f"CREATE DATABASE {database.name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' OWNER \"{_owner()}\"")
    shutil.rmtree(home)


def kept_in(home: Path) -> dict[str, bytes]:
    """Every file and key of a home."""
    found = [path for place in ("files", "keys") for path in (home / place).rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.read_bytes() for path in found}


def test_a_restored_copy_is_whole_and_quiet_and_goes_on(
    fresh_database: FreshDatabase, home: Path, tmp_path: Path, settings: Any
) -> None:
    with transaction.atomic():
        cast = raise_curtain()
    assert [order(cast) for _ in range(3)] == ["F-2026-000001", "F-2026-000002", "F-2026-000003"]
    before, kept = at_work(cast), kept_in(home)
    assert violations(fresh_database) == 0
    made = comptoir(fresh_database, home, "backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr

    assert order(cast) == "F-2026-000004"  # after the backup: it goes with the wipe
    wiped(fresh_database, home)
    read = comptoir(fresh_database, home, "restore", str(tmp_path / "backup"))
    assert read.returncode == 0, read.stderr

    assert kept.items() <= kept_in(home).items()
    settings.SEAL_KEYS = seal_keys(home)
    assert violations(fresh_database) == 0
    with psycopg.connect(fresh_database.owner_url) as owner:
        assert owner.execute("SELECT paused_because <> '' FROM kernel_house").fetchone() == (True,)
    assert work(fresh_database.app_url).returncode == 0
    waiting = messages(fresh_database)
    assert set(waiting) == {"waiting"}
    ran(fresh_database, "resume")
    with psycopg.connect(fresh_database.owner_url) as owner:  # the hour has come at which what waits is tried again
        owner.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    assert work(fresh_database.app_url).returncode == 0
    assert messages(fresh_database) == Counter({"kept": waiting["waiting"]})
    heard = told_of_the_release(fresh_database)
    assert set(heard) >= {cast.emil.email, cast.camille.email, cast.oskar.email}
    assert set(heard.values()) == {1}
    connection.close()
    assert order(cast) == "F-2026-000004"
    goes_on(cast, before)
    assert violations(fresh_database) == 0


def told_of_the_release(database: FreshDatabase) -> Counter[str]:
    """Who got a mail about it, and how many."""
    with psycopg.connect(database.owner_url) as owner:
        rows = owner.execute("SELECT \"to\" FROM kernel_message WHERE once LIKE 'news:%'").fetchall()
    return Counter(address for (address,) in rows)


def goes_on(cast: Cast, before: Before) -> None:
    """What was held before holds, what was taken stays so, and the list of it counts on."""
    assert revoked() == before.revoked
    holding = {number: text for number, text in before.files.items() if number not in before.revoked}
    assert len(holding) > 2
    assert {opened(text, key_set())["jti"] for text in holding.values()} == set(holding)
    with inside(cast.camille) as actor:
        held = LicenceFile.objects.filter(ended_at=None, lease=None, membership=cast.camille, organisation=cast.nord).first()
        assert held is not None
        revoke_file(actor, cast.subscription, file=held.pk, on=TODAY)
        assert issue_file(actor, cast.subscription, device=held.device_id, on=TODAY).number.number not in before.files
    assert revoked() > before.revoked
    assert before.program.refresh(before.tokens["refresh_token"]).status_code == 200
    address = signed_in(cast.emil).get(f"/c/5200001/downloads/SCLT/files/{ReleaseFile.objects.get().pk}/").headers["Location"]
    assert Client().get(address).getvalue() == CONTENT


def test_a_backup_that_was_touched_is_refused_and_nothing_is_read(
    fresh_database: FreshDatabase, home: Path, tmp_path: Path
) -> None:
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
