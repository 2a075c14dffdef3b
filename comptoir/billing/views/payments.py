"""Paying: an invoice, and what becomes of a payment."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.pause import nothing_is_charged_because
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions import kept as credit_actions
from ..actions import payments as actions
from ..forms.payments import ChooseMethodForm, UseCreditForm
from ..queries import disputes, invoices, kept
from ..queries import payments as queries

if TYPE_CHECKING:
    from ..models import Invoice


@gets_and_posts
@page(Can.PAY)
def pay_invoice(request: GateRequest, number: str) -> HttpResponse:
    """Pay what is left of an invoice with a card or from an account, or see how to pay it by transfer."""
    invoice = invoices.invoice(request.actor, number)
    offered = _offered(request)
    form = ChooseMethodForm(request.POST if request.method == "POST" else None, offered=offered)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            attempt = actions.pay_invoice(request.actor, invoice, method=form.cleaned_data["method"], on=request.today)
            return redirect("payment", customer=request.customer.number, pk=attempt.pk)
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
    return _show(request, invoice, form, status=status)


def _offered(request: GateRequest) -> list[tuple[int, str]]:
    return [(row.pk, row.label) for row in queries.chargeable(request.customer.id, request.today).values()]


def _show(
    request: GateRequest,
    invoice: "Invoice",
    form: ChooseMethodForm | None = None,
    *,
    status: int,
    refused: Refused | None = None,
) -> HttpResponse:
    offered = _offered(request)
    shown = {
        "invoice": invoice,
        "balance": queries.balance_of(request.actor, invoice.pk),
        "running": queries.live_attempt_of(request.actor, invoice.pk),
        "form": ChooseMethodForm(offered=offered) if form is None else form,
        "refused": None if refused is None else tell(refused),
        "credit": kept.credit_for(request.actor, invoice),
        "offered": offered,
        "request_key": new_request_key(),
        "kinds": queries.kinds_to_give(request.customer.currency),
    }
    return render(request, "billing/pay_invoice.html", shown, status=status)


@posts
@page(Can.PAY)
def use_credit(request: GateRequest, number: str) -> HttpResponse:
    """Let the credit that the page showed pay this invoice."""
    invoice, form = invoices.invoice(request.actor, number), UseCreditForm(request.POST)
    if not form.is_valid():
        return _show(request, invoice, status=422, refused=Refused("credit_unreadable", status=422))
    try:
        credit_actions.use_credit(request.actor, invoice, minor=form.cleaned_data["minor"], on=request.today)
    except Refused as refusal:
        return _show(request, invoice, status=refusal.status, refused=refusal)
    messages.success(request, _("The credit was used."))
    return redirect("invoice", customer=request.customer.number, number=number)


@gets
@page(Can.PAY)
def payment(request: GateRequest, pk: int) -> HttpResponse:
    """What becomes of a payment. It asks again by itself, and leads to the bank once where the bank wants it confirmed."""
    attempt = queries.attempt(request.actor, pk)
    asked_again = bool(request.headers.get("HX-Request"))
    came_back = "back" in request.GET
    if asked_again and attempt.state == "needs_action" and attempt.action_url and not came_back:
        return HttpResponse(headers={"HX-Redirect": attempt.action_url})
    told: dict[str, object] = {"attempt": attempt, "waits": attempt.ended_on is None, "came_back": came_back}
    told["back_to"] = _back_to(request, attempt.back_to, attempt.invoice.number if attempt.invoice else None)
    told["dispute"] = disputes.dispute_of_attempt(request.actor, attempt)
    told["at_provider"] = disputes.page_at_provider(attempt) if attempt.state == "succeeded" else ""
    told["held"] = attempt.state == "created" and bool(nothing_is_charged_because())
    told["reason"] = queries.decline_words().get(attempt.decline_code)
    response = render(request, "billing/_payment_state.html" if asked_again else "billing/payment.html", told)
    response["Vary"] = "HX-Request"
    return response


def _back_to(request: GateRequest, came_from: str, number: str | None) -> str:
    """The page of ours that somebody came from, or the invoice's."""
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts=None):
        return came_from
    if number is None:
        return reverse("home", kwargs={"customer": request.customer.number})
    return reverse("invoice", kwargs={"customer": request.customer.number, "number": number})
