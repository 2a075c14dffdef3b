"""How the licence of one subscription is shared, where it differs from its product (rules 9)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.subscriptions.actions.sharing import set_sharing
from comptoir.subscriptions.queries.sharing import shared_subscription

from ..forms import SharingForm
from .showing import show


@gets_and_posts
@desk_page(Can.SHARE_LICENCES)
def sharing(request: GateRequest, number: str) -> HttpResponse:
    """What the product says, what counts for this subscription, and a form to say otherwise."""
    row = shared_subscription(request.actor, number)
    form = SharingForm(request.POST if request.method == "POST" else None, initial={"sharing": row.sharing or "product"})
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            set_sharing(request.actor, row, **form.cleaned_data, on=request.today)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("Saved. It counts at once; the customer’s log tells it."))
            return redirect("desk_sharing", customer=request.customer.number, number=number)
    counts = row.sharing or row.product.sharing
    shown = {"subscription": row, "form": form, "counts": counts, "request_key": new_request_key()}
    return show(request, "sharing", shown, status=status)
