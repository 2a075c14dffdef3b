"""Asking to join: the page for strangers who are signed in, and where a customer decides."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.identity.queries import myself
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, own_page, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .. import queries
from ..actions import approve_joining, ask_to_join, decline_joining, list_domain, unlist_domain
from ..forms import DomainForm


@gets_and_posts
@own_page(Can.ASK_TO_JOIN)
def asking(request: GateRequest) -> HttpResponse:
    """The invitations that wait for me; a POST asks the customers that list my address's domain, whoever they are."""
    person = myself(request.actor.person_id or 0)
    asked = "asked" in request.GET  # a newcomer has, with the code
    if request.method == "POST":
        ask_to_join(request.actor, person, on=request.today)
        asked = True
    told = {
        "person": person,
        "asked": asked,
        "invitations": queries.invitations_for(person.pk),
        "request_key": new_request_key(),
    }
    return render(request, "organisations/asking.html", told)


@gets
@page(Can.ADD_PEOPLE)
def wishes(request: GateRequest) -> HttpResponse:
    """Who asks to join."""
    return _show(request)


@posts
@page(Can.ADD_PEOPLE)
def approval(request: GateRequest, pk: int) -> HttpResponse:
    """Let somebody in."""
    found = queries.wish(request.actor, pk)
    said = _("%(name)s belongs to your company now.") % {"name": found.name}
    return _done(request, lambda: approve_joining(request.actor, found, on=request.today), said)


@posts
@page(Can.ADD_PEOPLE)
def refusal(request: GateRequest, pk: int) -> HttpResponse:
    """Say no."""
    found = queries.wish(request.actor, pk)
    return _done(request, lambda: decline_joining(request.actor, found, on=request.today), _("Declined."))


@gets_and_posts
@page(Can.SET_DOMAINS)
def domains(request: GateRequest) -> HttpResponse:
    """The domains whose people may ask to join; a POST lists one."""
    form = DomainForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            organisation = queries.own_organisation(request.actor)
            list_domain(request.actor, organisation, domain=form.cleaned_data["domain"], on=request.today)
        except Refused as refused:
            status = refused.status
            form.add_error("domain" if refused.field else None, tell(refused).words)
        else:
            messages.success(request, _("People with an address there may ask to join now."))
            return redirect("domains", customer=request.customer.number)
    shown = {"form": form, "domains": queries.domains_of(request.actor), "request_key": new_request_key()}
    return render(request, "organisations/domains.html", shown, status=status)


@posts
@page(Can.SET_DOMAINS)
def domain_removal(request: GateRequest, pk: int) -> HttpResponse:
    """List a domain no longer."""
    try:
        unlist_domain(request.actor, queries.domain(request.actor, pk))
    except Refused as refused:
        return _show(request, refused)
    messages.success(request, _("Nobody with an address there can ask to join any more."))
    return redirect("domains", customer=request.customer.number)


def _done(request: GateRequest, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return _show(request, refused)
    messages.success(request, said)
    return redirect("wishes_to_join", customer=request.customer.number)


def _show(request: GateRequest, refused: Refused | None = None) -> HttpResponse:
    told = {
        "wishes": queries.wishes_of(request.actor),
        "may_list": request.actor.may(Can.SET_DOMAINS),
        "refused": None if refused is None else tell(refused),
        "request_key": new_request_key(),
    }
    return render(request, "organisations/wishes.html", told, status=refused.status if refused else 200)
