"""Align payment dates: pick, make them match, compare every date, confirm once (P1, P10)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions import alignment as verbs
from ..forms import AlignmentForm
from ..queries.alignment import members_of
from ..queries.alignment_page import alignment_page, wish_of
from ..queries.availability import offer_of
from ..queries.seats import subscription_of
from ..rules import Verb


@gets_and_posts
@page(Can.ALIGN)
def alignment(request: GateRequest) -> HttpResponse:
    """Pick subscriptions, see what each possible date costs, and move them all to one."""
    if request.method == "POST":
        return _align(request)
    return _show(request, AlignmentForm(request.GET), request.GET.getlist("n"))


@gets_and_posts
@page(Can.ALIGN)
def align_with(request: GateRequest, number: str) -> HttpResponse:
    """The same, opened from one subscription: those that match it are picked."""
    subscription = subscription_of(request.actor, number)
    offer = offer_of(request.actor, subscription, Verb.ALIGN, request.today)
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
        told = tell(refusal)
        form.add_error(None, f"{told.sentence} {told.next_step or ''}".strip())
        return _show(request, form, numbers, status=refusal.status)
    if order.state == "settled":
        messages.success(request, _("Aligned. From now on they renew together."))
    return redirect("order", customer=request.customer.number, number=order.number)


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
            told = tell(refusal)
            messages.error(request, f"{told.sentence} {told.next_step or ''}".strip())
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
