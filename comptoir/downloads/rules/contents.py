"""What a file is, by its bytes: a name and a browser may say anything."""

from collections.abc import Mapping

HEAD, TAIL = 560, 512  # bytes that tell
LONGEST_NAME, LONGEST_END = 150, 12  # letters

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (_OLE, "application/x-msi"),
    (b"xar!", "application/x-xar"),
    (b"!<arch>\ndebian", "application/vnd.debian.binary-package"),
    (b"\xed\xab\xee\xdb", "application/x-rpm"),
    (b"\x7fELF", "application/x-executable"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"%PDF-", "application/pdf"),
)
_DISK_IMAGE = "application/x-apple-diskimage"
_TAR = "application/x-tar"
_TEXT = "text/plain"
_ARCHIVES = {"application/zip", "application/gzip", "application/x-xz", "application/zstd", "application/x-7z-compressed", _TAR}
_OF_PLATFORM: Mapping[str, set[str]] = {
    "windows": {"application/vnd.microsoft.portable-executable", "application/x-msi"},
    "macos": {_DISK_IMAGE, "application/x-xar"},
    "linux": {"application/vnd.debian.binary-package", "application/x-rpm", "application/x-executable"},
    "any": set(),
}


def media_type(head: bytes, tail: bytes) -> str | None:
    """What begins (and, for a disk image, ends) like this; None where it is nothing that a vendor publishes."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if tail[-512:].startswith(b"koly"):
        return _DISK_IMAGE
    if head[257:262] == b"ustar":
        return _TAR
    return _TEXT if _is_plain(head) else None


def _is_plain(head: bytes) -> bool:
    text = head.decode("utf-8", errors="ignore")
    if not head or "\x00" in text or len(text.encode()) < len(head) - 3 or "<" in text.lstrip()[:1]:
        return False
    return all(letter.isprintable() or letter in "\r\n\t\f" for letter in text)


def fits(media: str, *, platform: str, kind: str) -> bool:
    """Whether such a file can be what the desk says: an installer of that platform, a package, or something to read."""
    if kind == "documentation":
        return media in {"application/pdf", "application/zip", _TEXT}
    return media in _ARCHIVES or media in _OF_PLATFORM[platform]


def file_name(told: str) -> str:
    """A name to save a file under: without a path, a sign that a file system minds, or an end of dots."""
    base = told.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter if letter.isprintable() and letter not in '<>:"|?*%' else "-" for letter in base)
    whole = " ".join(kept.split()).strip(". ")
    stem, dot, end = whole.rpartition(".")
    if len(whole) > LONGEST_NAME and dot and len(end) <= LONGEST_END:  # what it ends with says how it is opened
        return f"{stem[: LONGEST_NAME - len(end) - 1].strip('. ')}.{end}"
    return whole[:LONGEST_NAME].strip(". ") or "file"
