"""The switch that stops all charging."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import resume_charging, stop_charging, the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import ReasonForm
from ..queries.runs import charges_that_wait
from .showing import show


@gets_and_posts
@desk_page(Can.STOP_CHARGING)
def charging(request: GateRequest) -> HttpResponse:
    """Whether charges are made, and the switch, with its reason."""
    house = the_house()
    form, status = ReasonForm(), 200
    if request.method == "POST":
        try:
            if "resume" in request.POST:
                resume_charging(request.actor, house)
                messages.success(request, _("Charges are made again. Those that waited come now."))
                return redirect("desk_charging")
            form = ReasonForm(request.POST)
            if form.is_valid():
                stop_charging(request.actor, house, reason=form.cleaned_data["reason"])
                messages.success(request, _("From now on nothing is charged."))
                return redirect("desk_charging")
            status = 422
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            form.add_error(None, tell(refusal).sentence) if form.is_bound else messages.error(request, tell(refusal).sentence)
            status = refusal.status
    waiting = charges_that_wait() if request.actor.may(Can.SEE_SALES) else None
    return show(request, "charging", {"form": form, "request_key": new_request_key(), "waiting": waiting}, status=status)
