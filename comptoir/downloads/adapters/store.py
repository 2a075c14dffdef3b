"""Where the bytes of releases lie: on this disk, or in an object store. They lie under their digest and never change."""

import base64
import errno
import mmap
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection

from ..models import ReleaseFile
from ..models.releases import place_of

DIGEST = 64  # letters of SHA-256 in hex


class StoreUnreachable(OSError):
    """The disk or the object store does not answer: what is asked of it can be asked again later."""


@contextmanager
def _asking() -> Iterator[None]:
    """Whatever a store raises is told as StoreUnreachable; FileNotFoundError stays what it is."""
    try:
        yield
    except (FileNotFoundError, StoreUnreachable):
        raise
    except OSError as error:
        raise StoreUnreachable(f"{type(error).__name__}: {error}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"botocore", "boto3", "s3transfer"}:  # loaded only where a bucket is
            raise
        raise StoreUnreachable(f"{type(error).__name__}: {error}") from error


def keep(path: Path, stored_as: str) -> None:
    """Take a file into the store: moved on this disk, sent to an object store. What is there already stays.

    Raises StoreUnreachable; nothing is kept then.
    """
    with _asking():
        _keep(path, stored_as)


def _keep(path: Path, stored_as: str) -> None:
    store = storages["releases"]
    if store.exists(stored_as):
        return
    if isinstance(store, FileSystemStorage):
        place = Path(store.path(stored_as))
        place.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o600)
        _flush(path)
        _moved(path, place)
        return
    with path.open("rb") as content:
        store.save(stored_as, File(content))


def _moved(path: Path, place: Path) -> None:
    """Move it in one step: nobody sees half of it. From another disk it is copied beside its place first."""
    try:
        path.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = place.with_name(f"{place.name}.{secrets.token_hex(8)}.part")
        try:
            shutil.copyfile(path, beside)
            beside.chmod(0o600)
            _flush(beside)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


def hold(sha256: str) -> None:
    """Let nobody else take in or forget the bytes under that digest before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [sha256])


def forget(sha256: str) -> None:
    """Remove the bytes under that digest; it is no matter if they are gone. Raises StoreUnreachable."""
    with _asking():
        storages["releases"].delete(place_of(sha256))


def is_this_disk() -> bool:
    """Whether the bytes lie on this disk, where they are this house's alone."""
    return isinstance(storages["releases"], FileSystemStorage)


def kept() -> Iterator[tuple[str, datetime]]:
    """Every digest under which bytes lie, and since when. Raises StoreUnreachable."""
    store = storages["releases"]
    with _asking():
        try:
            folders = store.listdir("releases")[0]
        except FileNotFoundError:  # nothing was ever kept
            return
        for folder in folders:
            for name in store.listdir(f"releases/{folder}")[1]:
                if len(name) == DIGEST:
                    yield name, store.get_modified_time(f"releases/{folder}/{name}")


def content_of(file: ReleaseFile) -> IO[bytes]:
    """The bytes of a file on this disk. Raises FileNotFoundError and StoreUnreachable."""
    with _asking():
        return storages["releases"].open(file.stored_as, "rb")


def size_kept(file: ReleaseFile) -> int | None:
    """How many bytes of a file the store has; None: it has no such file. Raises StoreUnreachable."""
    with _asking():
        store = storages["releases"]
        return store.size(file.stored_as) if store.exists(file.stored_as) else None


def address_elsewhere(file: ReleaseFile, seconds: int) -> str | None:
    """Where an object store hands the file out, for so long; None where it lies on this disk. Raises StoreUnreachable.

    The store is asked first, every few seconds: nobody is led to one that does not answer.
    """
    store: Any = storages["releases"]
    if isinstance(store, FileSystemStorage):
        return None
    _answers(store, file.stored_as)
    told = {
        "ResponseContentDisposition": f'attachment; filename="{ascii_name(file.name)}"',
        "ResponseContentType": file.media_type,
    }
    address: str = store.url(file.stored_as, parameters=told, expire=seconds)
    return address


ASKED_EVERY = 10  # seconds
_asked: dict[str, tuple[float, str]] = {}  # address of a bucket -> when it was asked, and what was wrong then


def _answers(store: Any, stored_as: str) -> None:
    """Raise StoreUnreachable unless the object store answered within the last seconds. It gets two to answer."""
    place = f"{store.endpoint_url}/{store.bucket_name}"
    at, wrong = _asked.get(place, (-ASKED_EVERY, ""))
    if time.monotonic() - at >= ASKED_EVERY:
        try:
            with _asking():
                _impatient(store).exists(stored_as)
            wrong = ""
        except StoreUnreachable as error:
            wrong = str(error)
        _asked[place] = (time.monotonic(), wrong)
    if wrong:
        raise StoreUnreachable(wrong)


def _impatient(store: Any) -> Any:
    """The same store, not waited for as long as for a file that is sent."""
    from botocore.config import Config  # here: loaded only where a bucket is given

    kept: Any = storages.backends
    options = kept["releases"]["OPTIONS"]
    soon = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 1})
    return type(store)(**{**options, "client_config": options["client_config"].merge(soon)})


def ascii_name(name: str) -> str:
    """A name that every header takes."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "_" for letter in name)


def signature_of(path: Path) -> str:
    """The Ed25519 signature over the bytes of a file, base64. The file is mapped, not read into memory."""
    # imported here: only who signs needs it, and every process would carry it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.RELEASE_KEY))
    with (
        path.open("rb") as content,
        mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as seen,
    ):
        return base64.b64encode(key.sign(seen)).decode()


def public_key() -> str:
    """The public half of the key that files are signed with: 32 bytes, base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.RELEASE_KEY))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _flush(path: Path) -> None:
    with path.open("rb") as content:
        os.fsync(content.fileno())
