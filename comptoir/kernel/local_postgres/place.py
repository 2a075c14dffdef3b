"""Where a cluster lies on disk, and where its socket is."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from comptoir.kernel.local_postgres.account import Account, LocalPostgresError, account_for

SHELTER = Path("/var/lib/comptoir")
# The kernel takes 107 bytes for a socket's path on Linux, 103 on macOS; libpq splits hosts at commas.
LONGEST_SOCKET_PATH = 103
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    """The directories of one cluster and the account that owns them."""

    root: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "postgres.log"

    @property
    def socket(self) -> Path:
        """The directory of the server's socket: below the root, or a short one when that path would not do."""
        inside = self.root / "socket"
        path = str(inside / SOCKET_NAME)
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w/.+-]+", path, re.ASCII):
            return inside
        key = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return (Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())) / f"comptoir-{key}"

    def prepare(self) -> None:
        """Make the directories, owned by the account; raises LocalPostgresError if the socket's is not ours alone."""
        self.account.give(self.root, 0o711)
        if self.socket.parent == self.root:
            self.account.give(self.socket, 0o700)
            return
        # In a directory that everybody may write to, the name may have been taken by somebody else.
        try:
            self.socket.mkdir(mode=0o700)
            os.chown(self.socket, self.account.uid, self.account.gid)
        except FileExistsError:
            there = self.socket.lstat()
            if not stat.S_ISDIR(there.st_mode) or there.st_uid != self.account.uid or there.st_mode & 0o077:
                raise LocalPostgresError(
                    f"{self.socket} should be a private directory of {self.account.name} and is not: remove it, "
                    "or set COMPTOIR_HOME to a shorter path."
                ) from None


def place_of(home: Path) -> Place:
    """Where the cluster of this home lies; nothing is made. Raises LocalPostgresError as account_for does."""
    inside = home / "postgres"
    root = inside if (inside / "data").exists() else _sheltered(home) or inside
    return Place(root, account_for(root / "data"))


def settle(home: Path) -> tuple[Place, bool]:
    """Where the cluster of this home lies, making room for it; True when it had to go outside the home.

    Below a directory that the server's account cannot enter (a checkout under /root), it goes to /var/lib/comptoir.
    """
    home.mkdir(parents=True, exist_ok=True)
    place = place_of(home)
    if place.account.switch and not place.data.exists():
        if home.stat().st_uid == os.geteuid():
            # The home itself is ours to open for passing through; directories above it are not.
            home.chmod(home.stat().st_mode | 0o011)
        if not place.account.can_enter(home):
            return _shelter(home, place.account), True
    place.prepare()
    return place, False


def _shelter(home: Path, account: Account) -> Place:
    SHELTER.mkdir(parents=True, exist_ok=True, mode=0o755)
    root = SHELTER / f"{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}-{secrets.token_hex(3)}"
    place = Place(root, account)
    place.prepare()
    (root / "home").write_text(f"{home}\n")
    (home / "postgres-is-at").write_text(f"{root}\n")
    return place


def _sheltered(home: Path) -> Path | None:
    # Both sides name each other: a copy of the home, or a new one at the same path, never meets the old database.
    try:
        root = Path((home / "postgres-is-at").read_text().strip())
        if (root / "home").read_text().strip() == str(home):
            return root
    except OSError:
        pass
    return None
