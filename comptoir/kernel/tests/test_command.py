"""Which database and which login a command gets, and what the command line says when it can't go on."""

import base64
import hashlib
import hmac
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from comptoir.command import COMMANDS, Login, database
from comptoir.kernel.local_postgres import LocalPostgres
from comptoir.kernel.local_postgres.place import place_of
from comptoir.kernel.logins import LoginError, Logins, login_of, logins_given, password_of, restricted_url
from tests.migrated import migrated, with_static_files

COMPTOIR = [sys.executable, "-m", "comptoir.command"]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty COMPTOIR_HOME, and an environment that names no database."""
    directory = Path(tempfile.mkdtemp(prefix="comptoir-"))
    directory.chmod(0o711)
    monkeypatch.setenv("COMPTOIR_HOME", str(directory))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_APP_LOGIN", "DATABASE_RESTRICTED_URL"):
        monkeypatch.setenv(name, "")
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def server(home: Path) -> Iterator[LocalPostgres]:
    with LocalPostgres(home, fast=True) as local:
        yield local


@pytest.fixture(scope="module")
def running() -> Iterator[LocalPostgres]:
    """A server that many tests look at and none changes."""
    directory = Path(tempfile.mkdtemp(prefix="comptoir-"))
    directory.chmod(0o711)
    with LocalPostgres(directory, fast=True) as local:
        with_static_files(local)
        yield local
    shutil.rmtree(directory)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMPTOIR, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **environment})


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def as_login(local: LocalPostgres, login: str, password: str = "") -> str:
    secret = f":{quote(password, safe='')}" if password else ""
    return local.owner_url().replace("comptoir_owner@", f"{login}{secret}@")


@pytest.mark.parametrize(("login", "expected"), [(Login.OWNER, "comptoir_owner"), (Login.RESTRICTED, "comptoir_app")])
def test_without_an_address_a_server_is_started_and_stopped_again(home: Path, login: Login, expected: str) -> None:
    with database(login):
        assert ask(os.environ["DATABASE_URL"], "SELECT current_user") == expected
        assert os.environ["DATABASE_APP_LOGIN"] == "comptoir_app"
    assert not (place_of(home).data / "postmaster.pid").exists()


def test_a_command_that_fails_leaves_no_server_running(home: Path) -> None:
    with_static_files(LocalPostgres(home))
    done = run("web", "--host", "0.0.0.0")
    assert done.returncode == 1
    assert (place_of(home).data / "PG_VERSION").exists()
    assert not (place_of(home).data / "postmaster.pid").exists()


def test_a_command_that_asks_nothing_starts_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with database(Login.NONE):
        assert login_of(os.environ["DATABASE_URL"]) == "comptoir_app"
    assert not (home / "postgres").exists()


def test_two_given_logins_are_used_each_for_its_own(server: LocalPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://served@db.example/portal")
    monkeypatch.setenv("DATABASE_OWNER_URL", server.owner_url())
    with database(Login.OWNER):
        assert os.environ["DATABASE_URL"] == server.owner_url()
        assert os.environ["DATABASE_APP_LOGIN"] == "served"
    monkeypatch.setenv("DATABASE_URL", "postgresql://served@db.example/portal")
    with database(Login.RESTRICTED):
        assert os.environ["DATABASE_URL"] == "postgresql://served@db.example/portal"
        assert "DATABASE_OWNER_URL" not in os.environ, "what serves people must not hold the owner's address"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_one_login_that_passes_the_wall_is_the_owners_and_gives_the_other(running: LocalPostgres, name: str) -> None:
    for owner in (running.owner_url(), running.superuser_url("comptoir")):
        assert logins_given({name: owner}) == Logins(owner, running.app_url())


def test_one_restricted_login_serves_but_owns_nothing(running: LocalPostgres) -> None:
    given = logins_given({"DATABASE_URL": running.app_url()})
    assert given == Logins(None, running.app_url())
    with pytest.raises(LoginError, match="set DATABASE_OWNER_URL as well"):
        given.for_owner()


def test_an_owner_that_cannot_read_past_the_wall_is_told_what_to_ask_for(server: LocalPostgres) -> None:
    with psycopg.connect(server.superuser_url("comptoir"), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("ALTER DATABASE comptoir OWNER TO plain")
    given = logins_given({"DATABASE_URL": as_login(server, "plain")})
    assert given is not None
    with pytest.raises(LoginError, match='ALTER ROLE "plain" BYPASSRLS'):
        given.for_owner()


def test_the_restricted_address_keeps_server_database_and_options() -> None:
    url = restricted_url("postgresql://boss:s%2Fcret@db.example:6432/portal?sslmode=require&user=other")
    digest = hmac.new(b"s/cret", b"comptoir_app", hashlib.sha256).digest()
    assert url.startswith("postgresql://comptoir_app:")
    assert url.endswith("@db.example:6432/portal?sslmode=require")
    assert base64.urlsafe_b64decode(password_of(url) + "=") == digest
    assert restricted_url("postgresql://boss@db.example/portal") == "postgresql://comptoir_app@db.example/portal"


def test_an_address_of_another_kind_is_refused(home: Path) -> None:
    with pytest.raises(LoginError, match="DATABASE_URL should look like postgresql://"):
        logins_given({"DATABASE_URL": "mysql://somewhere/else"})


def test_a_server_that_does_not_answer_is_a_sentence(home: Path) -> None:
    done = run("migrate", DATABASE_OWNER_URL=f"postgresql://boss:hush@/portal?host={home}")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("comptoir: The database does not answer boss: ")
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr


def test_help_lists_every_command_with_a_line(home: Path) -> None:
    done = run("--help")
    assert done.returncode == 0
    for name, command in COMMANDS.items():
        assert (f"  {name} " in done.stdout and command.line in done.stdout) is not command.hidden
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["wbe"], "comptoir: there is no command 'wbe'; did you mean web? `comptoir --help` lists them all.\n"),
        (["shell"], "comptoir: there is no command 'shell'. `comptoir --help` lists them all.\n"),
        (["resume", "--now"], "comptoir: resume: unrecognized arguments: --now. `comptoir resume --help` tells more.\n"),
    ],
)
def test_what_was_typed_wrong_gets_one_sentence_and_status_2(running: LocalPostgres, typed: list[str], sentence: str) -> None:
    done = run(*typed, COMPTOIR_HOME=str(running.home), DATABASE_URL="", DATABASE_OWNER_URL="")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--host", "0.0.0.0"], "listens on this machine only"),
        (["--host", "example.org"], "--host takes an IP address"),
        (["--port", "http"], "takes a number from 1 to 65535"),
        (["--workers", "0"], "--workers takes 1 or more"),
    ],
)
def test_web_refuses_a_wrong_start_in_a_sentence(running: LocalPostgres, flags: list[str], word: str) -> None:
    done = run("web", *flags, COMPTOIR_HOME=str(running.home), DATABASE_URL="", DATABASE_OWNER_URL="")
    assert done.returncode == 1
    assert done.stdout == ""
    assert word in done.stderr
    assert done.stderr.count("\n") == 1


def test_migrate_makes_a_restricted_login_that_serves_and_no_more(server: LocalPostgres) -> None:
    """With passwords asked for, as on a server that is not the local one."""
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("DROP ROLE comptoir_app")
        connection.execute("ALTER ROLE comptoir_owner PASSWORD 'p@ss/word'")
        rules = place_of(server.home).data / "pg_hba.conf"
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        connection.execute("SELECT pg_reload_conf()")
    owner = as_login(server, "comptoir_owner", "p@ss/word")
    for _ in range(2):
        done = run("migrate", DATABASE_OWNER_URL=owner)
        assert done.returncode == 0, done.stderr
    app = restricted_url(owner)
    assert ask(app, "SELECT count(*) FROM kernel_house") is not None
    with pytest.raises(psycopg.OperationalError, match="password"):
        ask(app.replace("comptoir_app:", "comptoir_app:x"), "SELECT 1")
    facts = "SELECT concat_ws(' ', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = current_user"
    assert ask(app, facts) == "f f f f"
    for forbidden in ("TRUNCATE kernel_house", "CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(app, forbidden)
    with psycopg.connect(owner) as connection:
        connection.execute("CREATE TABLE later AS SELECT 7 AS figure")
    assert ask(app, "SELECT figure FROM later") == 7


def test_migrate_gives_the_rights_to_the_login_that_was_named(server: LocalPostgres) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE served LOGIN")
    migrated(server, rights=False)
    app = as_login(server, "served")
    done = run("migrate", DATABASE_OWNER_URL=server.owner_url(), DATABASE_URL=app)
    assert done.returncode == 0, done.stderr
    assert ask(app, "SELECT count(*) FROM kernel_house") is not None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(server.app_url(), "SELECT count(*) FROM kernel_house")


def test_migrate_refuses_a_named_login_that_passes_the_wall(server: LocalPostgres) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE served LOGIN BYPASSRLS")
    migrated(server, rights=False)
    done = run("migrate", DATABASE_OWNER_URL=server.owner_url(), DATABASE_URL=as_login(server, "served"))
    assert done.returncode == 1
    assert 'ALTER ROLE "served" NOSUPERUSER NOBYPASSRLS' in done.stderr
