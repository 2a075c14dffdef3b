"""A list of people who are to have a seat: pasted, looked at person by person, then given."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..forms import ListForm
from ..queries.lists import ListTold, judged_list
from ..queries.people import Reaching, reaching
from ..rules import Beyond


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def seats_list(request: GateRequest, number: str) -> HttpResponse:
    """Paste a list; see what would become of each; then give (the click goes to the page of seats)."""
    subscription = subscription_of(request.actor, number)
    if reaching(request.actor, subscription) not in {Reaching.ALL, Reaching.GROUPS}:
        return redirect("seats_of", customer=request.customer.number, number=number)
    form = ListForm(request.POST if request.method == "POST" else None, initial={"beyond": Beyond.FIT})
    found: ListTold | None = None
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        beyond = Beyond(form.cleaned_data["beyond"])
        try:
            found = judged_list(request.actor, subscription, form.cleaned_data["people"], beyond, request.today)
        except Refused as refusal:
            form.add_error(None, tell(refusal).sentence)
            status = refusal.status
    told = {"subscription": subscription, "form": form, "found": found, "request_key": new_request_key()}
    return render(request, "entitlements/seats_list.html", told, status=status)
