"""The sandbox's clock in the browser."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, house_page, new_request_key
from comptoir.kernel.house import move_clock, the_house
from comptoir.kernel.nightly import progress
from comptoir.kernel.refusals import in_words, tell
from comptoir.permissions import Can

from ..forms import ClockForm
from ..queries.house import nights

STEPS = (1, 7, 30, 90)


@gets_and_posts
@house_page(Can.MOVE_CLOCK)
def clock(request: GateRequest) -> HttpResponse:
    """Which day it is, how far its nights are, and where to move it."""
    if request.method == "POST":
        return _move(request)
    return _show(request, ClockForm(initial={"to": request.today + timedelta(days=1)}))


def _move(request: GateRequest) -> HttpResponse:
    form = ClockForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    to = form.cleaned_data["to"]
    try:
        move_clock(request.actor, the_house(), to=to)
    except Refused as refusal:
        form.add_error("to", tell(refusal).sentence)
        return _show(request, form, status=refusal.status)
    messages.info(request, _("The clock moves to %(day)s.") % {"day": in_words(to)})
    return redirect("sandbox_clock")


def _show(request: GateRequest, form: ClockForm, *, status: int = 200) -> HttpResponse:
    how_far = progress()
    told = {
        "form": form,
        "progress": how_far,
        "nights": nights(),
        "steps": [(days, request.today + timedelta(days=days)) for days in STEPS],
        "request_key": new_request_key(),
    }
    fragment = bool(request.headers.get("HX-Request")) and request.method == "GET"
    response = render(request, "desk/_clock.html" if fragment else "desk/clock.html", told, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
