"""Files with all invoices of a year: asked for, and finished by the worker who made them."""

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Invoice, InvoiceArchive


@action(Can.SEE_INVOICES)
def ask_for_archive(actor: Actor, organisation: Organisation, *, year: int) -> InvoiceArchive:
    """Have all invoices and credit notes of a year put into one file, for those who see all of the customer's.

    Raises Refused `archive_under_way`, `archive_of_nothing`.
    """
    own = InvoiceArchive.objects.filter(organisation=organisation, year=year)
    if own.filter(finished_at=None).exists():
        raise Refused("archive_under_way")
    if not Invoice.objects.filter(organisation=organisation, issued_on__year=year).exists():
        raise Refused("archive_of_nothing", params={"year": year})
    archive = InvoiceArchive.objects.create(organisation=organisation, year=year, asked_by_id=actor.member_id)
    record(Events.ARCHIVE_ASKED, archive, year=year)
    return archive


@action(Can.MAKE_ARCHIVE)
def finish_archive(actor: Actor, archive: InvoiceArchive, *, file: str, documents: int, size: int) -> InvoiceArchive:
    """Note where the file is. The files of that year before it are no longer offered."""
    if archive.finished_at is None:
        earlier = InvoiceArchive.objects.filter(organisation_id=archive.organisation_id, year=archive.year, pk__lt=archive.pk)
        earlier.update(file="")
        archive.file, archive.documents, archive.size, archive.finished_at = file, documents, size, now()
        archive.save(update_fields=["file", "documents", "size", "finished_at"])
    record(Events.ARCHIVE_MADE, archive, year=archive.year, documents=archive.documents)
    return archive
