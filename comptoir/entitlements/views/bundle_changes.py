"""A group of products changed: what whoever holds it would get and lose, then the change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions.bundles import change_bundle
from ..forms import BundleChangeForm
from ..queries.benefits import may_choose
from ..queries.bundle_changes import BundleChange, preview_change
from ..queries.bundles import bundle_of, subscriptions_named, subscriptions_to_tick
from ..rules import Beyond


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def bundle_change(request: GateRequest, pk: int) -> HttpResponse:
    """Type what it is to hold; see who would get and lose what; then do it."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)  # which names who may
    told = bundle_of(request.actor, pk, request.today)
    now = {"name": told.bundle.name, "subscriptions": "\n".join(each.subscription.number for each in told.inside)}
    sent = request.POST if request.method == "POST" else None
    choices = subscriptions_to_tick(request.actor, request.today, told.inside)
    form = BundleChangeForm(sent, choices=choices, initial={**now, "beyond": Beyond.REFUSE})
    change: BundleChange | None = None
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            ids = list(subscriptions_named(request.actor, wanted["subscriptions"]).values())
            if wanted["quote"]:
                typed = {each: wanted[each] for each in ("name", "beyond", "quote")}
                change_bundle(request.actor, told.bundle, subscriptions=ids, on=request.today, **typed)
                messages.success(request, _("Changed: %(name)s.") % {"name": told.bundle.name})
                return redirect("bundle", customer=request.customer.number, pk=pk)
            change = preview_change(request.actor, told.bundle, wanted["name"], ids, request.today)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
            status = refusal.status
    shown = {"told": told, "form": form, "change": change, "request_key": new_request_key()}
    return render(request, "entitlements/bundle_change.html", shown, status=status)
