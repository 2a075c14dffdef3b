"""The preview of notices."""

from django.http import HttpResponse

from comptoir.kernel.calendar import add_days
from comptoir.kernel.gate import GateRequest, desk_page, gets
from comptoir.permissions import Can

from ..forms import DayForm
from ..queries.notices import AHEAD, coming, mails_of
from .showing import show


@gets
@desk_page(Can.SEE_SALES)
def notices(request: GateRequest) -> HttpResponse:
    """Which subscription gets which notice when; of one day the mails, in both languages."""
    form = DayForm(request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    if day is not None and not request.today < day <= add_days(request.today, AHEAD):
        day = None
    told = {"coming": coming(request.actor, request.today), "ahead": AHEAD, "day": day}
    return show(request, "notices", {**told, "mails": mails_of(request.actor, day) if day else []})
