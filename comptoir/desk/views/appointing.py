"""Contract managers: the customers where one is missing, and appointing one after a check of who they are (rules 7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.kernel.action import refuse_stale
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets, gets_and_posts, new_request_key
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.organisations.actions import appoint_manager
from comptoir.organisations.ports import Ports
from comptoir.organisations.queries import appointments_of, managing_now, own_organisation
from comptoir.permissions import Can

from ..forms import AppointForm
from ..queries.unmanaged import appointing, bare_contracts, page_of_unmanaged
from .showing import show


@gets
@desk_page(Can.APPOINT_MANAGER)
def unmanaged(request: GateRequest) -> HttpResponse:
    """The customers with a contract that nobody manages."""
    return show(request, "unmanaged", {"page": page_of_unmanaged(Place.of(request.GET))})


@gets_and_posts
@desk_page(Can.APPOINT_MANAGER)
def managers(request: GateRequest) -> HttpResponse:
    """Who manages one customer's contracts, and appointing somebody: first what would happen, then the click."""
    refuse_stale(request.actor)  # before anything is typed
    numbers = list(Ports.contracts.all_numbers(request.actor).values())
    sent = request.POST if request.method == "POST" else None
    form = AppointForm(sent, numbers=numbers, initial={"contract": _only(bare_contracts(request.actor), numbers)})
    preview, status = None, 422 if form.errors else 200
    if sent is not None and form.is_valid():
        preview = appointing(request.actor, **_about(form))
        if not preview.known and not form.cleaned_data["first_name"] and not form.cleaned_data["last_name"]:
            form.add_error("first_name", _("Nobody here has this address. Give the name of the person who is to be invited."))
            preview, status = None, 422
        elif "sure" in sent:
            try:
                return _appoint(request, form)
            except Refused as refusal:
                if refusal.code == "step_up_needed":
                    raise
                form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
                preview, status = None, refusal.status
    told: dict[str, Any] = {
        "form": form,
        "preview": preview,
        "managers": managing_now(request.actor, None),
        "bare": bare_contracts(request.actor),
        "appointments": appointments_of(request.actor),
        "request_key": new_request_key(),
    }
    return show(request, "managers", told, status=status)


def _only(bare: list[str], numbers: list[str]) -> str:
    """The contract that alone wants a manager, where others have one."""
    return bare[0] if len(bare) == 1 and len(numbers) > 1 else "all"


def _about(form: AppointForm) -> dict[str, str]:
    told = form.cleaned_data
    name = f"{told['first_name']} {told['last_name']}".strip()
    return {"email": told["email"], "name": name, "contract": told["contract"]}


def _appoint(request: GateRequest, form: AppointForm) -> HttpResponse:
    made = appoint_manager(request.actor, own_organisation(request.actor), **form.cleaned_data, on=request.today)
    if made.membership.active:
        said = _("%(name)s manages it from now on. Everybody who manages or coordinates here hears of it by mail.")
    else:
        said = _("%(name)s is invited, and manages it once they have come in. Whoever is here already hears of it by mail.")
    messages.success(request, said % {"name": made.membership.name})
    return redirect("desk_managers", customer=request.customer.number)
