"""What the next invoices say of the customer."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .. import queries
from ..actions import change_billing_details
from ..forms import BillingForm

if TYPE_CHECKING:
    pass


@gets_and_posts
@page(Can.CHANGE_BILLING)
def billing_details(request: GateRequest) -> HttpResponse:
    """What the next invoices say of the customer: order number, mailbox, address, VAT number."""
    customer = queries.own_organisation(request.actor)
    fields = {name: getattr(customer, name) for name in BillingForm.base_fields}
    form = BillingForm(request.POST if request.method == "POST" else None, initial=fields)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            if form.has_changed():
                change_billing_details(request.actor, customer, **form.cleaned_data)
        except Refused as refusal:
            refused, status = tell(refusal), refusal.status
            place = refusal.field if refusal.field in form.fields else None
            form.add_error(place, refused.words)
        else:
            messages.success(request, _("Saved: your next invoices will say so."))
            return redirect("billing_details", customer=request.customer.number)
    told = {"form": form, "organisation": customer, "request_key": new_request_key()}
    return render(request, "organisations/billing_details.html", told, status=status)
