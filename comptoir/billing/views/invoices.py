"""Invoices and credit notes: the list, one of them, its PDF, its data."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import Told
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can

from ..adapters import facturx, pdf
from ..forms.invoices import InvoiceFilter
from ..ports import Ports, SoldHere
from ..queries import disputes, documents, kept, lists, statements
from ..queries import invoices as queries

SIZE = 50
SOLD = 50  # of what an invoice sold; a bulk renewal may have thousands


@gets
@page(Can.SEE_INVOICES)
def invoices(request: GateRequest) -> HttpResponse:
    """What is to be paid, and every document, newest first."""
    form = InvoiceFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    told = form.cleaned_data
    wanted = lists.Wanted(lists.Shown(told["show"]) if told.get("show") else None, told.get("year"), told.get("q", ""))
    if wants_file(request) and not form.errors:
        rows = lists.document_rows(request.actor, wanted, request.today)
        return list_as_file(request, "invoices", lists.DOCUMENTS, rows)
    years = lists.years(request.actor)
    shown = {
        "form": form,
        "wanted": wanted,
        "narrowed": wanted != lists.Wanted(),
        "states": [("", _("All invoices")), *_states().items()],
        "years": [("", _("Every year")), *((str(year), str(year)) for year in years)],
        "year": str(wanted.year or ""),
        "page": lists.page_of_documents(request.actor, wanted, request.today, Place.of(request.GET), size=SIZE),
        "figures": lists.figures(request.actor, request.customer.currency, request.today),
        "any": bool(years),
        "credit": kept.credit_of_customer(request.actor, request.customer.currency),
        "may_change": request.actor.may(Can.CHANGE_BILLING, anywhere=True),
    }
    return render(request, "billing/invoices.html", shown, status=422 if form.errors else 200)


def _states() -> dict[str, str]:
    return {
        lists.Shown.OPEN: _("To be paid"),
        lists.Shown.OVERDUE: _("Overdue"),
        lists.Shown.PAID: _("Paid or credited"),
        lists.Shown.CREDIT_NOTES: _("Credit notes"),
    }


@gets
@page(Can.SEE_INVOICES)
def invoice(request: GateRequest, number: str) -> HttpResponse:
    """One document, with the lines as they were previewed, and what has happened to it since."""
    found = queries.invoice(request.actor, number)
    statement = statements.statement_of(request.actor, found)
    sold = Ports.returns.of_invoice(request.actor, found, request.today, SOLD + 1)
    told = {
        "invoice": found,
        "title": documents.title_of(found),
        "row": lists.row_of(request.actor, found, request.today),
        "sums": queries.sums_of(found),
        "taxes": queries.taxes_of(found),
        "how_paid": documents.how_paid(found),
        "disputes": disputes.disputes_of_invoice(request.actor, found),
        "statement": statement if len(statement) > 1 else [],
        "why_no_data": facturx.why_no_data(found),
        "may_pay": request.actor.may(Can.PAY, found.contract_id),
        "credit": kept.credit_for(request.actor, found),
        "sold": sold[:SOLD],
        "more": len(sold) > SOLD,
        "alike": _alike(sold[:SOLD]),
    }
    return render(request, "billing/invoice.html", told)


def _alike(sold: Sequence[SoldHere]) -> tuple[Told, ...]:
    """Why none of several can be returned, where that is the same for all: said once."""
    said = {each.reasons for each in sold}
    return said.pop() if len(sold) > 1 and len(said) == 1 else ()


@gets
@page(Can.SEE_INVOICES)
def invoice_pdf(request: GateRequest, number: str) -> HttpResponse:
    """The same as a PDF, in the language of the invoice."""
    found = queries.invoice(request.actor, number)
    return _file(pdf.pdf_of(found), "application/pdf", f"{found.number}.pdf", shown=True)


@gets
@page(Can.SEE_INVOICES)
def invoice_xml(request: GateRequest, number: str) -> HttpResponse:
    """The same as data, EN 16931. 404 where the standard can't carry it."""
    found = queries.invoice(request.actor, number)
    xml = facturx.xml_of(found)
    if xml is None:
        raise Http404
    return _file(xml, "application/xml", f"{found.number}.xml", shown=False)


def _file(content: bytes, kind: str, name: str, *, shown: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{name}"'
    return response
