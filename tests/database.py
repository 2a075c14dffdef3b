"""The tests' PostgreSQL, made before Django reads its settings: a migrated template per state of the migrations, a clone per run.

Tests run with the restricted login, so both walls stand in every one of them. `DATABASE_OWNER_URL` names another server.
"""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

CHECKOUT = Path(__file__).resolve().parent.parent
ROOM = 3 * 2**30  # bytes that the tests' databases may take


def _home() -> Path:
    """Where the server of the tests keeps its files: in memory, if there is room.

    A database is cloned for each test that kills or runs threads: 0.04 s in memory, 0.1 s to over 1 s on a disk.
    """
    if given := os.environ.get("COMPTOIR_TEST_HOME"):
        return Path(given)
    memory = Path("/dev/shm")  # one directory of its own below it, only where it is ours
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        home = memory / f"comptoir-test-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]}"
        home.mkdir(mode=0o711, exist_ok=True)
        if home.stat().st_uid == os.geteuid() and not home.is_symlink():
            return home
    return CHECKOUT / ".comptoir" / "test"


HOME = _home()


def named(url: str, database: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


class Server:
    """Where the tests' databases live."""

    def __init__(self) -> None:
        given = os.environ.get("DATABASE_OWNER_URL")
        # a server of our own forgets on a power cut: there copying files takes half the time of copying through the log
        self.is_given = bool(given)
        self.strategy = "" if given else "STRATEGY FILE_COPY"
        if given:
            from comptoir.kernel.logins import restricted_url

            self.admin, self.owner, self.app = given, given, restricted_url(given)
        else:
            from comptoir.kernel.local_postgres import LocalPostgres

            local = LocalPostgres(HOME, fast=True)
            local.ensure()
            atexit.register(local.release)
            self.admin, self.owner, self.app = local.superuser_url(), local.owner_url(), local.app_url()
        self.template = f"comptoir_template_{_digest_of_migrations()}"

    def do(self, *statements: str) -> None:
        """Run statements outside a transaction, as who may end other logins' connections."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def prepare_template(self) -> None:
        """Migrate a template once for this state of the migrations."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(73002)")  # two runs at once prepare one template
            self._drop_what_dead_runs_left(connection)
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.template]).fetchone():
                return
            draft = f"{self.template}_draft"
            connection.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {draft} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'".encode())
            environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
            environment["DATABASE_OWNER_URL"] = named(self.owner, draft)
            subprocess.run(
                [Path(sys.executable).with_name("comptoir"), "migrate"],
                cwd=CHECKOUT,
                env=environment,
                check=True,
                stdout=2,
            )
            connection.execute(f"ALTER DATABASE {draft} RENAME TO {self.template}".encode())

    def _drop_what_dead_runs_left(self, connection: "psycopg.Connection[tuple[str, ...]]") -> None:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'comptoir\\_run\\_%'").fetchall()
        for (name,) in found:
            if not Path(f"/proc/{name.split('_')[2]}").exists():
                self.drop(name)
                shutil.rmtree(HOME / name, ignore_errors=True)

    def clone(self, name: str, template: str = "") -> None:
        """A fresh migrated database, or a copy of another one that nobody is connected to."""
        owner = psycopg.conninfo.conninfo_to_dict(self.owner)["user"]
        self.do(f'CREATE DATABASE {name} TEMPLATE {template or self.template} OWNER "{owner}" {self.strategy}')

    def drop(self, name: str) -> None:
        """Gone, whoever is connected."""
        self.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    others = ("requirements.lock", "comptoir/kernel/walls.py", "comptoir/kernel/management/commands/migrate.py")
    for path in [*sorted(CHECKOUT.glob("comptoir/*/migrations/*.py")), *(CHECKOUT / name for name in others)]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


RUN = f"comptoir_run_{os.getpid()}"
FILES = HOME / RUN  # each process has files of its own: what one takes away or writes anew lies in no other's store
FILES.mkdir(mode=0o711, exist_ok=True)
atexit.register(shutil.rmtree, FILES, ignore_errors=True)
os.environ["COMPTOIR_HOME"] = str(FILES)
os.environ["COMPTOIR_MODE"] = "sandbox"
os.environ.setdefault("PYTHONHASHSEED", "0")
SERVER = Server()
SERVER.prepare_template()
SERVER.clone(RUN)
atexit.register(SERVER.drop, RUN)
os.environ["DATABASE_URL"] = named(SERVER.app, RUN)
