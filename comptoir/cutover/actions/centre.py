"""Bringing over what the old centre held: one import is one transaction. Source: rules 12."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from comptoir.cutover.models import ImportRun
from comptoir.cutover.rules import FILES, Judgement
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.organisations.actions import note_customers_imported
from comptoir.permissions import Can

from .carrying import Carrying

Progress = Callable[[str], None]


class Undone(Exception):
    """The import was carried out and taken back: a dry run, or there was nothing new. `added` says what it would have added."""

    def __init__(self, added: dict[str, int]) -> None:
        super().__init__("the import keeps nothing")
        self.added = added


def bring_over(
    actor: Actor, house: House, judgement: Judgement, *, digest: str, dry_run: bool, progress: Progress = lambda _table: None
) -> dict[str, int]:
    """Import what was judged good. Returns how many rows were added, by table; a dry run keeps none of them.

    With nothing new there is nothing to keep either: no event, no row, no run.
    """
    try:
        run = import_centre(actor, house, judgement=judgement, digest=digest, dry_run=dry_run, progress=progress)
    except Undone as undone:
        return undone.added
    added: dict[str, int] = run.report["added"]
    return added


@action(Can.IMPORT_OLD_CENTRE)
def import_centre(
    actor: Actor, house: House, *, judgement: Judgement, digest: str, dry_run: bool, progress: Progress
) -> ImportRun:
    """Add what is new, and change nothing that is here. The house is locked, so two imports queue. Raises Undone."""
    started = _start_clock(house, judgement.cutover_day)
    carried = Carrying(judgement, on=business_day())
    for table, carry in carried.tables():
        progress(table)
        carry()
    added = carried.added
    if dry_run or not (started or any(added.values())):
        raise Undone(added)
    note_customers_imported(carried.customers.values(), carried.counts())
    told: dict[str, Any] = {table.replace(" ", "_"): count for table, count in added.items()}
    record(Events.CENTRE_IMPORTED, house, digest=digest, **told)
    return ImportRun.objects.create(digest=digest, cutover_day=judgement.cutover_day, report=_kept(judgement, added))


def _start_clock(house: House, cutover_day: date | None) -> bool:
    """A sandbox that has no day of its own starts on the day on which the old centre was left (rules 1)."""
    if not settings.SANDBOX or cutover_day is None or house.business_day is not None:
        return False
    house.business_day = cutover_day
    house.save(update_fields=["business_day"])
    return True


def digest_of(directory: Path) -> str:
    """SHA-256 over the files of an export, as hex: says later which export an import was of."""
    whole = hashlib.sha256()
    for name in FILES:
        path = directory / name
        whole.update(f"{name}\n".encode())
        if path.is_file():
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _kept(judgement: Judgement, added: dict[str, int]) -> dict[str, Any]:
    """The report without its sentences, which quote names and addresses of many customers."""
    report: dict[str, Any] = {"added": added}
    for name, value in judgement.as_report().items():
        report[name] = [_bare(finding) for finding in value] if isinstance(value, list) else value
    return report


def _bare(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in ("file", "line", "reason")}
