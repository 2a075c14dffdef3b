"""`comptoir export DIR`: tables leave the house, whole or not at all."""

import json
import shutil
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules

from comptoir.kernel.export import TABLES, write_csv, write_json_lines, write_xlsx

WRITERS = {"csv": write_csv, "jsonl": write_json_lines, "xlsx": write_xlsx}


class Command(BaseCommand):
    """Write tables of all customers into a new directory, as they are at one instant."""

    help = "Write invoices, periods, seats, activity, people and assignments as CSV, XLSX or JSON lines into an empty directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and what."""
        parser.add_argument("directory", metavar="DIR", type=Path, help="a directory that is empty or not there yet")
        parser.add_argument("--table", action="append", metavar="NAME", help="once or more; all tables if not given")
        parser.add_argument("--format", choices=sorted(WRITERS), default="csv", help="csv if not given")
        parser.add_argument("--json", action="store_true", help="print what was written as one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write beside the directory, then rename: a reader finds all files or none."""
        autodiscover_modules("queries", "queries.exports")
        tables = _wanted(options["table"])
        directory: Path = options["directory"].absolute()
        draft = directory.with_name(f".{directory.name}.unfinished")
        try:
            if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
                raise CommandError(f"{directory} is not empty; name a new directory for the export.", returncode=2)
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True, mode=0o700)
            try:
                rows = _write(tables, draft, options["format"])
                draft.rename(directory)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OverflowError as error:
            raise CommandError(f"nothing was written: {error}.", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{directory} cannot be written: {error.strerror}.", returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps({"directory": str(directory), "format": options["format"], "rows": rows}, indent=1))
        else:
            told = ", ".join(f"{name} {count:,}" for name, count in rows.items())
            self.stdout.write(f"Exported into {directory}: {told} rows. It holds names and addresses: guard it.")


def _wanted(names: Iterable[str] | None) -> list[str]:
    wanted = list(dict.fromkeys(names or TABLES))
    unknown = [name for name in wanted if name not in TABLES]
    if unknown:
        sentence = f"there is no table {', '.join(unknown)}; choose from {', '.join(sorted(TABLES))}."
        raise CommandError(sentence, returncode=2)
    return wanted


def _write(tables: Iterable[str], directory: Path, form: str) -> dict[str, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        rows = {}
        for name in tables:
            path = directory / f"{name}.{form}"
            path.touch(mode=0o600)
            rows[name] = WRITERS[form](TABLES[name], path)
    return rows
