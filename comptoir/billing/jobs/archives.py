"""The file with all invoices of a year: PDF, data, and two tables. A worker that dies goes on where it stopped."""

import shutil
import zipfile
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.export import write_csv
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import job, within

from ..actions.archives import finish_archive
from ..adapters.facturx import xml_of
from ..adapters.pdf import pdf_of
from ..models import Invoice, InvoiceArchive
from ..queries.archives import TABLES, only, workshop
from ..queries.invoices import document_of


@job("billing.make_archive", own_transactions=True)
def make_archive(actor: Actor, *, archive_id: int) -> None:
    """Make the file that was asked for, unless it is made."""
    with transaction.atomic():
        within(actor)
        archive = InvoiceArchive.objects.get(pk=archive_id)
        rows = Invoice.objects.filter(organisation_id=actor.customer_id, issued_on__year=archive.year, number__isnull=False)
        documents = dict(rows.order_by("id").values_list("id", "number"))
    if archive.finished_at is not None:
        return
    place = workshop(archive_id)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for pk, number in documents.items():
        if not (place / f"{number}.pdf").exists():
            _print(actor, pk, place)
    _tabulate(actor, set(documents.values()), place)
    _finish(actor, archive, place, len(documents))


@job("billing.tell_archive")
def tell_archive(actor: Actor, *, archive_id: int) -> None:
    """Whoever asked for the file hears that it is ready, unless they have left."""
    archive = InvoiceArchive.objects.select_related("asked_by__person", "organisation").get(pk=archive_id)
    asker = archive.asked_by
    if asker.left_on is not None:
        return
    to = mail.Recipient(asker.person.pk, asker.person.email, asker.name, asker.person.language)
    told: dict[str, object] = {"archive": archive, "customer": archive.organisation}
    mail.write(to, "billing/mail/archive", told, once=f"archive:{archive.pk}", organisation_id=archive.organisation_id)


def _print(actor: Actor, pk: int, place: Path) -> None:
    with transaction.atomic():
        within(actor)
        document = document_of(pk)
        xml, pdf = xml_of(document), pdf_of(document)
    if xml is not None:
        _write(place / f"{document.number}.xml", xml)
    _write(place / f"{document.number}.pdf", pdf)  # last: it says that the document is done


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".unfinished")
    draft.write_bytes(content)
    draft.rename(path)


def _tabulate(actor: Actor, numbers: set[str | None], place: Path) -> None:
    """The two tables as `comptoir export` writes them, of this customer and year."""
    with transaction.atomic():
        within(actor)
        for table in TABLES.values():
            write_csv(only(table, numbers), place / f"{table.name}.csv")


def _finish(actor: Actor, archive: InvoiceArchive, place: Path, documents: int) -> None:
    packed = place / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(part for part in place.iterdir() if part.suffix in {".pdf", ".xml", ".csv"}):
            file.write(path, path.name)
    with packed.open("rb") as content:
        name = default_storage.save(f"archives/{archive.organisation_id}-{archive.year}-{archive.pk}.zip", File(content))
    failpoint("archive.packed")
    with transaction.atomic():
        within(actor)
        earlier = InvoiceArchive.objects.filter(organisation_id=archive.organisation_id, year=archive.year).exclude(file="")
        gone = list(earlier.values_list("file", flat=True))
        finished = finish_archive(actor, archive, file=name, documents=documents, size=packed.stat().st_size)
    for old in {*gone, name} - {finished.file}:  # ours too, where a twin of this job was first
        default_storage.delete(old)
    shutil.rmtree(place, ignore_errors=True)
