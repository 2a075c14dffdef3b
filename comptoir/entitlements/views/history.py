"""Who sat on a subscription on any past day."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..forms import DayForm
from ..queries.history import sat_on
from ..queries.people import Reaching, reaching


@gets
@page(Can.ASSIGN_SEATS)
def sat_then(request: GateRequest, number: str) -> HttpResponse:
    """Who had a seat and who waited on the day that was asked for; else today."""
    subscription = subscription_of(request.actor, number)
    if reaching(request.actor, subscription) not in {Reaching.ALL, Reaching.SEES}:
        raise Http404
    form = DayForm(request.GET if "on" in request.GET else {"on": request.today.isoformat()})
    day = form.cleaned_data["on"] if form.is_valid() else None
    if day is not None and day > request.today:
        form.add_error("on", _("That day has not come yet. Choose today or a day before."))
        day = None
    told = sat_on(request.actor, subscription, day) if day else None
    shown = {"subscription": subscription, "form": form, "told": told}
    return render(request, "entitlements/sat_then.html", shown, status=200 if told else 422)
