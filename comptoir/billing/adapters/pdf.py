"""Where billing meets typst: an invoice as a PDF, in its own language, with the same lines as on the page."""

import json
import logging
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.ui.templatetags.ui import country_name, day, money

from ..models import Invoice
from ..queries.documents import how_paid, title_of
from ..queries.invoices import sums_of, taxes_of
from .facturx import embed, why_no_data, xml_of
from .printing import printed

log = logging.getLogger(__name__)
SHEET = Path(__file__).parent.parent / "documents" / "invoice.typ"


def pdf_of(invoice: Invoice) -> bytes:
    """The PDF (A4): PDF/A-3b with the same as data in it, Factur-X (EN 16931). The same but for its id and time of making.

    Plain, without the data, where a name has characters that no font at hand can show: the standard wants every one of them. The
    document says so then, and so does the log.
    Without the data where Factur-X can't carry it (`facturx.xml_of`).
    """
    with translation.override(invoice.language):
        said = printed(_said(invoice))
        lacking = _(
            "An empty box stands for a character that the fonts of this portal don’t have; the page of this document shows it."
        )
    try:
        pdf = _compiled(said, archived=True)
    except typst.TypstError as error:
        log.warning("%s has characters that no font has, and is printed without them: %s", invoice.number, error.message)
        return _compiled({**said, "payment": [*said["payment"], lacking]}, archived=False)
    xml = xml_of(invoice)
    if xml is None:
        return pdf
    author = said["seller"][0]
    return embed(pdf, xml, title=said["title"], author=author, subject=f"{author}: {said['title']}", language=said["language"])


def _compiled(said: dict[str, Any], *, archived: bool) -> bytes:
    standards: Any = ["a-3b"] if archived else []
    data = json.dumps(said, ensure_ascii=False)
    pdf: bytes = typst.compile(str(SHEET), root=str(SHEET.parent), sys_inputs={"data": data}, pdf_standards=standards)
    return pdf


def _said(invoice: Invoice) -> dict[str, Any]:
    seller, buyer = invoice.seller, invoice.buyer
    is_credit_note = invoice.kind == Invoice.Kind.CREDIT_NOTE
    return {
        "language": invoice.language,
        "title": title_of(invoice),
        "seller": [seller["legal_name"], *_address(seller), seller["tax_number"]],
        "buyer": [buyer["name"], *_address(buyer), *([buyer["tax_number"]] if buyer["tax_number"] else [])],
        "facts": _facts(invoice),
        "heads": [_("What"), _("Amount without tax")],
        "lines": [{"words": line.words, "note": line.note, "amount": money(line.amount)} for line in sums_of(invoice)],
        "sums": [
            {"words": _("Net"), "note": "", "amount": money(invoice.net)},
            *({"words": line.words, "note": line.note, "amount": money(line.amount)} for line in taxes_of(invoice)),
        ],
        "total": {"words": _("Total given back") if is_credit_note else _("Total to pay"), "amount": money(invoice.total)},
        "payment": [*how_paid(invoice), *([why] if (why := why_no_data(invoice)) else [])],
        "legal": " · ".join(part for part in (seller["legal_name"], seller["registration"], seller["tax_number"]) if part),
    }


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    facts = [(_("Issued"), day(invoice.issued_on))]
    if invoice.corrects is not None:
        facts += [(_("Corrects invoice"), str(invoice.corrects.number)), (_("Of"), day(invoice.corrects.issued_on))]
    else:
        facts.append((_("Due"), day(invoice.due_on)))
    facts.append((_("Customer number"), invoice.buyer["number"]))
    return [*facts, (_("Your order number"), invoice.po_number)] if invoice.po_number else facts


def _address(party: dict[str, str]) -> list[str]:
    return [party["street"], f"{party['postcode']} {party['city']}".strip(), country_name(party["country"])]
