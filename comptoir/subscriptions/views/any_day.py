"""What a subscription was on any past day."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.permissions import Can

from ..queries.any_day import told_on
from ..queries.detail import subscription_for_reading


@gets
@page(Can.SEE_CONTRACTS)
def any_day(request: GateRequest, number: str) -> HttpResponse:
    """Seats, price, state, and who had paid what, on the day that was asked for; else today."""
    subscription = subscription_for_reading(request.actor, number)
    typed = request.GET.get("on", "").strip()
    on, problem = _day(typed, request.today)
    told = {
        "subscription": subscription,
        "on": on,
        "typed": typed or on.isoformat(),
        "problem": problem,
        "told": None if problem else told_on(request.actor, subscription, on),
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
