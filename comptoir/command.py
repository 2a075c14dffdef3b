"""The command line `comptoir`: which database, which login, then the Django command of the same name.

The environment alone decides. Where it names no database, the local PostgreSQL of COMPTOIR_HOME is started, and stopped
again by its last user.
"""

from __future__ import annotations

import difflib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from types import FrameType
from typing import TYPE_CHECKING, Any

from comptoir.environment import home, static_is_collected
from comptoir.kernel.lifeline import end_with_parent
from comptoir.kernel.local_postgres import LocalPostgres, LocalPostgresError
from comptoir.kernel.logins import LoginError, Logins, login_of, logins_given

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand


class Login(Enum):
    """Which of the two database logins a command gets; NONE for a command that asks the database nothing."""

    RESTRICTED = auto()
    OWNER = auto()
    NONE = auto()


@dataclass(frozen=True)
class Command:
    """One command: its login and its line in the help; `serves` if it runs until it is told to stop."""

    login: Login
    line: str
    serves: bool = False
    hidden: bool = False


COMMANDS = {
    "web": Command(Login.RESTRICTED, "serve the pages and the API", serves=True),
    "work": Command(Login.RESTRICTED, "run the jobs: mail, renewals, nightly work; several may run", serves=True),
    "migrate": Command(Login.OWNER, "bring the database to this version, with its two logins"),
    "seed": Command(Login.OWNER, "fill the database with made-up customers"),
    "import-legacy": Command(Login.OWNER, "take in what the old centre exported"),
    "clock": Command(Login.OWNER, "show the business clock, or advance it (sandbox)"),
    "staff": Command(Login.OWNER, "give the vendor's people their roles at the desk"),
    "token": Command(Login.OWNER, "make a token for the API"),
    "routes": Command(Login.NONE, "list every address with its permission"),
    "openid-key": Command(Login.NONE, "list or rotate the keys that sign ID tokens"),
    "verify": Command(Login.OWNER, "recompute every figure from the rows and tell what differs"),
    "export": Command(Login.OWNER, "write invoices, periods, seats, activity as CSV or JSON lines"),
    "backup": Command(Login.OWNER, "write database, files and keys into an empty directory"),
    "restore": Command(Login.OWNER, "read such a directory back, paused"),
    "resume": Command(Login.OWNER, "let a restored copy charge, mail and call again"),
    "failpoints": Command(Login.NONE, "list the places where a test can make the program fail (sandbox)"),
    "collect-static": Command(Login.NONE, "hash and compress style sheets, scripts and fonts, before web starts", hidden=True),
    "prepare": Command(Login.OWNER, "migrate, import the demo, sign-in links: for `make run`", hidden=True),
    "sandbox-catalogue": Command(Login.OWNER, "texts, promotions and terms for the demo's products (sandbox)", hidden=True),
    "sandbox-releases": Command(Login.OWNER, "small files for the demo's products (sandbox)", hidden=True),
    "sandbox-application": Command(Login.OWNER, "an application that signs people in (sandbox)", hidden=True),
    "sandbox-staff": Command(Login.OWNER, "made-up people at the desk (sandbox)", hidden=True),
    "sandbox-customer": Command(Login.OWNER, "a customer of the demo at work (sandbox)", hidden=True),
    "sandbox-links": Command(Login.OWNER, "print the sandbox's sign-in links", hidden=True),
}

