"""Invoices: the list, one of them, its PDF."""

from django.http import HttpResponse
from django.shortcuts import render

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.permissions import Can

from ..adapters import pdf
from ..queries import invoices as queries

SIZE = 50


@gets
@page(Can.SEE_INVOICES)
def invoices(request: GateRequest) -> HttpResponse:
    """The invoices, newest first."""
    before = request.GET.get("before", "")
    rows = queries.page_of_invoices(
        request.actor, before=int(before) if before.isdecimal() and len(before) < 19 else None, size=SIZE
    )
    more = rows[SIZE - 1].pk if len(rows) > SIZE else None
    return render(request, "billing/invoices.html", {"invoices": rows[:SIZE], "more": more, "first": not before})


@gets
@page(Can.SEE_INVOICES)
def invoice(request: GateRequest, number: str) -> HttpResponse:
    """One invoice, with the lines as they were previewed."""
    found = queries.invoice(request.actor, number)
    told = {"invoice": found, "sums": queries.sums_of(found), "taxes": queries.taxes_of(found)}
    return render(request, "billing/invoice.html", told)


@gets
@page(Can.SEE_INVOICES)
def invoice_pdf(request: GateRequest, number: str) -> HttpResponse:
    """The same as a PDF, in the language of the invoice."""
    found = queries.invoice(request.actor, number)
    response = HttpResponse(pdf.pdf_of(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return response
