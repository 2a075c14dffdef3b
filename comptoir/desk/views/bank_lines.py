"""A line of the bank's that fits no invoice: finance finds whose it is, or says what it is instead."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.billing.actions.bank import leave_lines, receive_transfer
from comptoir.billing.rules.bank import numbers_in
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import NoteForm, SearchForm, TransferForm
from ..queries.bank import BankLine, line_of, may_be_paid_by, open_invoices, parts_of, spread
from ..queries.customers import organisation_of
from .showing import show


@gets_and_posts
@desk_page(Can.MATCH_PAYMENT)
def line(request: GateRequest, pk: int) -> HttpResponse:
    """One line: the invoices that it may pay, to look for others, and to lay it aside with what it is."""
    found, note, status = line_of(pk), NoteForm(), 200
    if request.method == "POST":
        note = NoteForm(request.POST)
        try:
            if note.is_valid():
                leave_lines(request.actor, the_house(), lines=[pk], note=note.cleaned_data["note"], on=request.today)
                messages.success(request, _("Laid aside."))
                return redirect("desk_statements")
            status = 422
        except Refused as refusal:
            note.add_error(None, tell(refusal).sentence)
            status = refusal.status
    search = SearchForm(request.GET)
    words = search.cleaned_data["q"].strip() if search.is_valid() else ""
    told: dict[str, Any] = {"line": found, "note": note, "search": search, "words": words}
    told |= {"invoices": may_be_paid_by(found, words), "request_key": new_request_key()}
    return show(request, "bank_line", told, status=status if search.is_valid() else 422)


@gets_and_posts
@desk_page(Can.MATCH_PAYMENT)
def transfer(request: GateRequest, pk: int) -> HttpResponse:
    """What the line pays of one customer's invoices: first see what is left open and over, then the click."""
    found = line_of(pk)
    balances = open_invoices(request.actor, found.amount.currency)
    typed = request.POST if request.method == "POST" else request.GET if "rest" in request.GET else None
    spreading = spread(found.amount, balances, request.GET.get("number", ""))
    initial: dict[str, str] = {number: str(amount) for number, amount in spreading.items()}
    # what was paid by the first click is open no longer: the second one says the same all the same
    numbers = {str(row.number): None for row in balances} | dict.fromkeys(numbers_in(" ".join(request.POST)))
    form = TransferForm(typed, currency=found.amount.currency, numbers=list(numbers), initial=initial)
    paid, status = spreading, 200
    if form.is_bound:
        if not form.is_valid():
            return _show(request, found, form, balances, None, status=422)
        paid = form.cleaned_data["parts"]
        status = 200 if request.method == "POST" or _fits(form, found, paid, balances) else 409
    if request.method == "POST":
        try:
            return _receive(request, found, form, paid)
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
    return _show(request, found, form, balances, paid if status == 200 else None, status=status)


def _fits(form: TransferForm, found: BankLine, paid: dict[str, Money], balances: list[Any]) -> bool:
    """Whether no invoice gets more than is open of it, and all of them no more than came in; says so at the form."""
    for row in balances:
        if row.number in paid and paid[row.number] > row.open:
            form.add_error(str(row.number), _("Only %(open)s is open.") % {"open": f"{row.open} {row.currency}"})
    if Money.sum(paid.values(), found.amount.currency) > found.amount:
        form.add_error(None, _("That is more than came in: %(amount)s.") % {"amount": f"{found.amount} {found.amount.currency}"})
    return not form.errors


def _receive(request: GateRequest, found: BankLine, form: TransferForm, paid: dict[str, Money]) -> HttpResponse:
    parts = {number: amount.minor for number, amount in paid.items()}
    organisation, back = organisation_of(request.actor), form.cleaned_data["rest"] == "back"
    receive_transfer(request.actor, organisation, line=found.id, parts=parts, on=request.today, rest_back=back)
    messages.success(request, _("%(customer)s has paid with this line.") % {"customer": organisation.name})
    return redirect("desk_statements")


def _show(
    request: GateRequest, found: BankLine, form: TransferForm, balances: list[Any], paid: dict[str, Money] | None, *, status: int
) -> HttpResponse:
    told: dict[str, Any] = {"line": found, "form": form, "request_key": new_request_key()}
    told["rows"] = [(row, form[str(row.number)]) for row in balances]
    if paid is not None:
        rest = found.amount - Money.sum(paid.values(), found.amount.currency)
        told |= {"parts": parts_of(balances, paid), "rest": rest, "sends": {name: str(each) for name, each in paid.items()}}
        told["becomes"] = form.cleaned_data["rest"] if form.is_bound else "keep"
    return show(request, "transfer", told, status=status)