# Options of every Django command that mean nothing to whoever runs Comptoir.
_NOT_SHOWN = ("--version", "-v", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color")


def main() -> None:
    """The console script: runs one command and exits with its status (2 for what was typed wrong)."""
    arguments = sys.argv[1:]
    try:
        status = run(arguments)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # The reader went away (comptoir routes | head): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    sys.exit(status)


@contextmanager
def database(login: Login, *, keep_alive: bool = False) -> Iterator[None]:
    """Have DATABASE_URL name the database under this login, starting the local PostgreSQL when none was given.

    Raises LoginError, LocalPostgresError: one sentence each.
    """
    before = dict(os.environ)
    os.environ["COMPTOIR_HOME"] = str(home())
    try:
        if login is Login.NONE:
            # Any address will do for a command that asks nothing; the local server's is well formed, starting none.
            os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or LocalPostgres(home()).app_url()
            yield
        elif (given := logins_given(os.environ)) is not None:
            _choose(given, login)
            yield
        else:
            with LocalPostgres(home()) as local:
                for name in [name for name in os.environ if name.startswith("PG")]:
                    del os.environ[name]
                if keep_alive:
                    local.keep_alive()
                _choose(Logins(local.owner_url(), local.app_url()), login)
                yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _choose(logins: Logins, login: Login) -> None:
    os.environ["DATABASE_APP_LOGIN"] = login_of(logins.app)
    if login is Login.OWNER:
        os.environ["DATABASE_URL"] = logins.for_owner()
        # Migrate makes the restricted login, if it may, and needs the password that web and work will use.
        os.environ["DATABASE_RESTRICTED_URL"] = logins.app
    else:
        os.environ["DATABASE_URL"] = logins.app
        os.environ.pop("DATABASE_OWNER_URL", None)


def run(arguments: Sequence[str]) -> int:
    """Run one command in this process; returns its status."""
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        print(_help(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from importlib.metadata import version

        print(f"comptoir {version('comptoir')}")
        return 0
    name, *rest = arguments
    command = COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, [known for known, entry in COMMANDS.items() if not entry.hidden], n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        return _sorry(f"there is no command {name!r}{meant} `comptoir --help` lists them all.", 2)
    signal.signal(signal.SIGTERM, _end)
    if parent := os.environ.pop("COMPTOIR_PARENT", ""):
        end_with_parent(int(parent))
    try:
        return _run(name, command, rest)
    except (LoginError, LocalPostgresError) as reason:
        return _sorry(str(reason), 2)


def have_static_files() -> None:
    """Collect the static files if they changed since: in a process of its own, before this one reads its settings."""
    if not static_is_collected(home()):
        environment = {**os.environ, "COMPTOIR_STATIC": "collecting"}
        subprocess.run([sys.executable, "-m", "comptoir.command", "collect-static"], env=environment, check=True)


def _run(name: str, command: Command, arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")
    asks_for_help = "--help" in arguments or "-h" in arguments
    if name == "web" and not asks_for_help:
        have_static_files()
    with database(Login.NONE if asks_for_help else command.login, keep_alive=command.serves):
        return run_in_django(name, arguments)


def run_in_django(name: str, arguments: list[str]) -> int:
    """Run one command with the database that DATABASE_URL names now; returns its status, 2 for a wrong flag."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import OperationalError

    # what is loaded stays: looking through it for garbage meanwhile takes a fifth of the start
    gc.disable()
    try:
        django.setup()
        found = _find(name)
    except ImproperlyConfigured as reason:
        return _sorry(str(reason), 2)
    finally:
        gc.enable()
    if found is None:
        return _sorry(f"{name} is not part of this installation.", 2)
    try:
        options = _parsed(found, name, arguments)
    except CommandError as reason:
        return _sorry(f"{name}: {_sentence(reason)} `comptoir {name} --help` tells more.", 2)
    try:
        found.execute(*options.pop("args", ()), **options)
    except CommandError as reason:
        return _sorry(f"{name}: {_sentence(reason)}", reason.returncode)
    except OperationalError as reason:
        return _sorry(f"{name}: the database did not answer: {_sentence(reason)}", 1)
    finally:
        close_connections()
    return 0


def close_connections() -> None:
    """Close every database connection and pool of this process."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            close_pool()


def _find(name: str) -> BaseCommand | None:
    from django.core.management import get_commands, load_command_class

    module = name.replace("-", "_")
    app = get_commands().get(module)
    if app is None:
        return None
    return load_command_class(app, module) if isinstance(app, str) else app


def _parsed(command: BaseCommand, name: str, arguments: list[str]) -> dict[str, Any]:
    # Parsed as if called from code: a mistake is then a CommandError to say in one sentence, not a page of usage.
    command.suppressed_base_arguments = {*_NOT_SHOWN}
    parser = command.create_parser("comptoir", name)
    options = vars(parser.parse_args(arguments))
    # Django's checks look at the code, not at this installation: `make check` runs them, once.
    return {**options, "skip_checks": True}


def _help() -> str:
    shown = {name: command for name, command in COMMANDS.items() if not command.hidden}
    width = max(map(len, shown)) + 2
    return "\n".join(
        [
            "Usage: comptoir COMMAND [options]     (comptoir COMMAND --help tells more)",
            "",
            *(f"  {name:<{width}}{command.line}" for name, command in shown.items()),
            "",
            "The environment configures it: DATABASE_URL (restricted login) and DATABASE_OWNER_URL (owner of the tables)",
            "name a PostgreSQL server, or one is started under COMPTOIR_HOME, where files and keys are kept as well.",
        ]
    )


def _sentence(reason: BaseException) -> str:
    said = " ".join(str(reason).removeprefix("Error: ").split())
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _sorry(sentence: str, status: int) -> int:
    print(f"comptoir: {sentence}", file=sys.stderr)
    return status


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
