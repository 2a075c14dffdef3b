"""Requests: what others ask for, approved in one click after a fresh preview."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel import asking
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..forms import AnswerForm, PayForm, method_in
from ..queries.buying import usual_way, ways_to_pay
from ..queries.requests import Request, kind_of, preview_of, request_of, requests_of


@gets
@page(Can.SEE_REQUESTS)
def requests(request: GateRequest) -> HttpResponse:
    """What I asked for, and what waits for me."""
    found = requests_of(request.actor)
    waiting = sum(each.may_decide for each in found)
    told = {
        "requests": found,
        "waiting": waiting,
        "decides": bool(waiting) or request.actor.may(Can.DECIDE_REQUESTS, anywhere=True),
        "own": sum(each.is_open and each.mine for each in found),
    }
    return render(request, "subscriptions/requests.html", told)


@gets
@page(Can.SEE_REQUESTS)
def one_request(request: GateRequest, pk: int) -> HttpResponse:
    """One request, with what approving it would charge today."""
    return _show(request, request_of(request.actor, pk), AnswerForm())


@posts
@page(Can.DECIDE_REQUESTS)
def approve(request: GateRequest, pk: int) -> HttpResponse:
    """Run the verb that was asked for, as the approver."""
    found = request_of(request.actor, pk)
    pay_form = _pay_form(request, found)
    if pay_form is not None and not pay_form.is_valid():
        return _show(request, found, AnswerForm(), status=422, pay_form=pay_form)
    try:
        kind = kind_of(found.asked)
        fresh, quote = dict(kind.fresh(request.today)), request.POST.get("quote") or None
        if pay_form is not None:
            fresh["paid_with"] = method_in(pay_form.cleaned_data)
        fresh |= kind.chosen(request.POST.dict())
        made = asking.approve(request.actor, found.asked, on=request.today, quote=quote, **fresh)
    except Refused as refusal:
        form = AnswerForm({"answer": ""})
        form.add_error(None, tell(refusal).words)
        return _show(request, request_of(request.actor, pk), form, status=refusal.status, pay_form=pay_form)
    messages.success(request, _("Approved: %(what)s.") % {"what": found.title})
    if kind.gives_back:
        return redirect("invoice", customer=request.customer.number, number=made.number)
    if not kind.orders:
        return redirect("requests", customer=request.customer.number)
    return redirect("order", customer=request.customer.number, number=made.number)


@posts
@page(Can.DECIDE_REQUESTS)
def decline(request: GateRequest, pk: int) -> HttpResponse:
    """Say no, with an answer."""
    form = AnswerForm(request.POST)
    found = request_of(request.actor, pk)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    return _closed(request, found, lambda: asking.decline(request.actor, found.asked, answer=form.cleaned_data["answer"]), form)


@posts
@page(Can.WITHDRAW_REQUEST)
def withdraw(request: GateRequest, pk: int) -> HttpResponse:
    """Take my request back."""
    found = request_of(request.actor, pk)
    return _closed(request, found, lambda: asking.withdraw(request.actor, found.asked), AnswerForm({"answer": ""}))


def _closed(request: GateRequest, found: Request, close: Callable[[], object], form: AnswerForm) -> HttpResponse:
    try:
        close()
    except Refused as refusal:
        form.add_error(None, tell(refusal).sentence)
        return _show(request, request_of(request.actor, found.asked.pk), form, status=refusal.status)
    messages.success(request, _("Done. Whoever asked has been told."))
    return redirect("requests", customer=request.customer.number)


def _pay_form(request: GateRequest, found: Request) -> PayForm | None:
    """How it is paid, as the contract usually is unless something else is chosen; None where that is not asked."""
    if not found.may_decide or not kind_of(found.asked).pays:
        return None
    organisation = own_organisation(request.actor)
    usual = {"pay": usual_way(organisation, found.asked.contract_id, request.today)}
    sent = request.POST if "pay" in request.POST else usual
    return PayForm(sent if request.method == "POST" else None, ways=ways_to_pay(organisation, request.today), initial=usual)


def _show(
    request: GateRequest, found: Request, form: AnswerForm, *, status: int = 200, pay_form: PayForm | None = None
) -> HttpResponse:
    preview, problem = None, None
    if found.may_decide:
        try:
            preview = preview_of(request.actor, found, request.today)
        except Refused as refusal:
            problem = tell(refusal)
    told: dict[str, Any] = {
        "found": found,
        "preview": preview,
        "problem": problem,
        "form": form,
        "request_key": new_request_key(),
    }
    told["accepts_terms"] = preview is not None and kind_of(found.asked).accepts_terms
    told["pay_form"] = pay_form or _pay_form(request, found) if preview is not None else None
    told["orders"] = preview is not None and kind_of(found.asked).orders
    told["told_by"] = kind_of(found.asked).told_by if preview is not None else ""
    told["gives_back"] = preview is not None and kind_of(found.asked).gives_back
    return render(request, "subscriptions/request.html", told, status=status)
