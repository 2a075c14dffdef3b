"""Buy for a customer: the whole sum with tax before the click, then the order; or ask somebody who may (P13)."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.billing.queries.payments import kinds_to_give
from comptoir.catalogue.queries import TermsOfSale
from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import Told, tell
from comptoir.organisations.queries import refuse_over_limit
from comptoir.permissions import Can

from ..actions.buying import buy
from ..forms import NEW_CONTRACT, AskToBuyForm, CheckoutForm, ContractForm, contract_in, method_in
from ..queries.basket import PurchasePreview, names_of, preview_purchase
from ..queries.buying import Counter, counter_of, fitting, sent_with, usual_way, ways_to_pay
from .basket import KEY, code_in, keep, key_in, wishes_in


@gets_and_posts
@page(Can.BUY)
def checkout(request: GateRequest) -> HttpResponse:
    """The basket as this customer would buy it: tax, contract, payment, PO number, terms; one click orders it."""
    counter = counter_of(request.actor)
    if (gone := _sent_already(request)) is not None:
        return gone
    if not wishes_in(request):
        return _render(request, counter, {})
    if counter.asks or request.POST.get("action") == "ask":
        return _ask(request, counter)
    if request.method == "POST":
        return _order(request, counter)
    return _show(request, counter, _form(request, counter))


def _sent_already(request: GateRequest) -> HttpResponse | None:
    """The way to what became of this very basket: another tab sent it, or a click whose answer got lost."""
    key = request.actor.request_key if request.method == "POST" else key_in(request) if wishes_in(request) else None
    sent = sent_with(request.actor, key or "")
    if sent is None:
        return None
    if key == request.session.get(KEY):
        keep(request, [])
    messages.info(request, _("This basket was sent already: here is what became of it."))
    if sent.order is None:
        return redirect("requests", customer=request.customer.number)
    return redirect("order", customer=request.customer.number, number=sent.order)


def _form(request: GateRequest, counter: Counter, *, sent: bool = False) -> CheckoutForm:
    version = TermsOfSale().current(request.today)
    contract = _fitting(request, counter)
    pks = {each.number: each.pk for each in counter.contracts}
    initial = {
        "contract": contract,
        "pay": usual_way(counter.organisation, pks.get(contract), request.today),
        "po_number": counter.organisation.po_number,
    }
    return CheckoutForm(
        request.POST if sent else None,
        contracts=_contracts(counter),
        ways=ways_to_pay(counter.organisation, request.today),
        version=version,
        initial=initial,
    )


def _fitting(request: GateRequest, counter: Counter) -> str:
    return fitting(counter, [wish.product for wish in wishes_in(request)]) or NEW_CONTRACT


def _contracts(counter: Counter) -> list[tuple[str, str]]:
    if counter.unseen is not None:
        return []
    new = [(NEW_CONTRACT, _("A new contract"))] if counter.new else []
    return [*new, *((each.number, each.number) for each in counter.contracts)]


def _to_quote(request: GateRequest, counter: Counter) -> ContractForm | None:
    """Under which contract the prices can be kept; None for who may not have them kept."""
    if not request.actor.may(Can.MAKE_PRICE_QUOTE, anywhere=True):
        return None
    places = counter_of(request.actor, Can.MAKE_PRICE_QUOTE) if counter.asks else counter
    initial = {"contract": _fitting(request, places)}
    return ContractForm(contracts=_contracts(places), initial=initial, auto_id="quote-%s")


def _order(request: GateRequest, counter: Counter) -> HttpResponse:
    form = _form(request, counter, sent=True)
    if not form.is_valid():
        return _show(request, counter, form, status=422)
    told = form.cleaned_data
    try:
        order = buy(
            request.actor,
            counter.under(contract_in(told)),
            wishes=[[wish.product, wish.term.value, wish.seats] for wish in wishes_in(request)],
            code=code_in(request),
            po_number=told["po_number"],
            terms_version=TermsOfSale().current(request.today),
            paid_with=method_in(told),
            on=request.today,
            quote=request.POST.get("quote") or None,
        )
    except Refused as refusal:
        # the twin of another tab may have waited for this one, with another answer in its form
        if refusal.code == "request_key_reused" and (gone := _sent_already(request)) is not None:
            return gone
        form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
        return _show(request, counter, form, status=refusal.status)
    keep(request, [])
    messages.success(request, _("Ordered."))
    return redirect("order", customer=request.customer.number, number=order.number)


def _ask(request: GateRequest, counter: Counter) -> HttpResponse:
    asking = request.method == "POST" and request.POST.get("action") == "ask"
    initial = {"contract": _fitting(request, counter)}
    form = AskToBuyForm(request.POST if asking else None, contracts=_contracts(counter), initial=initial)
    if not asking or not form.is_valid():
        return _render(request, counter, {"ask_form": form}, status=422 if form.errors else 200)
    wishes = [[wish.product, wish.term.value, wish.seats] for wish in wishes_in(request)]
    try:
        ask(
            request.actor,
            counter.under(contract_in(form.cleaned_data)),
            verb=buy.verb,  # type: ignore[attr-defined]
            arguments={"wishes": wishes, "code": code_in(request)},
            reason=form.cleaned_data["reason"],
            on=request.today,
            beyond_me=not counter.asks and _over_limit(request, _preview(request, counter)) is not None,
        )
    except Refused as refusal:
        said = tell(refusal)
        if not counter.asks:
            messages.error(request, said.sentence)
            return _show(request, counter, _form(request, counter), status=refusal.status)
        form.add_error(None, said.words)
        return _render(request, counter, {"ask_form": form}, status=refusal.status)
    keep(request, [])
    messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))
    return redirect("requests", customer=request.customer.number)


def _preview(request: GateRequest, counter: Counter) -> PurchasePreview:
    language = get_language() or settings.LANGUAGE_CODE
    return preview_purchase(counter.organisation, wishes_in(request), request.today, code=code_in(request), language=language)


def _over_limit(request: GateRequest, preview: PurchasePreview) -> Told | None:
    """What stands in the way of ordering it alone; None where nothing does."""
    try:
        refuse_over_limit(request.actor, Can.BUY, None, preview.totals.net)
    except Refused as refusal:
        limit = Money.parse(str(refusal.params["limit"]), preview.totals.net.currency)
        return tell(Refused(refusal.code, params={**refusal.params, "limit": f"{limit} {limit.currency}"}))
    return None


def _show(request: GateRequest, counter: Counter, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
    told: dict[str, Any] = {"form": form}
    try:
        preview = _preview(request, counter)
    except Refused as refusal:
        return _render(request, counter, {**told, "problem": tell(refusal)}, status=status)
    over = _over_limit(request, preview)
    if over is not None:
        told |= {"over": over, "ask_form": AskToBuyForm(contracts=_contracts(counter))}
    return _render(request, counter, {**told, "preview": preview}, status=status)


def _render(request: GateRequest, counter: Counter, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
    wishes = wishes_in(request)
    names = names_of(wishes)
    told |= {
        "counter": counter,
        "wishes": [(wish, names.get(wish.product, wish.product)) for wish in wishes],
        "code": code_in(request),
        "request_key": key_in(request) if wishes else "",
        "quote_key": new_request_key(),
        "quote_form": _to_quote(request, counter) if wishes and "problem" not in told else None,
        "version": TermsOfSale().current(request.today),
        "served": counter.organisation.country not in settings.COUNTRIES_NOT_SERVED,
        "gives_methods": bool(kinds_to_give(counter.organisation.currency))
        and request.actor.may(Can.CHANGE_METHODS, anywhere=True),
    }
    return render(request, "subscriptions/checkout.html", told, status=status)
