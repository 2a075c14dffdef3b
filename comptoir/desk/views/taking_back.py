"""Taking back what an invoice sold, by the desk: all of it or a part."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.refusals import tell
from comptoir.kernel.second_look import ask_colleague
from comptoir.permissions import Can
from comptoir.subscriptions.actions.returns import return_part
from comptoir.subscriptions.queries.returns import ReturnPreview, preview_return, sale_of

from ..forms import TakeBackForm
from ..queries.customers import sales_on
from .showing import show

if TYPE_CHECKING:
    from comptoir.subscriptions.models import Sale


@gets_and_posts
@desk_page(Can.RETURN_PART)
def taking_back(request: GateRequest, number: str) -> HttpResponse:
    """Choose a sale of the invoice and how many seats; see what goes back; then the click."""
    sales = sales_on(request.actor, number)
    form = TakeBackForm(request.POST if request.method == "POST" else request.GET or None, sales=sales)
    if not form.is_valid():
        return _show(request, number, sales, form, None, status=422 if form.is_bound else 200)
    sale, seats = sale_of(request.actor, form.cleaned_data["subscription"], number), form.cleaned_data["seats"]
    try:
        if request.method == "POST":
            return _take_back(request, sale, seats)
        return _show(request, number, sales, form, preview_return(request.actor, sale, request.today, seats=seats))
    except Refused as refused:
        if refused.code == "step_up_needed":
            raise
        form.add_error(None, tell(refused).words)
        return _show(request, number, sales, form, None, status=refused.status)


def _take_back(request: GateRequest, sale: "Sale", seats: int) -> HttpResponse:
    try:
        note = return_part(request.actor, sale, seats=seats, on=request.today, quote=request.POST.get("quote") or None)
    except Refused as refused:
        if refused.code != "second_pair_needed":
            raise
        verb, amount = "subscriptions.return_part", str(refused.params["amount"])
        ask_colleague(request.actor, sale, verb=verb, arguments={"seats": seats}, amount=amount, on=request.today)
        messages.info(request, _("It is over the limit, so a colleague of finance was asked to look."))
        return redirect("desk_runs")
    messages.success(request, _("Taken back. Credit note %(number)s says what goes back.") % {"number": note.number})
    return redirect("desk_invoice", customer=request.customer.number, number=str(note.number))


def _show(
    request: GateRequest,
    number: str,
    sales: "list[Sale]",
    form: TakeBackForm,
    preview: ReturnPreview | None,
    *,
    status: int = 200,
) -> HttpResponse:
    told = {"number": number, "sales": sales, "form": form, "preview": preview, "request_key": new_request_key()}
    return show(request, "taking_back", told, status=status)
