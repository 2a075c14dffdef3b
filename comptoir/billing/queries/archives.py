"""Files with all invoices of a year. The actor comes first and is the first filter."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Count
from django.db.models.functions import ExtractYear

from comptoir.kernel.actor import Actor
from comptoir.kernel.export import ExportTable
from comptoir.permissions import Can

from ..models import InvoiceArchive
from .exports import INVOICE_LINES, INVOICES
from .invoices import invoices

TABLES: Mapping[str, ExportTable] = {table.name: table for table in (INVOICES, INVOICE_LINES)}


@dataclass(frozen=True, slots=True)
class Year:
    """A year of invoices: how many, and its file. `done` counts while it is being made; None where nothing is asked for.

    `stale`: documents came after the file was made.
    """

    year: int
    documents: int
    archive: int | None
    ready: bool
    done: int
    size: int
    made_at: datetime | None
    stale: bool


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees the invoices of all contracts: only they get all in one file."""
    return actor.contracts(Can.SEE_INVOICES) is None


def years(actor: Actor) -> list[Year]:
    """The years that have documents, newest first; none for who sees some contracts only."""
    if not sees_all(actor):
        return []
    by_year = invoices(actor).order_by().annotate(year=ExtractYear("issued_on"))
    counts = by_year.values_list("year").annotate(Count("id")).order_by("-year")
    archives = {archive.year: archive for archive in _archives(actor)}
    return [_year(year, count, archives) for year, count in counts]


def archive_of(actor: Actor, pk: int) -> InvoiceArchive:
    """One that is ready. Raises InvoiceArchive.DoesNotExist for who may not see it, and where its file is gone."""
    found = InvoiceArchive.objects.get(organisation_id=actor.customer_id, pk=pk)
    if not sees_all(actor) or not found.file or not default_storage.exists(found.file):
        raise InvoiceArchive.DoesNotExist
    return found


def table_of(actor: Actor, name: str, year: int) -> ExportTable:
    """One of the two tables of a year, of the actor's customer alone; empty for who does not see all invoices."""
    numbers: set[str | None] = set()
    if sees_all(actor):
        numbers = set(invoices(actor).order_by().filter(issued_on__year=year).values_list("number", flat=True))
    return only(TABLES[name], numbers)


def only(table: ExportTable, numbers: Collection[str | None]) -> ExportTable:
    """The same table, of these documents."""
    key = "invoice" if "invoice" in table.columns else "number"
    return ExportTable(table.name, table.columns, lambda: (row for row in table.rows() if row[key] in numbers))


def workshop(archive_id: int) -> Path:
    """Where the documents of an archive lie until it is packed."""
    return Path(settings.COMPTOIR_HOME) / "work" / f"archive-{archive_id}"


def _archives(actor: Actor) -> list[InvoiceArchive]:
    """The newest of each year last."""
    return list(InvoiceArchive.objects.filter(organisation_id=actor.customer_id).order_by("id"))


def _year(year: int, count: int, archives: Mapping[int, InvoiceArchive]) -> Year:
    archive = archives.get(year)
    if archive is None:
        return Year(year, count, None, ready=False, done=0, size=0, made_at=None, stale=False)
    ready = bool(archive.file) and default_storage.exists(archive.file)
    running = archive.finished_at is None
    done = len(list(workshop(archive.pk).glob("*.pdf"))) if running else archive.documents
    return Year(
        year=year,
        documents=count,
        archive=archive.pk if ready or running else None,
        ready=ready,
        done=done,
        size=archive.size,
        made_at=archive.finished_at,
        stale=ready and archive.documents != count,
    )
