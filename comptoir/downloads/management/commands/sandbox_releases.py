"""`comptoir sandbox-releases`: small real files for the demo's made-up products, so that every page has something to show."""

import hashlib
import io
import zipfile
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from comptoir.kernel.actor import Actor
from comptoir.kernel.house import the_house

from ...actions.sandbox import Made, fill_sandbox_releases
from ...adapters.receiving import place_for_upload
from ...adapters.store import keep, signature_of
from ...queries.sandbox import without_files

NOTES_EN = "Faster opening of large files.\n\nCorrections in printing and in the exchange of files."
NOTES_FR = "Ouverture plus rapide des grands fichiers.\n\nCorrections de l’impression et de l’échange de fichiers."


class Command(BaseCommand):
    """Give the demo's newest versions files of a few kilobytes each; what has files stays as it is."""

    help = "Give the demo's newest versions small real files to download (sandbox)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the files, keep them in the store, and note them in one transaction."""
        if not settings.SANDBOX:
            raise CommandError("the demo's files are for a sandbox; COMPTOIR_MODE=sandbox has them.")
        made: list[Made] = []
        with transaction.atomic():
            for release_id, code, version in without_files():
                made += [_kept(release_id, *told) for told in _files(code, version)]
            notes = {"notes_en": NOTES_EN, "notes_fr": NOTES_FR}
            fill_sandbox_releases(Actor.operator(), the_house(), files=[each.as_dict() for each in made], **notes)


def _files(code: str, version: str) -> list[tuple[str, str, str, str, str, bytes]]:
    """Name, platform, architecture, kind, type and bytes of each file. They begin as their kind does, and do nothing."""
    name, text = f"{code.lower()}-{version}", f"{code} {version}, made up for the sandbox.\n"
    filler = "".join(f"{line:04} {text}" for line in range(120)).encode()
    exe, archive = "application/vnd.microsoft.portable-executable", _zipped(f"{name}/README.txt", filler)
    return [
        (f"{name}-windows-x64.exe", "windows", "x64", "installer", exe, b"MZ" + filler),
        (f"{name}-windows-arm64.exe", "windows", "arm64", "installer", exe, b"MZ" + filler[::-1]),
        (f"{name}-macos.pkg", "macos", "any", "installer", "application/x-xar", b"xar!" + filler),
        (f"{name}-linux-x64.zip", "linux", "x64", "package", "application/zip", archive),
        (f"{name}-readme.txt", "any", "any", "documentation", "text/plain", text.encode() * 9),
    ]


def _zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)  # of no day, so that the bytes are the same everywhere
    return packed.getvalue()


def _kept(release_id: int, name: str, platform: str, architecture: str, kind: str, media: str, content: bytes) -> Made:
    path = place_for_upload()
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    told = Made(release_id, name, platform, architecture, kind, media, len(content), digest, signature_of(path))
    keep(path, f"releases/{digest[:2]}/{digest}")
    path.unlink(missing_ok=True)
    return told
