"""Reporting: what happened."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.paging import Place
from comptoir.permissions import Can

from . import queries
from .forms import ActivityFilter


@gets
@page(Can.SEE_ACTIVITY)
def activity(request: GateRequest) -> HttpResponse:
    """What happened, newest first, as far as I may see it."""
    form = ActivityFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    person, kind = form.cleaned_data.get("q", ""), form.cleaned_data.get("kind", "")
    found = queries.page_of_activity(request.actor, request.customer, kind=kind, person=person, place=Place.of(request.GET))
    told = {
        "form": form,
        "person": person,
        "kind": kind,
        "kinds": [("", _("Everything")), *queries.topic_words().items()],
        "page": found,
        "days": queries.by_day(found.rows),
    }
    return render(request, "reports/activity.html", told, status=422 if form.errors else 200)
