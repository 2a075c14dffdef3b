"""The credit of one customer: finance lets it pay an open invoice, or gives it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.billing.actions.kept import give_back_credit, use_credit_for
from comptoir.billing.forms.payments import UseCreditForm
from comptoir.billing.queries.invoices import invoice as invoice_of
from comptoir.billing.queries.kept import in_all, kept_of
from comptoir.billing.rules.kept import plan_credit
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets, new_request_key, posts
from comptoir.kernel.refusals import tell
from comptoir.kernel.second_look import ask_colleague
from comptoir.permissions import Can

from ..queries.bank import open_invoices
from ..queries.customers import organisation_of
from .showing import show


@gets
@desk_page(Can.MATCH_PAYMENT)
def credit(request: GateRequest) -> HttpResponse:
    """What stayed of transfers, what it could pay, and giving it back."""
    return _show(request)


@posts
@desk_page(Can.MATCH_PAYMENT)
def use(request: GateRequest, number: str) -> HttpResponse:
    """Let credit pay one invoice."""
    form = UseCreditForm(request.POST)
    if not form.is_valid():
        return _show(request, Refused("credit_unreadable", status=422))
    try:
        found = invoice_of(request.actor, number)
        use_credit_for(request.actor, found, minor=form.cleaned_data["minor"], on=request.today)
    except Refused as refusal:
        return _show(request, refusal)
    except ObjectDoesNotExist:
        return _show(request, Refused("nothing_to_pay", params={"number": number[:40]}))
    messages.success(request, _("The credit has paid %(number)s.") % {"number": number})
    return redirect("desk_credit", customer=request.customer.number)


@posts
@desk_page(Can.MATCH_PAYMENT)
def give_back(request: GateRequest) -> HttpResponse:
    """Give the credit back; over the limit a colleague is asked first."""
    form, organisation = UseCreditForm(request.POST), organisation_of(request.actor)
    if not form.is_valid():
        return _show(request, Refused("credit_unreadable", status=422))
    minor = form.cleaned_data["minor"]
    try:
        give_back_credit(request.actor, organisation, minor=minor, on=request.today)
    except Refused as refusal:
        if refusal.code == "step_up_needed":
            raise
        if refusal.code != "second_pair_needed":
            return _show(request, refusal)
        verb, amount = "billing.give_back_credit", str(refusal.params["amount"])
        ask_colleague(request.actor, organisation, verb=verb, arguments={"minor": minor}, amount=amount, on=request.today)
        messages.info(request, _("It is over the limit, so a colleague of finance was asked to look."))
        return redirect("desk_runs")
    messages.success(request, _("It goes back. What is paid out by transfer stands among the refunds to pay out by hand."))
    return redirect("desk_runs")


def _show(request: GateRequest, refused: Refused | None = None) -> HttpResponse:
    currency = request.customer.currency
    kept = kept_of(request.customer.id, currency)
    all_of_it = in_all(kept, currency)
    told: dict[str, Any] = {"kept": kept, "credit": all_of_it, "request_key": new_request_key()}
    rows = open_invoices(request.actor, currency) if all_of_it.minor else []
    told["rows"] = [(row, plan_credit(all_of_it, row.open)) for row in rows]
    told["refused"] = None if refused is None else tell(refused)
    return show(request, "credit", told, status=200 if refused is None else refused.status)
