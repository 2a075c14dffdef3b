"""What a subscription was on any past day."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can

from ..queries.any_day import told_on
from ..queries.detail import subscription_for_reading
from ..queries.tables import ANY_DAY, any_day_rows


@gets
@page(Can.SEE_CONTRACTS)
def any_day(request: GateRequest, number: str) -> HttpResponse:
    """Seats, price, state, and who had paid what, on the day that was asked for; else today."""
    subscription = subscription_for_reading(request.actor, number)
    typed = request.GET.get("on", "").strip()
    on, problem = _day(typed, request.today)
    found = None if problem else told_on(request.actor, subscription, on)
    if wants_file(request) and not problem:
        return list_as_file(request, "any_day", ANY_DAY, any_day_rows(subscription, found))
    told = {
        "subscription": subscription,
        "on": on,
        "typed": typed or on.isoformat(),
        "problem": problem,
        "told": found,
    }
    return render(request, "subscriptions/any_day.html", told, status=422 if problem else 200)


def _day(typed: str, today: date) -> tuple[date, str]:
    """The day that was typed, and what is wrong with it."""
    if not typed:
        return today, ""
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return today, _("This is not a day. Write it like 2026-11-21.")
    return (on, "") if on <= today else (today, _("That day has not come yet. Choose today or a day before."))
