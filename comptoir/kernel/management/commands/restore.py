"""`comptoir restore DIR`: a backup comes back, paused."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

from comptoir.kernel import archive, dump
from comptoir.kernel.models import House


class Command(BaseCommand):
    """Read a backup into an empty database; the copy reaches nobody outside until `comptoir resume`."""

    help = "Read a backup back, paused: it charges, mails and calls nobody until `comptoir resume`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from, and whether what is here may go."""
        parser.add_argument("directory", metavar="DIR", type=Path, help="a directory that `comptoir backup` wrote")
        parser.add_argument("--replace", action="store_true", help="remove what this database and home hold now")
        parser.add_argument("--json", action="store_true", help="print what was read as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything first, then change the database in one transaction, then switch the files."""
        directory: Path = options["directory"].absolute()
        home: Path = settings.COMPTOIR_HOME
        try:
            manifest = archive.read_manifest(directory)
            self._refuse(manifest, replace=options["replace"])
            archive.stage(directory, manifest, home)
            dump.restore(
                directory / archive.DUMP,
                major=manifest.postgresql,
                replace=options["replace"],
                then=_pause(f"restored from the backup of {manifest.made_at}"),
            )
            archive.switch(home)
        except (archive.ArchiveError, dump.DumpError) as reason:
            raise CommandError(str(reason)) from None
        call_command("migrate", verbosity=0)
        if options["json"]:
            self.stdout.write(json.dumps({"made_at": manifest.made_at, "files": len(manifest.entries), "paused": True}))
        else:
            self.stdout.write(
                f"Restored the backup of {manifest.made_at}. It is paused: nobody is charged, mailed or called "
                "until `comptoir resume`."
            )

    def _refuse(self, manifest: archive.Manifest, *, replace: bool) -> None:
        major = dump.server_major()
        if manifest.postgresql > major:
            raise CommandError(
                f"the backup comes from PostgreSQL {manifest.postgresql} and this server is {major}; "
                "restore it into that version or a newer one"
            )
        if not replace and not dump.is_empty():
            raise CommandError("the database is not empty; add --replace to remove what it holds")
        others = dump.other_sessions()
        if others:
            raise CommandError(f"{others} other sessions use the database; stop web and work first")


def _pause(reason: str) -> str:
    # Said in the transaction that brings the rows, so that no worker ever sees them without the pause.
    connection.ensure_connection()
    update = sql.SQL("UPDATE public.{} SET paused_because = {}").format(sql.Identifier(House._meta.db_table), sql.Literal(reason))
    return update.as_string(connection.connection)
