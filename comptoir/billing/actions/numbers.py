"""The numbers of invoices and credit notes: given last, without gaps, under the lock of their series (rules 6)."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import connection

from comptoir.kernel.action import step

from ..models import Invoice, Series
from ..rules import DocumentKind, due_on, format_number

GIVE = """
UPDATE billing_invoice i SET number = given.number, issued_on = given.issued_on, due_on = given.due_on
FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::date[]) AS given (id, number, issued_on, due_on) WHERE i.id = given.id
"""


@step
def give_numbers(kind: DocumentKind, documents: Sequence[Invoice], days_to_pay: Sequence[int], on: date) -> None:
    """Number drafts of one kind, in their order. The lock of the series is taken here, so this comes last.

    The issue day is `on`, or the day of the document before it where that is later; each is due so many days after it.
    """
    series = _locked_series(kind, on)
    day = max(on, series.last_day or on)
    for n, (document, days) in enumerate(zip(documents, days_to_pay, strict=True), series.last + 1):
        document.number = format_number(kind, series.year, n)
        document.issued_on, document.due_on = day, due_on(day, days)
    Series.objects.filter(pk=series.pk).update(last=series.last + len(documents), last_day=day)
    with connection.cursor() as cursor:
        cursor.execute(
            GIVE,
            [
                [document.pk for document in documents],
                [document.number for document in documents],
                [document.issued_on for document in documents],
                [document.due_on for document in documents],
            ],
        )


def _locked_series(kind: DocumentKind, on: date) -> Series:
    """The series of that day's year, or the latest where one of a later year has begun: numbers never go back in time."""
    own = Series.objects.filter(legal_entity=settings.VENDOR.legal_name, kind=kind)
    while True:
        latest = own.select_for_update(no_key=True).order_by("-year").first()
        if latest is not None and latest.year >= on.year:
            return latest
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_series (legal_entity, kind, year, last) VALUES (%s, %s, %s, 0) ON CONFLICT DO NOTHING",
                [settings.VENDOR.legal_name, kind.value, on.year],
            )
