"""The operating-system account that PostgreSQL runs under: ours, or a lesser one when we are root."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class LocalPostgresError(RuntimeError):
    """The local PostgreSQL cannot be used; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """An account of this machine; `switch` when processes must change to it because we are root."""

    name: str
    uid: int
    gid: int
    switch: bool

    def give(self, directory: Path, mode: int) -> None:
        """Make the directory if need be and hand it to this account with exactly this mode."""
        directory.mkdir(parents=True, exist_ok=True)
        if self.switch:
            os.chown(directory, self.uid, self.gid)
        if directory.stat().st_mode & 0o7777 != mode:
            directory.chmod(mode)

    def run(self, command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, without input, in `/`, free of PG* variables; output as text."""
        who: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}
        return subprocess.run(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            cwd="/", env=clean_environment(), check=False, **who, **options,
        )  # fmt: skip

    def can_enter(self, directory: Path) -> bool:
        """Whether this account may change into the directory: asked of the kernel, so ACLs count."""
        if not self.switch:
            return os.access(directory, os.X_OK)
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory]).returncode == 0


def clean_environment() -> dict[str, str]:
    """The environment without libpq's variables (a PGPORT or PGDATA must not steer us), messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def account_for(data: Path) -> Account:
    """The account for the cluster in `data`: its owner when it exists, else ours, else postgres or nobody for root.

    Raises LocalPostgresError when the cluster belongs to somebody else, or root has nobody to change to.
    """
    owner = None
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        owner = data.stat().st_uid
    ours = os.geteuid()
    if ours != 0:
        if owner not in (None, ours):
            raise LocalPostgresError(
                f"The database under {data.parent} belongs to {_name(owner)}: run this as {_name(owner)} or root, "
                "or set COMPTOIR_HOME to a directory of your own."
            )
        return Account(_name(ours), ours, os.getegid(), switch=False)
    for name in ([_name(owner)] if owner else []) + ["postgres", "nobody"]:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)
    raise LocalPostgresError(
        "PostgreSQL does not run as root and this machine has neither a postgres nor a nobody account: "
        "create one, or set DATABASE_URL."
    )


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else os.geteuid()).pw_name
    except KeyError:
        return f"user {uid}"
