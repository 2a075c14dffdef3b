"""The calendar of coming charges: twelve months as a picture, the table behind it, each charge with its arithmetic."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from comptoir.contracts.queries import contract as contract_of
from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Place
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can
from comptoir.ui.bars import Bars, Column, draw_bars
from comptoir.ui.templatetags.ui import number

from ..queries.charges import Calendar, calendar_of, months_of, page_of_charges
from ..queries.tables import CHARGES, charge_rows


@gets
@page(Can.SEE_PRICES)
def charges(request: GateRequest) -> HttpResponse:
    """What will be charged in the next twelve months, for the customer."""
    return _show(request, None)


@gets
@page(Can.SEE_PRICES)
def contract_charges(request: GateRequest, number: str) -> HttpResponse:
    """The same for one contract."""
    return _show(request, number)


def _show(request: GateRequest, contract_number: str | None) -> HttpResponse:
    contract = contract_of(request.actor, contract_number) if contract_number is not None else None
    if contract is not None and not request.actor.may(Can.SEE_PRICES, contract.pk):
        raise Http404
    contract_id, currency = contract.pk if contract else None, request.customer.currency
    if wants_file(request):
        return list_as_file(request, "charges", CHARGES, charge_rows(request.actor, request.today, currency, contract_id))
    calendar = calendar_of(request.actor, request.today, currency, contract_id)
    month = _month(request, calendar)
    told: dict[str, Any] = {
        "contract": contract,
        "calendar": calendar,
        "bars": _bars(calendar),
        "month": next(each for each in calendar.months if each.first == month),
        "page": page_of_charges(request.actor, request.today, month, Place.of(request.GET), currency, contract_id),
        "sees_invoices": request.actor.may(Can.SEE_INVOICES, anywhere=True),
    }
    return render(request, "subscriptions/charges.html", told)


def _month(request: GateRequest, calendar: Calendar) -> date:
    """The month that was asked for; else the first in which anything happens. Raises Http404 for one that is not shown."""
    months = months_of(request.today)
    wanted = request.GET.get("month", "")
    if wanted:
        found = next((month for month in months if month.isoformat()[:7] == wanted), None)
        if found is None:
            raise Http404
        return found
    return next((each.first for each in calendar.months if each.charges or each.ends), months[0])


def _bars(calendar: Calendar) -> Bars:
    columns = [
        Column(
            each.first,
            (("bar-automatic", each.automatic.minor), ("bar-manual", each.by_hand.minor)),
            whole(each.automatic + each.by_hand),
        )
        for each in calendar.months
    ]
    return draw_bars(columns)


def whole(amount: Money) -> str:
    """An amount above a column: without its minor unit, nothing for nothing."""
    return number(round(amount.decimal)) if amount.minor else ""
