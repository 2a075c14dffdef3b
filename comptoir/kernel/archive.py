"""A backup on disk: the database's dump, the files, the keys, and a manifest that says what must be there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
KEPT = ("files", "keys")


class ArchiveError(RuntimeError):
    """The directory cannot be used as a backup; the message is one sentence."""


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its path inside it, its size in bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `postgresql` is the major version of the server that it came from."""

    format: int
    made_at: str
    comptoir: str
    postgresql: int
    entries: tuple[Entry, ...]

    def total(self) -> int:
        """Bytes in all."""
        return sum(entry.size for entry in self.entries)


def new_directory(directory: Path) -> None:
    """Make room for a backup, for the owner's eyes only. Raises ArchiveError if something lies there."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ArchiveError(f"{directory} is not empty; name a new directory for the backup")
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)


def copy_kept(home: Path, directory: Path) -> None:
    """Copy what the home keeps beside the database. The files come after the dump, so no row misses its file."""
    for name in KEPT:
        if (home / name).is_dir():
            shutil.copytree(home / name, directory / name)


def write_manifest(directory: Path, *, made_at: str, comptoir: str, postgresql: int) -> Manifest:
    """Describe and close the backup: only the owner may read it, and it is on the disk when this returns."""
    entries = []
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        path.chmod(0o600)
        entries.append(_described(directory, path))
    manifest = Manifest(FORMAT, made_at, comptoir, postgresql, tuple(entries))
    draft = directory / f"{MANIFEST}.unfinished"
    draft.touch(mode=0o600)
    with draft.open("w") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(directory / MANIFEST)
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a whole and unchanged backup. Raises ArchiveError that names the first file that differs."""
    try:
        said = json.loads((directory / MANIFEST).read_text())
        entries = tuple(Entry(**entry) for entry in said["entries"])
        manifest = Manifest(**{**said, "entries": entries})
    except FileNotFoundError:
        raise ArchiveError(f"{directory} holds no {MANIFEST}: it is not a backup, or one that was never finished") from None
    except (ValueError, TypeError, KeyError):
        raise ArchiveError(f"{directory / MANIFEST} cannot be read: the backup is damaged") from None
    if manifest.format != FORMAT:
        raise ArchiveError(f"the backup has format {manifest.format} and this version of Comptoir reads {FORMAT}")
    for entry in manifest.entries:
        path = directory / entry.path
        # A manifest from elsewhere must not make us read, and later copy, files outside the backup.
        if not path.resolve().is_relative_to(directory.resolve()) or not path.is_file():
            raise ArchiveError(f"{path} is missing: the backup is damaged")
        if _described(directory, path) != entry:
            raise ArchiveError(f"{path} is not what was backed up: the backup is damaged")
    if DUMP not in {entry.path for entry in manifest.entries}:
        raise ArchiveError(f"{directory} holds no {DUMP}: the backup is damaged")
    return manifest


def stage(directory: Path, manifest: Manifest, home: Path) -> None:
    """Copy the kept files of a backup beside those of the home, so that the switch is only a rename."""
    for name in KEPT:
        shutil.rmtree(home / f"{name}.restoring", ignore_errors=True)
        (home / f"{name}.restoring").mkdir(parents=True, mode=0o700)
    for entry in manifest.entries:
        kept, _, rest = entry.path.partition("/")
        if kept in KEPT:
            target = home / f"{kept}.restoring" / rest
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(directory / entry.path, target)
            target.chmod(0o600)


def switch(home: Path) -> None:
    """Put the staged files in the place of the home's own, which are removed."""
    for name in KEPT:
        replaced = home / f"{name}.replaced"
        shutil.rmtree(replaced, ignore_errors=True)
        if (home / name).exists():
            (home / name).rename(replaced)
        (home / f"{name}.restoring").rename(home / name)
        shutil.rmtree(replaced, ignore_errors=True)


def _described(directory: Path, path: Path) -> Entry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(path.relative_to(directory).as_posix(), path.stat().st_size, digest)
