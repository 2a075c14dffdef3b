"""The page of somebody who may only ask: what to ask for, why, and who will decide."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, new_request_key
from comptoir.kernel.refusals import tell

from ..queries.availability import Offer

if TYPE_CHECKING:
    from ..models import Subscription


def ask_for(
    request: GateRequest,
    subscription: "Subscription",
    offer: Offer,
    form: forms.Form,
    arguments: Mapping[str, object] | None,
    *,
    template: str = "subscriptions/ask_for_plan.html",
) -> HttpResponse:
    """Show the form, or send the request: `arguments` of the verb, None while the form does not hold them."""
    status = 422 if form.errors else 200
    if request.method == "POST" and arguments is not None and form.is_valid():
        try:
            ask(
                request.actor,
                subscription,
                verb=f"subscriptions.{offer.verb}",
                arguments=arguments,
                reason=form.cleaned_data["reason"],
                on=request.today,
            )
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))
            return redirect("requests", customer=request.customer.number)
    shown = {"subscription": subscription, "offer": offer, "form": form, "request_key": new_request_key()}
    return render(request, template, shown, status=status)
