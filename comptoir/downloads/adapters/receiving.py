"""An upload, written to a file of its own as it comes, never whole in memory, with its digest counted on the way."""

import hashlib
import secrets
import time
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from comptoir.kernel.failpoints import failpoint

from ..rules.contents import HEAD, TAIL

PART = 1_000_000  # bytes that are read at once
LEFT_BEHIND = 24 * 3600  # seconds after which the file of an upload that broke off is removed


class Received(UploadedFile):  # type: ignore[type-arg]
    """What came: where it lies, its digest, how it begins and ends. Whoever takes it removes the file or moves it away."""

    def __init__(self, path: Path, name: str, size: int, sha256: str) -> None:
        super().__init__(file=path.open("rb"), name=name, size=size)
        self.path, self.sha256 = path, sha256
        self.head = self.read(HEAD)
        self.seek(max(0, size - TAIL))
        self.tail = self.read(TAIL)
        self.seek(0)

    def discard(self) -> None:
        """Close it, and remove its file if nobody moved it away."""
        self.close()
        self.path.unlink(missing_ok=True)


class Receiving(FileUploadHandler):
    """Django's door for uploads: each file goes to `COMPTOIR_HOME/work/uploads`, up to the size limit."""

    chunk_size = PART

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.too_big = False
        self.got: list[Received] = []
        self._path: Path | None = None
        self._out: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._path = place_for_upload()
        self._out = self._path.open("wb")
        self._digest, self._size = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of it. Stops the upload once it is too big."""
        self._size += len(raw_data)
        if self._size > settings.LARGEST_FILE:
            self.too_big = True
            self.upload_interrupted()
            raise StopUpload(connection_reset=True)
        self._digest.update(raw_data)
        if self._out is not None:
            self._out.write(raw_data)
            failpoint("upload.running")

    def file_complete(self, file_size: int) -> Received | None:
        """The whole file is there."""
        if self._out is None or self._path is None:
            return None
        self._out.close()
        self._out = None
        received = Received(self._path, self.file_name or "", self._size, self._digest.hexdigest())
        self.got.append(received)
        return received

    def upload_interrupted(self) -> None:
        """Nothing is kept of a file that broke off."""
        if self._out is not None and self._path is not None:
            self._out.close()
            self._out = None
            self._path.unlink(missing_ok=True)


def place_for_upload() -> Path:
    """A new name in the directory of uploads; what broke off a day ago is removed from there."""
    folder = Path(settings.COMPTOIR_HOME) / "work" / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.glob("*.part"):  # of a process that was killed
        if time.time() - old.stat().st_mtime > LEFT_BEHIND:
            old.unlink(missing_ok=True)
    return folder / f"{secrets.token_hex(16)}.part"
