"""The pages of the sandbox's own payment provider and of its bank. In production there are none."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from comptoir.kernel.clock import business_day
from comptoir.kernel.gate import gets_and_posts, public_page
from comptoir.kernel.money import Money

from ..adapters import sandbox_books as books
from ..forms.payments import CardForm, MandateForm
from ..queries.sandbox_cards import NUMBERS


@gets_and_posts
@public_page
def payment_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Where a test card or a test account is typed; then back to where one came from."""
    setup = books.setup_of(ref)
    if setup is None:
        raise Http404
    if setup.method_id is not None or setup.cancelled:
        return redirect(setup.return_url)
    form = (CardForm if setup.kind == "card" else MandateForm)(request.POST or None)
    if request.method == "POST":
        if "leave" in request.POST:
            books.leave(setup)
            return redirect(setup.return_url)
        if form.is_valid():
            books.give_method(setup, form.cleaned_data["number"], form.cleaned_data.get("expires"))
            return redirect(setup.return_url)
    told = {"setup": setup, "form": form, "numbers": [each for each in NUMBERS if each.kind == setup.kind]}
    return render(request, "billing/sandbox_payment_page.html", told, status=422 if form.errors else 200)


@gets_and_posts
@public_page
def confirmation(request: HttpRequest, ref: str) -> HttpResponse:
    """Where the holder confirms a charge at the bank (3-D Secure); then back."""
    charge = books.charge_of(ref)
    if charge is None:
        raise Http404
    if request.method == "POST":
        charge = books.confirm(ref, yes="confirm" in request.POST)
    if charge.state != "needs_action":
        return redirect(charge.return_url)
    told = {"charge": charge, "amount": Money(charge.amount_minor, charge.currency)}
    return render(request, "billing/sandbox_confirmation.html", told)


@gets_and_posts
@public_page
def charge(request: HttpRequest, ref: str) -> HttpResponse:
    """A charge in the provider's books: its holder disputes it, and the bank decides for one or the other."""
    found = books.charge_of(ref)
    if found is None:
        raise Http404
    if request.method == "POST":
        if "dispute" in request.POST:
            books.dispute_once(ref, on=business_day())
        for each in books.disputes_of(found):
            if {"won", "lost"} & set(request.POST):
                books.close_dispute(each.ref, won="won" in request.POST)
        return redirect("sandbox_charge", ref=ref)
    told = {"charge": found, "amount": Money(found.amount_minor, found.currency), "disputes": books.disputes_of(found)}
    return render(request, "billing/sandbox_charge.html", told)
