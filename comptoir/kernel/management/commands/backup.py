"""`comptoir backup DIR`: database, files and keys, with checksums."""

import json
import shutil
from argparse import ArgumentParser
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comptoir.kernel import archive, dump


class Command(BaseCommand):
    """Write a backup that `comptoir restore` reads; web and work may run meanwhile."""

    help = "Write database, files and keys into an empty directory. It holds keys: guard it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("directory", metavar="DIR", type=Path, help="a directory that is empty or not there yet")
        parser.add_argument("--json", action="store_true", help="print what was written as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Dump first, then copy the files: a file that came in between has no row, which does no harm."""
        directory: Path = options["directory"].absolute()
        try:
            archive.new_directory(directory)
            try:
                major = dump.server_major()
                dump.dump(directory / archive.DUMP)
                archive.copy_kept(settings.COMPTOIR_HOME, directory)
                made_at = datetime.now(UTC).isoformat(timespec="seconds")
                manifest = archive.write_manifest(directory, made_at=made_at, comptoir=version("comptoir"), postgresql=major)
            except BaseException:
                for left in directory.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
                raise
        except (archive.ArchiveError, dump.DumpError) as reason:
            raise CommandError(str(reason)) from None
        except OSError as error:
            raise CommandError(f"{directory} cannot be written: {error.strerror}") from None
        files, size = len(manifest.entries), manifest.total()
        if options["json"]:
            self.stdout.write(json.dumps({"directory": str(directory), "files": files, "bytes": size, "made_at": made_at}))
        else:
            self.stdout.write(f"Backed up: {files} files, {size / 1e6:.1f} MB in {directory}. It holds keys: guard it.")
