"""Where billing meets typst: an invoice as a PDF, in its own language, with the same lines as on the page."""

import json
import re
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.ui.templatetags.ui import country_name, day, money

from ..models import Invoice
from ..queries.invoices import sums_of, taxes_of

SHEET = Path(__file__).parent.parent / "documents" / "invoice.typ"
BLANKS = re.compile(r"\s+")
# control characters, those that turn the direction of what follows, and code points that are no characters
UNPRINTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


def pdf_of(invoice: Invoice) -> bytes:
    """The PDF (A4). Deterministic but for the document's id.

    PDF/A-3b, or plain where a name has characters that no font at hand can show: the standard wants every one of them.
    """
    with translation.override(invoice.language):
        data = json.dumps(_printed(_said(invoice)), ensure_ascii=False)
    try:
        return _compiled(data, archived=True)
    except typst.TypstError:
        return _compiled(data, archived=False)


def _compiled(data: str, *, archived: bool) -> bytes:
    standards: Any = ["a-3b"] if archived else []
    pdf: bytes = typst.compile(str(SHEET), root=str(SHEET.parent), sys_inputs={"data": data}, pdf_standards=standards)
    return pdf


def _printed(said: Any) -> Any:
    match said:
        case str():
            return UNPRINTED.sub("", BLANKS.sub(" ", said))
        case dict():
            return {key: _printed(value) for key, value in said.items()}
        case list() | tuple():
            return [_printed(value) for value in said]
    return said


def _said(invoice: Invoice) -> dict[str, object]:
    seller, buyer = invoice.seller, invoice.buyer
    facts = [(_("Issued"), day(invoice.issued_on)), (_("Due"), day(invoice.due_on)), (_("Customer number"), buyer["number"])]
    if invoice.po_number:
        facts.append((_("Your order number"), invoice.po_number))
    return {
        "language": invoice.language,
        "title": _("Invoice %(number)s") % {"number": invoice.number},
        "seller": [seller["legal_name"], *_address(seller), seller["tax_number"]],
        "buyer": [buyer["name"], *_address(buyer), *([buyer["tax_number"]] if buyer["tax_number"] else [])],
        "facts": facts,
        "heads": [_("What"), _("Amount without tax")],
        "lines": [{"words": line.words, "note": line.note, "amount": money(line.amount)} for line in sums_of(invoice)],
        "sums": [
            {"words": _("Net"), "note": "", "amount": money(invoice.net)},
            *({"words": line.words, "note": line.note, "amount": money(line.amount)} for line in taxes_of(invoice)),
        ],
        "total": {"words": _("Total to pay"), "amount": money(invoice.total)},
        "payment": [
            _("By bank transfer to %(iban)s (%(bic)s), with the reference %(number)s.")
            % {"iban": seller["iban"], "bic": seller["bic"], "number": invoice.number},
            _("To be paid by %(due)s.") % {"due": day(invoice.due_on)},
        ],
        "legal": " · ".join(part for part in (seller["legal_name"], seller["registration"], seller["tax_number"]) if part),
    }


def _address(party: dict[str, str]) -> list[str]:
    return [party["street"], f"{party['postcode']} {party['city']}".strip(), country_name(party["country"])]
