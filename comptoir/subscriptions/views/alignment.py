"""Align payment dates: pick, make them match, compare every date, confirm once (P1, P10)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions import alignment as verbs
from ..forms import AlignmentForm, AskForAlignmentForm
from ..queries.alignment import members_of
from ..queries.alignment_asking import alignment_to_ask_for, asking_page, asks_to_align
from ..queries.alignment_page import alignment_page, wish_of
from ..queries.availability import offer_of
from ..queries.seats import subscription_of
from ..rules import Verb


@gets_and_posts
@page(Can.ALIGN)
def alignment(request: GateRequest) -> HttpResponse:
    """Pick subscriptions, see what each possible date costs, and move them all to one; or ask somebody who may."""
    if asks_to_align(request.actor):
        return _ask(request)
    if request.method == "POST":
        return _align(request)
    return _show(request, AlignmentForm(request.GET), request.GET.getlist("n"))


@gets_and_posts
@page(Can.ALIGN)
def align_with(request: GateRequest, number: str) -> HttpResponse:
    """The same, opened from one subscription: those that match it are picked."""
    subscription = subscription_of(request.actor, number)
    offer = offer_of(request.actor, subscription, Verb.ALIGN, request.today)
    if offer.may_ask and asks_to_align(request.actor):
        return _ask(request, around=number)
    if not request.actor.may(Can.ALIGN, subscription.contract_id):
        told = {"subscription": subscription, "offer": offer}
        return render(request, "subscriptions/alignment_closed.html", told)
    return _show(request, AlignmentForm(request.GET), request.GET.getlist("n"), around=number)


def _align(request: GateRequest) -> HttpResponse:
    form = AlignmentForm(request.POST)
    numbers = request.POST.get("numbers", "").split(",")
    found = sorted(members_of(request.actor, request.today, numbers), key=lambda member: member.subscription.pk)
    if not form.is_valid() or not found:
        return _show(request, form, numbers, status=422)
    first, *others = [member.subscription for member in found]
    try:
        order = verbs.align(
            request.actor,
            first,
            also=sorted(row.number for row in others),
            to=form.cleaned_data["date"],
            on=request.today,
            quote=request.POST.get("quote") or None,
        )
    except Refused as refusal:
        form.add_error(None, tell(refusal).words)
        return _show(request, form, numbers, status=refusal.status)
    if order.state == "settled":
        messages.success(request, _("Aligned. From now on they renew together."))
    return redirect("order", customer=request.customer.number, number=order.number)


def _ask(request: GateRequest, *, around: str = "") -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    form, numbers, status = AskForAlignmentForm(typed), typed.getlist("n"), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                day = form.cleaned_data["date"]
                subscription, arguments = alignment_to_ask_for(request.actor, request.today, numbers, day)
                told = {"verb": "subscriptions.align", "reason": form.cleaned_data["reason"]}
                ask(request.actor, subscription, **told, arguments=arguments, on=request.today)
                messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))
                return redirect("requests", customer=request.customer.number)
        except Refused as refusal:
            status = refusal.status
            form.add_error(None, tell(refusal).words)
    found = asking_page(request.actor, request.today, numbers=numbers, around=around)
    shown = {"form": form, "found": found, "request_key": new_request_key()}
    return render(request, "subscriptions/ask_for_alignment.html", shown, status=status)


def _show(request: GateRequest, form: forms.Form, numbers: list[str], *, around: str = "", status: int = 200) -> HttpResponse:
    form.is_valid()
    day: date | None = form.cleaned_data.get("date")
    around = around or request.GET.get("with", "") or request.POST.get("with", "")
    found = alignment_page(request.actor, request.today, numbers=numbers, around=around, day=day)
    told: dict[str, Any] = {"form": form, "found": found, "around": around, "request_key": new_request_key()}
    return render(request, "subscriptions/alignment.html", told, status=status)


@posts
@page(Can.ALIGN)
def wish(request: GateRequest) -> HttpResponse:
    """Plan the common term for those that have another, and keep the wish to align them all."""
    numbers = request.POST.get("numbers", "").split(",")
    found = sorted(members_of(request.actor, request.today, numbers), key=lambda member: member.subscription.pk)
    if found and request.POST.get("term") in {"month", "year", "3years"}:
        first, *others = [member.subscription for member in found]
        also, term = sorted(row.number for row in others), request.POST["term"]
        try:
            verbs.wish_alignment(request.actor, first, also=also, term=term, on=request.today)
        except Refused as refusal:
            messages.error(request, tell(refusal).words)
        else:
            messages.success(request, _("Planned. As soon as they match you get a mail, and the price to confirm."))
    return redirect(address(request, numbers))


@posts
@page(Can.ALIGN)
def withdraw_wish(request: GateRequest, pk: int) -> HttpResponse:
    """Give a wish up."""
    try:
        verbs.withdraw_wish(request.actor, wish_of(request.actor, pk), on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).sentence)
    else:
        messages.success(request, _("Done. What was planned for their renewals stays planned."))
    return redirect("alignment", customer=request.customer.number)


def address(request: GateRequest, numbers: list[str]) -> str:
    """The alignment page with these picked."""
    known = [member.subscription.number for member in members_of(request.actor, request.today, numbers)]
    query = "&".join(f"n={number}" for number in known)
    if request.POST.get("with", "") in known:  # whose term and method the others are to share
        query += f"&with={request.POST['with']}"
    return f"{reverse('alignment', kwargs={'customer': request.customer.number})}?{query}"
