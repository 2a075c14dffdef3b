"""Invoices and credit notes to the mailbox of accounts payable, each once, with its PDF."""

from django.utils import translation

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import job

from ..adapters.pdf import pdf_of
from ..models import Invoice
from ..queries.documents import how_paid, title_of
from ..queries.invoices import document_of

NOBODY = 0  # a mailbox is no person


@job("billing.mail_document")
def mail_document(actor: Actor, *, document_id: int) -> None:
    """Write the mail with an invoice or credit note, in its language, to the mailbox that it names."""
    document = document_of(document_id)
    if not document.invoice_email:
        return
    to = mail.Recipient(NOBODY, document.invoice_email, document.buyer["name"], document.language)
    mail.write(
        to,
        "billing/mail/document",
        _told(document),
        once=f"document:{document.pk}",
        organisation_id=document.organisation_id,
        attached=f"billing.document:{document.pk}",
    )


def _told(document: Invoice) -> dict[str, object]:
    with translation.override(document.language):
        return {"document": document, "title": title_of(document), "how_paid": how_paid(document)}


@mail.attacher("billing.document")
def attached_document(actor: Actor, pk: int) -> mail.Attachment:
    """The PDF of an invoice or credit note."""
    document = document_of(pk)
    return mail.Attachment(f"{document.number}.pdf", "application/pdf", pdf_of(document))
