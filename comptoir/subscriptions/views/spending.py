"""Spending over time: a picture by month and product, the table behind it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from comptoir.contracts.queries import contract as contract_of
from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can
from comptoir.ui.bars import Bars, Column, draw_bars

from ..queries.spending import Spending, spending_of
from ..queries.tables import SPENDING, spending_rows
from .charges import whole


@gets
@page(Can.SEE_INVOICES)
def spending(request: GateRequest) -> HttpResponse:
    """What the customer spent in the last twelve months."""
    return _show(request, None)


@gets
@page(Can.SEE_INVOICES)
def contract_spending(request: GateRequest, number: str) -> HttpResponse:
    """The same for one contract."""
    return _show(request, number)


def _show(request: GateRequest, contract_number: str | None) -> HttpResponse:
    contract = contract_of(request.actor, contract_number) if contract_number is not None else None
    if contract is not None and not request.actor.may(Can.SEE_INVOICES, contract.pk):
        raise Http404
    asked = (request.actor, request.today, request.customer.currency, contract.pk if contract else None)
    if wants_file(request):
        return list_as_file(request, "spending", SPENDING, spending_rows(*asked))
    found = spending_of(*asked)
    rows = [
        {"month": month, "amounts": [each.by_month[n] for each in found.products], "total": found.by_month[n]}
        for n, month in enumerate(found.months)
        if any(each.by_month[n].minor for each in found.products)
    ]
    told: dict[str, Any] = {
        "contract": contract,
        "spending": found,
        "rows": rows,
        "bars": _bars(found),
        "sees_invoices": True,
    }
    return render(request, "subscriptions/spending.html", told)


def _bars(found: Spending) -> Bars:
    return draw_bars(
        [
            Column(month, [(each.kind, each.by_month[n].minor) for each in found.products], whole(found.by_month[n]))
            for n, month in enumerate(found.months)
        ]
    )
