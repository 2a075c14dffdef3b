"""The drill: back up, lose everything, restore; and every backup that must be refused."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from comptoir.kernel.local_postgres import LocalPostgres
from tests.migrated import emptied, migrated

COMPTOIR = [sys.executable, "-m", "comptoir.command"]


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="comptoir-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def house(directory: Path) -> Iterator[LocalPostgres]:
    """A migrated house with a file and a key."""
    with LocalPostgres(directory / "house", fast=True) as local:
        migrated(local)
        (local.home / "files" / "a").mkdir(parents=True)
        (local.home / "files" / "a" / "b.pdf").write_bytes(b"\x00invoice")
        (local.home / "keys").mkdir(exist_ok=True)
        (local.home / "keys" / "sealed").write_text("a key")
        yield local


@pytest.fixture(scope="module")
def backup(house: LocalPostgres, directory: Path) -> Path:
    done = run(house, "backup", str(directory / "backup"), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["directory"] == str(directory / "backup")
    assert said["files"] == len(json.loads((directory / "backup" / "manifest.json").read_text())["entries"])
    return directory / "backup"


@pytest.fixture(scope="module")
def another(directory: Path) -> Iterator[LocalPostgres]:
    with LocalPostgres(directory / "another", fast=True) as local:
        yield local


@pytest.fixture
def empty(another: LocalPostgres) -> LocalPostgres:
    """Another house, in which nothing is yet."""
    emptied(another)
    return another


def run(local: LocalPostgres, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COMPTOIR_HOME": str(local.home), "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}
    return subprocess.run([*COMPTOIR, *arguments], capture_output=True, text=True, check=False, env=environment)


def ask(local: LocalPostgres, question: str) -> object:
    with psycopg.connect(local.owner_url()) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def tables(local: LocalPostgres) -> object:
    return ask(local, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def test_a_restored_house_has_its_rows_files_and_keys_and_is_paused(
    house: LocalPostgres, backup: Path, empty: LocalPostgres
) -> None:
    done = run(empty, "restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert tables(empty) == tables(house)
    assert ask(empty, "SELECT count(*) FROM django_migrations") == ask(house, "SELECT count(*) FROM django_migrations")
    assert (empty.home / "files" / "a" / "b.pdf").read_bytes() == b"\x00invoice"
    assert (empty.home / "keys" / "sealed").read_text() == "a key"
    assert (empty.home / "keys" / "sealed").stat().st_mode & 0o777 == 0o600
    assert str(ask(empty, "SELECT paused_because FROM kernel_house")).startswith("restored from the backup of ")
    assert ask(house, "SELECT paused_because FROM kernel_house") == ""
    with psycopg.connect(empty.app_url()) as connection:
        assert connection.execute("SELECT count(*) FROM kernel_house").fetchone() == (1,)


def test_a_restored_house_works_again_after_resume(backup: Path, empty: LocalPostgres) -> None:
    assert run(empty, "restore", str(backup)).returncode == 0
    assert run(empty, "resume").stdout == "Resumed: jobs, mail and charges run again.\n"
    assert ask(empty, "SELECT paused_because FROM kernel_house") == ""
    assert run(empty, "resume").stdout == "It was not paused.\n"


def test_only_the_owner_may_read_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in backup.rglob("*") if path.is_file()} == {0o600}


def test_a_backup_is_never_written_over_another(house: LocalPostgres, backup: Path) -> None:
    before = (backup / "manifest.json").read_text()
    done = run(house, "backup", str(backup))
    assert done.returncode == 1
    assert done.stderr == f"comptoir: backup: {backup} is not empty; name a new directory for the backup.\n"
    assert (backup / "manifest.json").read_text() == before


def test_a_house_that_holds_something_is_only_replaced_when_told_to(backup: Path, empty: LocalPostgres) -> None:
    with psycopg.connect(empty.owner_url()) as connection:
        connection.execute("CREATE TABLE precious AS SELECT 7 AS figure")
    (empty.home / "files").mkdir()
    (empty.home / "files" / "new").write_text("newer")
    done = run(empty, "restore", str(backup))
    assert done.returncode == 1
    assert "the database is not empty; add --replace" in done.stderr
    assert ask(empty, "SELECT figure FROM precious") == 7
    assert run(empty, "restore", str(backup), "--replace").returncode == 0
    assert ask(empty, "SELECT to_regclass('precious')") is None
    assert ask(empty, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'") == "pg_database_owner"
    assert not (empty.home / "files" / "new").exists()
    assert (empty.home / "files" / "a" / "b.pdf").exists()


def test_nothing_is_restored_under_a_running_house(backup: Path, empty: LocalPostgres) -> None:
    with psycopg.connect(empty.app_url()):
        done = run(empty, "restore", str(backup))
    assert done.returncode == 1
    assert "1 other sessions use the database; stop web and work first" in done.stderr
    assert tables(empty) == 0


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda copy: (copy / "manifest.json").unlink(), "holds no manifest.json"),
        (lambda copy: (copy / "manifest.json").write_text("{"), "cannot be read: the backup is damaged"),
        (lambda copy: (copy / "files" / "a" / "b.pdf").write_bytes(b"\x00invoicf"), "b.pdf is not what was backed up"),
        (lambda copy: (copy / "keys" / "sealed").unlink(), "sealed is missing"),
        (lambda copy: rewrite(copy, format=2), "the backup has format 2"),
        (lambda copy: rewrite(copy, postgresql=99), "the backup comes from PostgreSQL 99"),
        (lambda copy: rewrite(copy, entries=[{"path": "../out", "size": 0, "sha256": ""}]), "is missing"),
    ],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    backup: Path, empty: LocalPostgres, directory: Path, spoil: object, word: str
) -> None:
    copy = directory / "copy"
    shutil.copytree(backup, copy)
    try:
        spoil(copy)  # type: ignore[operator]
        done = run(empty, "restore", str(copy))
        assert done.returncode == 1
        assert word in done.stderr
        assert done.stderr.count("\n") == 1
        assert tables(empty) == 0
        assert not (empty.home / "files").exists()
    finally:
        shutil.rmtree(copy)


def test_a_restore_that_fails_halfway_leaves_the_old_rows(backup: Path, empty: LocalPostgres, directory: Path) -> None:
    with psycopg.connect(empty.owner_url()) as connection:
        connection.execute("CREATE TABLE precious AS SELECT 7 AS figure")
    copy = directory / "copy"
    shutil.copytree(backup, copy)
    try:
        dump = copy / "database.dump"
        dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
        describe_again(copy)
        done = run(empty, "restore", str(copy), "--replace")
        assert done.returncode == 1
        assert "the database, which is as it was" in done.stderr
        assert ask(empty, "SELECT figure FROM precious") == 7
        assert tables(empty) == 1
    finally:
        shutil.rmtree(copy)


def rewrite(copy: Path, **changes: object) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def describe_again(copy: Path) -> None:
    """A manifest that agrees with damaged files, as if they had been damaged before it was written."""
    from comptoir.kernel import archive

    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").unlink()
    archive.write_manifest(copy, made_at=manifest["made_at"], comptoir=manifest["comptoir"], postgresql=manifest["postgresql"])
