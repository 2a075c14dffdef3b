"""`comptoir import-legacy DIR`: what the old centre exported comes over."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from comptoir.cutover.actions import Undone, import_centre
from comptoir.cutover.rules import FILES, Judgement, judge, read_export
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import tell_planner
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import the_house

STEPS = 3 + 14  # reading, judging, the tables, the figures of the planner
SHOWN = 6  # findings of one kind, on a terminal


class Command(BaseCommand):
    """Import an export of the old centre; importing it again adds what is new and changes nothing else."""

    help = "Take in what the old centre exported: 13 CSV files. Good rows are never held back by bad ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from, and how to tell about it."""
        parser.add_argument("directory", metavar="DIR", type=Path, help="the directory with the 13 files")
        parser.add_argument("--dry-run", action="store_true", help="say what would be imported, and change nothing")
        parser.add_argument("--json", action="store_true", help="print the whole report as one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, judge, import. Problems with rows are reported and are no failure; a file that can't be read is one."""
        directory: Path = options["directory"].absolute()
        with _bar() as bar:
            task = bar.add_task("reading", total=STEPS)

            def show(what: str) -> None:
                bar.update(task, advance=1, description=what)

            export = read_export(directory)
            show("judging")
            judgement = judge(export)
            unread = [file for file, table in export.tables.items() if table.problem is not None]
            readable = len(unread) < len(FILES)
            added = self._import(judgement, directory, show, dry_run=options["dry_run"]) if readable else {}
            show("done")
        report = {**judgement.as_report(), "added": added, "dry_run": options["dry_run"]}
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        elif readable:
            self._tell(judgement, report)
        if unread:
            raise CommandError(_unread(unread, directory), returncode=1)

    def _import(self, judgement: Judgement, directory: Path, show: Any, *, dry_run: bool) -> dict[str, int]:
        try:
            run = import_centre(
                Actor.operator(),
                the_house(),
                judgement=judgement,
                digest=_digest_of(directory),
                on=business_day(),
                dry_run=dry_run,
                progress=show,
            )
        except Undone as undone:
            return undone.added
        except IntegrityError:
            sentence = "somebody wrote the same rows meanwhile, so nothing was imported: import again."
            raise CommandError(sentence, returncode=1) from None
        tell_planner()  # it must not go by the sizes of before
        added: dict[str, int] = run.report["added"]
        return added

    def _tell(self, judgement: Judgement, report: dict[str, Any]) -> None:
        added = ", ".join(f"{count:,} {table}" for table, count in report["added"].items() if count)
        verb = "Would import" if report["dry_run"] else "Imported"
        self.stdout.write(f"{verb}: {added}." if added else "Nothing new: everything was here already.")
        self.stdout.write(f"{judgement.people_distinct:,} people in {sum(judgement.rows.values()):,} rows of {len(FILES)} files.")
        problems = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in judgement.problems.items() if count)
        self.stdout.write(f"Problems: {problems or 'none'}.")
        for title in ("rejected", "dependent", "repeated", "adjusted", "flagged"):
            findings = report[title]
            if findings:
                kinds = Counter(finding["reason"] for finding in findings)
                said = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in kinds.items())
                self.stdout.write(f"\n{title.capitalize()} ({len(findings):,}): {said}")
                for finding in findings[:SHOWN]:
                    self.stdout.write(f"  {finding['file']}:{finding['line']}  {finding['sentence']}")
                if len(findings) > SHOWN:
                    self.stdout.write(f"  ... and {len(findings) - SHOWN:,} more; --json lists them all.")


def _unread(files: Sequence[str], directory: Path) -> str:
    if len(files) == len(FILES):
        return f"none of the {len(FILES)} files in {directory} could be read; nothing was imported."
    return f"{', '.join(files)} in {directory} could not be read (the report says why); what needs no part of it came over."


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty())


def _digest_of(directory: Path) -> str:
    """SHA-256 over the files of an export, as hex: says later which export an import was of."""
    whole = hashlib.sha256()
    for name in FILES:
        path = directory / name
        whole.update(f"{name}\n".encode())
        if path.is_file():
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
