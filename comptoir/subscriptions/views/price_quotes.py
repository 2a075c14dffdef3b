"""Price quotes: make one of the basket, the list, one of them, its PDF, accepting it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.catalogue.queries import TermsOfSale
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can

from ..actions.price_quotes import accept_price_quote, make_price_quote
from ..adapters import pdf_of
from ..forms import CheckoutForm, contract_in, method_in
from ..queries.basket import PurchasePreview
from ..queries.buying import counter_of, usual_way, ways_to_pay
from ..queries.price_quotes import Quoted, preview_quoted, price_quote_of
from ..queries.price_quotes import price_quotes as quotes_of
from .basket import code_in, wishes_in


@gets_and_posts
@page(Can.SEE_PRICE_QUOTES)
def price_quotes(request: GateRequest) -> HttpResponse:
    """The price quotes of the customer; POST keeps the prices of the basket."""
    if request.method == "POST":
        return _make(request)
    found = quotes_of(request.actor, request.today)
    told = {"quotes": found, "open": sum(each.state == "open" for each in found)}
    return render(request, "subscriptions/price_quotes.html", told)


def _make(request: GateRequest) -> HttpResponse:
    counter, wishes = counter_of(request.actor, Can.MAKE_PRICE_QUOTE), wishes_in(request)
    chosen = request.POST.get("contract")
    try:
        made = make_price_quote(
            request.actor,
            counter.under(contract_in({"contract": chosen}) if chosen else counter.first),
            wishes=[[wish.product, wish.term.value, wish.seats] for wish in wishes],
            code=code_in(request),
            on=request.today,
        )
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
        return redirect("checkout", customer=request.customer.number)
    messages.success(request, _("The prices are kept. Share the address of this page with your colleagues."))
    return redirect("price_quote", customer=request.customer.number, number=made.number)


@gets_and_posts
@page(Can.SEE_PRICE_QUOTES)
def price_quote(request: GateRequest, number: str) -> HttpResponse:
    """One of them: its lines, until when it holds; POST accepts it at its prices."""
    found = price_quote_of(request.actor, number, request.today)
    form = _form(request, found)
    if request.method != "POST" or found.state != "open":
        return _show(request, found, form)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    told = form.cleaned_data
    try:
        order = accept_price_quote(
            request.actor,
            found.quote,
            po_number=told["po_number"],
            terms_version=TermsOfSale().current(request.today),
            paid_with=method_in(told),
            on=request.today,
            quote=request.POST.get("quote") or None,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
        return _show(request, price_quote_of(request.actor, number, request.today), form, status=refusal.status)
    messages.success(request, _("Ordered, at the prices of the quote."))
    return redirect("order", customer=request.customer.number, number=order.number)


@gets
@page(Can.SEE_PRICE_QUOTES)
def price_quote_pdf(request: GateRequest, number: str) -> HttpResponse:
    """The same as a PDF, in the language of whoever reads."""
    found = price_quote_of(request.actor, number, request.today)
    pdf = pdf_of(found, preview_quoted(found.quote, request.today), get_language() or settings.LANGUAGE_CODE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.quote.number}.pdf"'
    return answer


def _form(request: GateRequest, found: Quoted) -> CheckoutForm:
    buyer = found.quote.organisation
    return CheckoutForm(
        request.POST if request.method == "POST" else None,
        contracts=[],
        ways=ways_to_pay(buyer, request.today),
        version=TermsOfSale().current(request.today),
        initial={"pay": usual_way(buyer, found.quote.contract_id, request.today), "po_number": buyer.po_number},
    )


def _show(request: GateRequest, found: Quoted, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
    preview: PurchasePreview | None = None
    told: dict[str, Any] = {"found": found, "form": form, "request_key": new_request_key()}
    try:
        preview = preview_quoted(found.quote, request.today)
    except Refused as refusal:
        told["problem"] = tell(refusal)
    places = who_may_where(request.actor, Can.ACCEPT_PRICE_QUOTE)
    told |= {
        "preview": preview,
        "may_accept": request.actor.may(Can.ACCEPT_PRICE_QUOTE, found.quote.contract_id),
        "who_may": [*places.get(None, []), *(places.get(found.quote.contract_id, []) if found.quote.contract_id else [])],
        "version": TermsOfSale().current(request.today),
        "address": request.build_absolute_uri(request.path),
    }
    return render(request, "subscriptions/price_quote.html", told, status=status)
