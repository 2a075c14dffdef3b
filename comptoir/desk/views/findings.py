"""Where the provider's books and ours differ: one finding, and what settles it."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.billing.actions.books import compare_again, reopen_invoice, return_charge, settle_finding
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key, posts
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.kernel.second_look import ask_colleague
from comptoir.permissions import Can

from ..forms import NoteForm
from ..queries.customers import organisation_of
from ..queries.runs import finding_of, payment_of
from .showing import show


@gets_and_posts
@desk_page(Can.COMPARE_BOOKS)
def finding(request: GateRequest, pk: int) -> HttpResponse:
    """What either side has, what would put it right; compared again, or settled with a note."""
    found, note, status = finding_of(pk), NoteForm(), 200
    if request.method == "POST":
        try:
            if "again" in request.POST:
                compare_again(request.actor, the_house(), finding=pk, on=request.today)
                messages.success(request, _("The day is compared again. What agrees then is settled by itself."))
                return redirect("desk_finding", pk=pk)
            note = NoteForm(request.POST)
            if note.is_valid():
                settle_finding(request.actor, the_house(), finding=pk, answer=note.cleaned_data["note"], on=request.today)
                messages.success(request, _("Settled."))
                return redirect("desk_runs")
            status = 422
        except Refused as refusal:
            messages.error(request, tell(refusal).sentence)
            status = refusal.status
    told = {"found": found, "note": note, "request_key": new_request_key()}
    return show(request, "finding", told, status=status)


@posts
@desk_page(Can.COMPARE_BOOKS)
def reopening(request: GateRequest, pk: int) -> HttpResponse:
    """Open again what the charge had paid."""
    try:
        payment = payment_of(request.actor, finding_of(pk).row.reference)
    except ObjectDoesNotExist:
        messages.error(request, _("That is not there any more."))
        return redirect("desk_runs")
    try:
        reopen_invoice(request.actor, payment, finding=pk, on=request.today)
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.success(request, _("Open again: what that charge had paid is to be paid anew."))
    return redirect("desk_runs")


@posts
@desk_page(Can.COMPARE_BOOKS)
def giving_back(request: GateRequest, pk: int) -> HttpResponse:
    """Have the provider give back what was charged too much; over the limit a colleague looks too."""
    organisation = organisation_of(request.actor)
    try:
        return_charge(request.actor, organisation, finding=pk, on=request.today)
    except Refused as refusal:
        if refusal.code != "second_pair_needed":
            return _refused(request, refusal, pk)
        return _ask(request, pk, str(refusal.params["amount"]))
    messages.success(request, _("The provider gives it back."))
    return redirect("desk_runs")


def _ask(request: GateRequest, pk: int, amount: str) -> HttpResponse:
    organisation = organisation_of(request.actor)
    try:
        ask_colleague(
            request.actor, organisation, verb="billing.return_charge", arguments={"finding": pk}, amount=amount, on=request.today
        )
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.info(request, _("It is over the limit, so a colleague of finance was asked to look."))
    return redirect("desk_runs")


def _refused(request: GateRequest, refusal: Refused, pk: int) -> HttpResponse:
    if refusal.code == "step_up_needed":
        raise refusal
    messages.error(request, tell(refusal).sentence)
    return redirect("desk_finding", pk=pk)
