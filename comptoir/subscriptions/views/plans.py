"""The renewal plan of one subscription: seats, term, automatic or not; taking a plan back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import day

from ..actions import plans as verbs
from ..forms import AskForPlannedSeatsForm, AskForTermForm, PlanSeatsForm, PlanTermForm, ReasonForm
from ..queries.availability import Offer, offer_of
from ..queries.plans import PlannedRenewal, lengths_in_words, losing_seats, pending_of, preview_planned, terms_compared
from ..queries.seats import subscription_of
from ..rules import PlanChange, Verb
from .asking import ask_for

if TYPE_CHECKING:
    from ..models import Subscription


@gets_and_posts
@page(Can.PLAN_RENEWAL)
def plan_seats(request: GateRequest, number: str) -> HttpResponse:
    """How many seats the next renewal has, and who keeps one where there are fewer than people (rules 4)."""
    subscription = subscription_of(request.actor, number)
    offer = offer_of(request.actor, subscription, Verb.PLAN_SEATS, request.today)
    if offer.may_ask:
        asked = AskForPlannedSeatsForm(request.POST if request.method == "POST" else None)
        told = {"seats": asked.cleaned_data["seats"]} if asked.is_valid() else None
        return ask_for(request, subscription, offer, asked, told)
    if request.method == "POST":
        return _plan_seats(request, subscription)
    typed = {"seats": request.GET.get("seats", str(subscription.seats_at_renewal))}
    return _show_seats(request, subscription, PlanSeatsForm(typed))


def _plan_seats(request: GateRequest, subscription: "Subscription") -> HttpResponse:
    form = PlanSeatsForm(request.POST)
    if not form.is_valid():
        return _show_seats(request, subscription, form, status=422)
    keep = sorted({int(key) for key in request.POST.getlist("keep") if key.isascii() and key.isdigit() and len(key) < 19})
    refusal = _refused(
        form,
        lambda: verbs.plan_seats(
            request.actor,
            subscription,
            seats=form.cleaned_data["seats"],
            keep=keep or None,
            on=request.today,
            quote=request.POST.get("quote") or None,
        ),
    )
    if refusal is not None:
        subscription.refresh_from_db()
        return _show_seats(request, subscription, form, status=refusal.status)
    return _planned(request, subscription)


def _show_seats(request: GateRequest, subscription: "Subscription", form: PlanSeatsForm, *, status: int = 200) -> HttpResponse:
    offer = offer_of(request.actor, subscription, Verb.PLAN_SEATS, request.today)
    form.is_valid()
    seats, preview = form.cleaned_data.get("seats"), None
    if not offer.reasons and seats:
        preview = _preview(request, subscription, PlanChange(seats=seats), form)
    told = {"form": form, "preview": preview, "kept": _kept(request, preview)}
    fragment = request.headers.get("HX-Request") and request.method == "GET"
    template = "subscriptions/_plan_preview.html" if fragment else "subscriptions/plan_seats.html"
    response = render(request, template, {**_about(request, subscription, offer), **told}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _kept(request: GateRequest, preview: PlannedRenewal | None) -> frozenset[int]:
    """Who is ticked: what was chosen a moment ago, else whoever stays if nobody chooses."""
    typed = frozenset(int(key) for key in request.POST.getlist("keep") if key.isascii() and key.isdigit() and len(key) < 19)
    return typed or (preview.stay if preview else frozenset())


@gets_and_posts
@page(Can.PLAN_RENEWAL)
def plan_term(request: GateRequest, number: str) -> HttpResponse:
    """The three terms compared, and the choice of one for the next period (P3)."""
    subscription = subscription_of(request.actor, number)
    offer = offer_of(request.actor, subscription, Verb.PLAN_TERM, request.today)
    if offer.may_ask:
        asked = AskForTermForm(request.POST if request.method == "POST" else None)
        wanted = {"term": asked.cleaned_data["term"]} if asked.is_valid() else None
        return ask_for(request, subscription, offer, asked, wanted)
    form, status = PlanTermForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        told = {"term": form.cleaned_data["term"], "on": request.today, "quote": request.POST.get("quote") or None}
        refusal = _refused(form, lambda: verbs.plan_term(request.actor, subscription, **told))
        if refusal is None:
            return _planned(request, subscription)
        subscription.refresh_from_db()
        status = refusal.status
    elif request.method == "POST":
        status = 422
    offer = offer_of(request.actor, subscription, Verb.PLAN_TERM, request.today)
    choices = [] if "not_allowed" in offer.codes else _choices(request, subscription, offer)
    told = {**_about(request, subscription, offer), "form": form, "choices": choices}
    return render(request, "subscriptions/plan_term.html", told, status=status)


def _choices(request: GateRequest, subscription: "Subscription", offer: Offer) -> list[dict[str, Any]]:
    """Each term with its figures and, where it can be chosen, the quote that its button sends back."""
    words, found = lengths_in_words(), []
    for choice in terms_compared(subscription):
        preview = None
        if not offer.reasons and choice.net is not None and not choice.planned:
            preview = preview_planned(request.actor, subscription, PlanChange(term=Term(choice.term)), request.today)
        found.append({"choice": choice, "word": words[choice.term], "quote": preview.quote if preview else ""})
    return found


@gets_and_posts
@page(Can.PLAN_RENEWAL)
def automatic_renewal(request: GateRequest, number: str) -> HttpResponse:
    """Turn automatic renewal on or off, with what follows."""
    subscription = subscription_of(request.actor, number)
    verb_of = Verb.AUTOMATIC_OFF if subscription.automatic_renewal else Verb.AUTOMATIC_ON
    offer = offer_of(request.actor, subscription, verb_of, request.today)
    if offer.may_ask:
        return ask_for(request, subscription, offer, ReasonForm(request.POST if request.method == "POST" else None), {})
    form, status = forms.Form(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        wanted = request.POST.get("automatic")
        verb = verbs.automatic_off if wanted == "off" else verbs.automatic_on
        form.is_valid()
        refusal = _refused(form, lambda: verb(request.actor, subscription, on=request.today))
        if refusal is None:
            said = _("Automatic renewal is off.") if wanted == "off" else _("Automatic renewal is on.")
            messages.success(request, said)
            return _to(request, subscription)
        subscription.refresh_from_db()
        status = refusal.status
    turns_off = subscription.automatic_renewal
    verb_of = Verb.AUTOMATIC_OFF if turns_off else Verb.AUTOMATIC_ON
    offer = offer_of(request.actor, subscription, verb_of, request.today)
    preview = None
    if not offer.reasons:
        preview = _preview(request, subscription, PlanChange(automatic=not turns_off), form)
    told = {**_about(request, subscription, offer), "form": form, "preview": preview, "turns_off": turns_off}
    return render(request, "subscriptions/automatic_renewal.html", told, status=status)


@posts
@page(Can.PLAN_RENEWAL)
def withdraw(request: GateRequest, number: str) -> HttpResponse:
    """Take one pending change back."""
    subscription = subscription_of(request.actor, number)
    field = request.POST.get("field", "")
    try:
        if field == "automatic":
            verbs.automatic_on(request.actor, subscription, on=request.today)
        elif field in {"seats", "term"}:
            verbs.withdraw_plan(request.actor, subscription, field=field, on=request.today)
        else:
            raise Refused("nothing_planned")
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("Done: the next renewal is as it was before."))
    return _to(request, subscription)


def _refused(form: forms.Form, act: Callable[[], object]) -> Refused | None:
    """Do it; a refusal is told at the form and returned."""
    try:
        act()
    except Refused as refusal:
        told = tell(refusal)
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, told.words)
        return refusal
    return None


def _preview(request: GateRequest, subscription: "Subscription", change: PlanChange, form: forms.Form) -> PlannedRenewal | None:
    try:
        return preview_planned(request.actor, subscription, change, request.today)
    except Refused as refusal:
        if not form.errors:
            form.add_error(None, tell(refusal).sentence)
        return None


def _about(request: GateRequest, subscription: "Subscription", offer: Offer) -> dict[str, Any]:
    """What every page of the plan shows: the subscription, what is pending, the warning about people."""
    return {
        "subscription": subscription,
        "offer": offer,
        "pending": pending_of(subscription),
        "losing": losing_seats(request.actor, subscription),
        "may_plan": request.actor.may(Can.PLAN_RENEWAL, subscription.contract_id),
        "term_word": lengths_in_words()[subscription.term],
        "request_key": new_request_key(),
    }


def _planned(request: GateRequest, subscription: "Subscription") -> HttpResponse:
    told = {"on": day(subscription.renews_on)}
    messages.success(request, _("Planned. Nothing changes and nothing is charged before %(on)s.") % told)
    return _to(request, subscription)


def _to(request: GateRequest, subscription: "Subscription") -> HttpResponse:
    return redirect("subscription", customer=request.customer.number, number=subscription.number)
