"""What each may order at once."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .. import queries
from ..actions import set_spending_limit
from ..forms import SpendingLimitForm

if TYPE_CHECKING:
    pass


@gets_and_posts
@page(Can.SET_SPENDING_LIMITS)
def spending_limits(request: GateRequest) -> HttpResponse:
    """What each may order at once without another manager's approval; POST sets one limit, or takes it away."""
    form = _limit_form(request)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        kind, _colon, who = form.cleaned_data["who"].partition(":")
        try:
            set_spending_limit(
                request.actor,
                queries.own_organisation(request.actor),
                membership=int(who) if kind == "member" else None,
                role=who if kind == "role" else "",
                minor=form.cleaned_data["amount"],
            )
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("Saved. It counts from the next order on."))
            return redirect("spending_limits", customer=request.customer.number)
    words = queries.role_words()
    rows = [
        (row.membership.name if row.membership else words[row.role], Money(row.amount_minor, request.customer.currency))
        for row in queries.spending_limits(request.actor)
    ]
    told_all = {"form": form, "rows": rows, "request_key": new_request_key()}
    return render(request, "organisations/spending_limits.html", told_all, status=status)


def _limit_form(request: GateRequest) -> SpendingLimitForm:
    words, able = queries.role_words(), queries.who_may_where(request.actor, Can.BUY)
    members = {contact.membership_id: contact.name for place in able.values() for contact in place}
    people = [(f"role:{role}", _("Everybody: %(role)s") % {"role": words[role]}) for role in queries.roles_with(Can.BUY)]
    people += [(f"member:{pk}", name) for pk, name in sorted(members.items(), key=lambda pair: pair[1])]
    sent = request.POST if request.method == "POST" else None
    return SpendingLimitForm(sent, people=people, currency=request.customer.currency)
