"""Home use and previous versions: what one may have, asking, giving it to oneself, ending it early (F3.1, rules 9)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.action import VERBS
from comptoir.kernel.asking import ask
from comptoir.kernel.calendar import add_days
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.use_rights import end_use_right
from ..forms import HomeUseForm, PreviousVersionForm
from ..queries.use_pages import Choice, approvers, choice_of, choices, own_rights, page_of_rights
from ..queries.use_requests import VERB, arguments_of
from ..queries.use_rights import Wanted, refuse_use, right_of
from ..rules.use_rights import UseKind, UseState, last_day_after


@gets
@page(Can.SEE_PRODUCTS)
def use_rights(request: GateRequest) -> HttpResponse:
    """What one may have at home or in a previous version, why not, and what there is; everybody's for who approves."""
    own = own_rights(request.actor, request.today)
    approves = request.actor.may(Can.GIVE_USE_RIGHTS, anywhere=True)
    told = {
        "choices": choices(request.actor, request.today),
        "own": own,
        "running": sum(each.state != UseState.ENDED for each in own),
        "approves": approves,
        "everybody": page_of_rights(request.actor, Place.of(request.GET), request.today) if approves else None,
        "may_end": request.actor.may(Can.END_USE_RIGHTS, anywhere=True),
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/use_rights.html", told)


@gets_and_posts
@page(Can.ASK)
def ask_for_home_use(request: GateRequest, number: str) -> HttpResponse:
    """Say in which country and why; who gives such licences takes one for themselves."""
    found = choice_of(request.actor, number, request.today)
    initial = {"country": own_organisation(request.actor).country}
    form = HomeUseForm(request.POST if request.method == "POST" else None, initial=initial)
    return _ask(request, found, UseKind.HOME, form)


@gets_and_posts
@page(Can.ASK)
def ask_for_previous_version(request: GateRequest, number: str) -> HttpResponse:
    """Say which version and why."""
    found = choice_of(request.actor, number, request.today)
    versions = found.previous_versions if found else ()
    initial = {"version": versions[0] if versions else ""}
    form = PreviousVersionForm(request.POST if request.method == "POST" else None, initial=initial, versions=versions)
    return _ask(request, found, UseKind.PREVIOUS, form)


def _ask(request: GateRequest, found: Choice | None, kind: UseKind, form: Any) -> HttpResponse:
    if found is None:  # without a seat of it: the page says so
        return redirect("use_rights", customer=request.customer.number)
    why = found.home if kind == UseKind.HOME else found.previous
    if not (found.takes or found.may_ask) or kind in found.asked or (request.method != "POST" and why):
        return redirect("use_rights", customer=request.customer.number)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            _send(request, found, Wanted(kind, country=told.get("country"), version=told.get("version")), told)
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
        else:
            return redirect("use_rights", customer=request.customer.number)
    shown = {
        "found": found,
        "home": kind == UseKind.HOME,
        "form": form,
        "access": approvers(request.actor, found.subscription),
        "ends_on": add_days(last_day_after(request.today), -1),
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/ask_for_use.html", shown, status=status)


def _send(request: GateRequest, found: Choice, wanted: Wanted, told: dict[str, Any]) -> None:
    actor, arguments = request.actor, arguments_of(request.actor, wanted)
    if found.takes:
        VERBS[VERB[wanted.kind]].run(actor, found.subscription, **arguments, serial=told["serial"], on=request.today)
        messages.success(request, _("It is yours."))
        return
    refuse_use(actor, found.subscription, actor.member_id, wanted, request.today)
    ask(actor, found.subscription, verb=VERB[wanted.kind], arguments=arguments, reason=told["reason"], on=request.today)
    messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))


@posts
@page(Can.END_USE_RIGHTS)
def end_early(request: GateRequest, pk: int) -> HttpResponse:
    """End a licence before its time."""
    right = right_of(request.actor, pk)
    try:
        end_use_right(request.actor, right, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("It has ended. Its number is kept."))
    return redirect("use_rights", customer=request.customer.number)
