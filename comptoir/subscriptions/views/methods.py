"""How one subscription, or several, are paid."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import number as in_digits

from ..actions import methods as verbs
from ..forms import MethodForm
from ..queries.availability import offer_of
from ..queries.methods import choices_for, method_now, subscription_to_pay
from ..queries.plans_of_many import chosen
from ..rules import Verb
from .alignment import address

if TYPE_CHECKING:
    from ..models import Subscription

MOST = 500


@gets_and_posts
@page(Can.PAY)
def change_method(request: GateRequest, number: str) -> HttpResponse:
    """How one subscription is paid."""
    return _page(request, [subscription_to_pay(request.actor, number)])


@gets_and_posts
@page(Can.PAY)
def change_methods(request: GateRequest) -> HttpResponse:
    """How several are paid."""
    typed = request.POST if request.method == "POST" else request.GET
    return _page(request, chosen(request.actor, typed.getlist("n")[:MOST], Can.PAY))


def _page(request: GateRequest, rows: list["Subscription"]) -> HttpResponse:
    choices = choices_for(request.actor, request.today)
    form, status = MethodForm(request.POST if request.method == "POST" else None, choices=choices), 200
    if request.method == "POST" and rows:
        status = 422
        if form.is_valid():
            try:
                return _change(request, form.cleaned_data["method"], rows)
            except Refused as refusal:
                form.add_error(None, tell(refusal).words)
                status = refusal.status
    told_all: dict[str, Any] = {
        "form": form,
        "rows": [(row, method_now(row)) for row in rows],
        "one": rows[0] if len(rows) == 1 else None,
        "only_invoice": len(choices) == 1,
        "request_key": new_request_key(),
    }
    if len(rows) == 1:
        told_all["offer"] = offer_of(request.actor, rows[0], Verb.CHANGE_METHOD, request.today)
    return render(request, "subscriptions/change_method.html", told_all, status=status)


def _change(request: GateRequest, method: str, rows: list["Subscription"]) -> HttpResponse:
    first, *others = sorted(rows, key=lambda row: row.pk)
    if others:
        verbs.change_methods(request.actor, first, also=[row.pk for row in others], method=method, on=request.today)
    else:
        verbs.change_method(request.actor, first, method=method, on=request.today)
    said = ngettext(
        "%(n)s subscription is paid like this from now on.",
        "%(n)s subscriptions are paid like this from now on.",
        len(rows),
    )
    messages.success(request, said % {"n": in_digits(len(rows))})
    if request.POST.get("back"):  # one step of an alignment
        return redirect(address(request, request.POST["back"].split(",")))
    if others:
        return redirect("subscriptions", customer=request.customer.number)
    return redirect("subscription", customer=request.customer.number, number=first.number)
