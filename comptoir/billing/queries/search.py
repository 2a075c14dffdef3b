"""Invoices and credit notes, looked for by how their number or their PO number begins."""

import re
from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.searching import Typed, any_of, beginning, first_of
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart
from comptoir.ui.templatetags.ui import day, money

from ..models import Invoice
from .invoices import invoices

WITHOUT_SERIES = re.compile(r"\d{4}(-\d*)?")  # "2026-000012" is F-2026-000012, or A-2026-000012


def search_invoices(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The documents whose number, with or without its letter, or whose PO number begins so. One query, two over several."""
    fields = ("pk", "organisation_id", "number", "kind", "issued_on", "po_number", "total_minor", "currency")
    rows = any_of(invoices(actor).order_by() for actor in actors).values(*fields)
    starts = list(typed.numbers)
    starts += [f"{kind}-{start}" for start in typed.numbers if WITHOUT_SERIES.fullmatch(start) for kind in Invoice.Kind.values]
    ways = [beginning(rows, "number", start) for start in starts]
    ways += [
        beginning(rows.filter(~Q(po_number="")), "po_number", start) for start in dict.fromkeys((*typed.numbers, typed.text))
    ]
    told = []
    for row in first_of(rows, ways, "number", limit, [actor.customer_id for actor in actors]):
        note = row["kind"] == Invoice.Kind.CREDIT_NOTE
        amount = money(Money(row["total_minor"], row["currency"]))
        parts = [*([_("Credit note")] if note else []), day(row["issued_on"]), amount]
        if row["po_number"]:
            parts.append(_("PO number %(number)s") % {"number": row["po_number"]})
        told.append(Hit(row["organisation_id"], row["number"], " · ".join(parts), "invoice", {"number": row["number"]}))
    return told


INVOICES = SearchPart(
    "invoices",
    "file-invoice",
    gettext_lazy("Invoices and credit notes"),
    gettext_lazy("invoices by number or PO number"),
    Can.SEE_INVOICES,
    search_invoices,
)
