"""The basket of a visitor: kept in the session, priced without tax until it is known who buys."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.catalogue.forms import visitor_of
from comptoir.catalogue.queries import Visitor, term_words
from comptoir.kernel.calendar import Term
from comptoir.kernel.clock import business_day
from comptoir.kernel.countries import countries
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import gets_and_posts, new_request_key, public_page
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import customers_of

from ..forms import CodeForm, WishForm
from ..queries.basket import Priced, names_of, priced
from ..rules.basket import MOST_WISHES, Wish, merged

BASKET, CODE, KEY = "basket", "basket_code", "basket_key"


def wishes_in(request: HttpRequest) -> list[Wish]:
    """What this session's basket holds."""
    kept = request.session.get(BASKET) or []
    return [Wish(product, Term(term), seats) for product, term, seats in kept]


def code_in(request: HttpRequest) -> str:
    """The promotion code that was typed in this session."""
    return str(request.session.get(CODE, ""))


def key_in(request: HttpRequest) -> str:
    """The request key of the basket as it is: from however many tabs it is sent, it is ordered once."""
    return str(request.session.setdefault(KEY, new_request_key()))


def keep(request: HttpRequest, wishes: list[Wish]) -> None:
    """Let the session's basket hold these. An empty one is forgotten with its code."""
    if wishes:
        request.session[KEY] = new_request_key()  # it is another basket now
        request.session[BASKET] = [[wish.product, wish.term.value, wish.seats] for wish in merged(wishes)][:MOST_WISHES]
        return
    for name in (BASKET, CODE, KEY):
        request.session.pop(name, None)


@gets_and_posts
@public_page
def basket(request: HttpRequest) -> HttpResponse:
    """What is in the basket, and what it comes to; POST adds, changes, removes, or takes a code."""
    if request.method == "POST":
        return _change(request)
    return _show(request, CodeForm({"code": code_in(request)}))


def _change(request: HttpRequest) -> HttpResponse:
    match request.POST.get("action", ""):
        case "add":
            return _add(request)
        case "code":
            return _code(request)
        case "update":
            return _update(request)
    return redirect("basket")


def _add(request: HttpRequest) -> HttpResponse:
    form = WishForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a whole number of seats, such as 3, and choose a term."))
        return redirect("product", code=request.POST.get("product") or "-")
    wishes = merged([*wishes_in(request), form.wish])
    if len(wishes) > MOST_WISHES:
        messages.error(request, tell(Refused("basket_too_full", params={"most": MOST_WISHES})).sentence)
        return redirect("basket")
    keep(request, list(wishes))
    messages.success(request, _("It is in the basket. Nothing is ordered yet."))
    return redirect("basket")


def _code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        request.session[CODE] = form.cleaned_data["code"].strip()
        return redirect("basket")
    return _show(request, form, status=422)


def _update(request: HttpRequest) -> HttpResponse:
    """The lines as the form has them; `remove` names the one to leave out."""
    rows = zip(*(request.POST.getlist(name) for name in ("product", "term", "seats")), strict=False)
    kept, removed = [], request.POST.get("remove", "")
    for position, (product, term, seats) in enumerate(rows):
        form = WishForm({"product": product, "term": term, "seats": seats})
        if str(position) == removed:
            continue
        if not form.is_valid():
            messages.error(request, _("Give a whole number of seats, such as 3, and choose a term."))
            return redirect("basket")
        kept.append(form.wish)
    keep(request, kept)
    return redirect("basket")


def _show(request: HttpRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    visitor, wishes = visitor_of(request, business_day()), wishes_in(request)
    lines, problem = _priced(visitor, wishes, code_in(request), form)
    person, names = request.user, names_of(wishes)
    customers = customers_of(int(person.pk)) if person.is_authenticated else []
    told: dict[str, Any] = {
        "visitor": visitor,
        "countries": countries(visitor.language),
        "lines": lines,
        "wishes": [(wish, names.get(wish.product, wish.product)) for wish in wishes],
        "terms": term_words().items(),
        "net": Money.sum((line.plan.line.net for line in lines), visitor.currency) if lines else None,
        "problem": problem,
        "form": form,
        "customers": customers,
    }
    return render(request, "subscriptions/basket.html", told, status=status)


def _priced(visitor: Visitor, wishes: list[Wish], code: str, form: CodeForm) -> tuple[tuple[Priced, ...], object]:
    """The lines, or what stands in the way of a price; a code that holds for nothing stands at its field."""
    about: dict[str, Any] = {"currency": visitor.currency, "country": visitor.country, "language": visitor.language}
    if not wishes:
        return (), None
    try:
        return priced(wishes, visitor.on, code=code, **about), None
    except Refused as refusal:
        if refusal.field != "code":
            return (), tell(refusal)
        form.is_valid()
        form.add_error(None, tell(refusal).sentence)
        return _priced(visitor, wishes, "", form)
