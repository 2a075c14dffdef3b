"""The renewals of the coming year as marks on a line."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.ports import Customer
from comptoir.subscriptions.queries.figures import SOON
from comptoir.subscriptions.queries.lists import Row
from comptoir.ui.rules import Mark
from comptoir.ui.templatetags.ui import number


def marks_of(rows: Iterable[Row], customer: Customer, on: date) -> list[Mark]:
    """A mark for each renewal: a ring for one that somebody must do by hand, amber for one that comes soon."""
    return [
        Mark(
            day=row.renews_on,
            label=row.product,
            note=_note(row),
            kind="manual" if not row.automatic else "soon" if (row.renews_on - on).days <= SOON else "plain",
            url=reverse("subscription", kwargs={"customer": customer.number, "number": row.number}),
        )
        for row in rows
    ]


def _note(row: Row) -> str:
    seats = ngettext("%(n)s seat", "%(n)s seats", row.seats_at_renewal) % {"n": number(row.seats_at_renewal)}
    how = _("renews by itself") if row.automatic else _("ends unless renewed by hand")
    return ", ".join([seats, row.term_word.lower(), how, *row.pending])
