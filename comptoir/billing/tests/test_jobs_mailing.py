"""Invoices to the mailbox of accounts payable: each once, with its PDF; to nobody where there is no mailbox."""

from io import BytesIO
from typing import Any

import pytest
from django.core.mail import EmailMessage
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from comptoir.billing.jobs.mailing import mail_document
from comptoir.kernel.actor import Actor
from comptoir.kernel.mail import hand_over
from comptoir.kernel.models import Message
from tests.cast import Cast, raise_curtain
from tests.invoiced import credited, invoiced, line, within

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def with_mailbox(cast: Cast) -> Cast:
    told = {"invoice_email": "ap@nord.example", "po_number": "PO 4711", "language": "fr"}
    within(cast.nord.pk, lambda: type(cast.nord).objects.filter(pk=cast.nord.pk).update(**told))
    within(cast.nord.pk, cast.contract.organisation.refresh_from_db)
    return cast


def jobs() -> list[tuple[str, Any]]:
    """What was enqueued: names and arguments."""
    rows = ProcrastinateJob.objects.order_by("id").values_list("args", flat=True)
    return [(args["name"], args["arguments"]) for args in rows]


def sent(cast: Cast, document_id: int, mailoutbox: list[EmailMessage], settings: Any) -> EmailMessage:
    """The mail about that document, written and handed over, each twice."""
    settings.EMAIL_HOST = "mail.example"
    actor = Actor.job("test", cast.nord.pk)
    for _each in range(2):
        within(cast.nord.pk, lambda: mail_document(actor, document_id=document_id))
    once = f"document:{document_id}"
    assert [job for job in jobs() if job[1].get("once") == once] == [("kernel.hand_over", {"once": once, "person_id": None})]
    before = len(mailoutbox)
    for _each in range(2):
        hand_over(actor, once=once)
    assert len(mailoutbox) == before + 1
    return mailoutbox[-1]


def test_an_invoice_goes_to_the_mailbox_once_with_its_pdf(
    with_mailbox: Cast, mailoutbox: list[EmailMessage], settings: Any
) -> None:
    invoice = invoiced(with_mailbox.contract, line(3, "280.00"))
    assert jobs() == [("billing.mail_document", {"document_id": invoice.pk})]
    mail = sent(with_mailbox, invoice.pk, mailoutbox, settings)
    assert mail.to == ["ap@nord.example"]
    assert "F-2026-000001" in mail.subject
    assert "PO 4711" in mail.body
    name, content, kind = mail.attachments[0]
    assert (name, kind) == ("F-2026-000001.pdf", "application/pdf")
    assert "factur-x.xml" in PdfReader(BytesIO(content)).attachments
    assert mail.extra_headers["Content-Language"] == "fr"


def test_a_credit_note_goes_there_too(with_mailbox: Cast, mailoutbox: list[EmailMessage], settings: Any) -> None:
    note = credited(invoiced(with_mailbox.contract, line(3, "280.00")), 1)
    mail = sent(with_mailbox, note.pk, mailoutbox, settings)
    assert mail.attachments[0][0] == "A-2026-000001.pdf"
    assert "F-2026-000001" in mail.body


def test_where_there_is_no_mailbox_nothing_is_enqueued_or_written(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "280.00"))
    assert jobs() == []
    within(cast.nord.pk, lambda: mail_document(Actor.job("test", cast.nord.pk), document_id=invoice.pk))
    assert within(cast.nord.pk, lambda: Message.objects.count()) == 0
