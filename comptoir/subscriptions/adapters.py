"""Where subscriptions meet typst: a price quote as a PDF, on the sheet of the invoices."""

import json
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.billing.adapters.pdf import SHEET
from comptoir.billing.adapters.printing import printed
from comptoir.ui.arithmetic import Sum
from comptoir.ui.templatetags.ui import country_name, day, money

from .queries.basket import PurchasePreview
from .queries.price_quotes import Quoted


def pdf_of(quoted: Quoted, preview: PurchasePreview, language: str) -> bytes:
    """The price quote as a PDF (A4) in that language, with the lines and the tax of its page."""
    with translation.override(language):
        said = printed(told_of(quoted, preview, language))
    data = json.dumps(said, ensure_ascii=False)
    pdf: bytes = typst.compile(str(SHEET), root=str(SHEET.parent), sys_inputs={"data": data})
    return pdf


def told_of(quoted: Quoted, preview: PurchasePreview, language: str) -> dict[str, Any]:
    """What its PDF says, in the language that is active."""
    quote, vendor = quoted.quote, settings.VENDOR
    buyer = quote.organisation
    facts = [
        (_("Made"), day(quote.made_on)),
        (_("Can be accepted until"), day(quote.expires_on)),
        (_("Customer number"), buyer.number),
        (_("Contract"), quote.contract.number if quote.contract else _("A new contract")),
    ]
    return {
        "language": language,
        "title": _("Price quote %(number)s") % {"number": quote.number},
        "seller": [vendor.legal_name, *_address(vendor), vendor.tax_number],
        "buyer": [buyer.name, *_address(buyer), *([buyer.tax_number] if buyer.tax_number else [])],
        "facts": facts,
        "heads": [_("What"), _("Amount without tax")],
        "lines": [_row(line) for line in preview.sums],
        "sums": [{"words": _("Net"), "note": "", "amount": money(preview.totals.net)}, *(_row(line) for line in preview.taxes)],
        "total": {"words": _("Total"), "amount": money(preview.totals.total)},
        "payment": [
            _("These prices hold until the day above; the tax is that of the day of the order."),
            _("To accept: %(address)s") % {"address": f"{settings.BASE_URL}/c/{buyer.number}/quotes/{quote.number}/"},
        ],
        "legal": " · ".join(part for part in (vendor.legal_name, vendor.registration, vendor.tax_number) if part),
    }


def _row(line: Sum) -> dict[str, str]:
    return {"words": line.words, "note": line.note, "amount": money(line.amount)}


def _address(party: Any) -> list[str]:
    return [party.street, f"{party.postcode} {party.city}".strip(), country_name(party.country)]
