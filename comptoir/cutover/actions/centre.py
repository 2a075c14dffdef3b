"""Bringing over what the old centre held: one import is one transaction. Source: rules 12."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings

from comptoir.cutover.models import ImportRun
from comptoir.cutover.rules import Judgement
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
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


@action(Can.IMPORT_OLD_CENTRE)
def import_centre(
    actor: Actor, house: House, *, judgement: Judgement, digest: str, on: date, dry_run: bool, progress: Progress
) -> ImportRun:
    """Add what is new, and change nothing that is here. The house is locked, so two imports queue.

    `digest` names the export, `on` is the business day, `progress` hears of each table. Raises Undone for a dry run, and
    where nothing is new: there is nothing to keep then, no event, no row, no run.
    """
    started = _start_clock(house, judgement.cutover_day)
    carried = Carrying(judgement, on=house.business_day if started and house.business_day else on)
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


def _kept(judgement: Judgement, added: dict[str, int]) -> dict[str, Any]:
    """The report without its sentences, which quote names and addresses of many customers."""
    report: dict[str, Any] = {"added": added}
    for name, value in judgement.as_report().items():
        report[name] = [_bare(finding) for finding in value] if isinstance(value, list) else value
    return report


def _bare(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in ("file", "line", "reason")}
