"""Two accounts of one person, merged by the staff after a check of who it is (decision 19)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.identity.actions import merge_at_desk
from comptoir.identity.forms import MergeAtDeskForm
from comptoir.identity.queries import Account, account_named, merged_at_desk
from comptoir.kernel.action import refuse_stale
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import customers_named
from comptoir.permissions import Can

from .showing import show


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the account, and the companies that it belongs to, by name for whoever may see customers."""

    account: Account
    count: int
    names: tuple[str, ...]


@gets_and_posts
@desk_page(Can.MERGE_AT_DESK)
def merging(request: GateRequest) -> HttpResponse:
    """Name both, and how it was checked; see what would happen; then the click."""
    refuse_stale(request.actor)  # before anything is typed
    form = MergeAtDeskForm(request.POST if request.method == "POST" else None)
    sides: tuple[Side, Side] | None = None
    status = 422 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            kept, closed = _named(form)
            if "sure" in request.POST:
                return _merge(request, form, kept, closed)
            sides = _side(request, kept), _side(request, closed)
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
            status = refusal.status
    told = {"form": form, "sides": sides, "merged": merged_at_desk(), "request_key": new_request_key()}
    return show(request, "merging", told, status=status)


def _named(form: MergeAtDeskForm) -> tuple[Account, Account]:
    found = {field: account_named(form.cleaned_data[field]) for field in ("kept", "closed")}
    for field, account in found.items():
        if account is None:
            raise Refused("account_unknown", params={"name": form.cleaned_data[field]}, field=field, status=422)
    kept, closed = found["kept"], found["closed"]
    assert kept is not None
    assert closed is not None
    if kept.id == closed.id:
        raise Refused("merge_one_account", field="closed", status=422)
    return kept, closed


def _side(request: GateRequest, account: Account) -> Side:
    names = tuple(customers_named(account.id))
    return Side(account, len(names), names if request.actor.may(Can.SEE_CUSTOMERS) else ())


def _merge(request: GateRequest, form: MergeAtDeskForm, kept: Account, closed: Account) -> HttpResponse:
    told = {"kept": kept.id, "closed": closed.id, "checked": form.cleaned_data["checked"]}
    merge_at_desk(request.actor, the_house(), **told, on=request.today)
    said = _("%(closed)s is closed and signs in to %(kept)s. Both addresses hear of it by mail.")
    messages.success(request, said % {"closed": closed.email, "kept": kept.email})
    return redirect("desk_merging")
