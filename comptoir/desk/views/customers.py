"""Customers, and what one of them has."""

from django.http import HttpResponse

from comptoir.billing.queries.disputes import disputes_of_invoice
from comptoir.billing.queries.documents import title_of
from comptoir.billing.queries.invoices import invoice as invoice_of
from comptoir.billing.queries.invoices import sums_of, taxes_of
from comptoir.billing.queries.kept import in_all, kept_of
from comptoir.billing.queries.statements import statement_of
from comptoir.kernel.gate import GateRequest, desk_page, gets
from comptoir.kernel.paging import Place
from comptoir.permissions import Can
from comptoir.subscriptions.queries.lists import EVERY_STATE, Wanted, page_of_subscriptions

from ..forms import SearchForm
from ..queries.customers import figures_of, how_many, page_of_customers, shown
from .showing import show


@gets
@desk_page(Can.SEE_CUSTOMERS)
def customers(request: GateRequest) -> HttpResponse:
    """Find a customer."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = page_of_customers(words, Place.of(request.GET))
    told = {"form": form, "words": words, "page": found, "all": how_many()}
    return show(request, "customers", told, status=200 if form.is_valid() else 422)


@gets
@desk_page(Can.SEE_CUSTOMERS)
def customer(request: GateRequest) -> HttpResponse:
    """One customer: what they have, what they owe, what happened last."""
    at = request.customer
    figures = figures_of(at.id, at.currency, request.today)
    sees_money = request.actor.may(Can.SEE_SALES)
    told = {"figures": figures, "sees_money": sees_money, "may_except": request.actor.may(Can.EXCEPT_VERSIONS)}
    told["may_appoint"] = request.actor.may(Can.APPOINT_MANAGER)
    told["credit"] = in_all(kept_of(at.id, at.currency), at.currency) if sees_money else None
    return show(request, "customer", {**told, "here": shown(request.actor)})


@gets
@desk_page(Can.SEE_CUSTOMERS)
def subscriptions(request: GateRequest) -> HttpResponse:
    """The subscriptions of one customer, ended ones too."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    wanted = Wanted(words=words, state=EVERY_STATE, place=Place.of(request.GET))
    page = page_of_subscriptions(request.actor, wanted, request.today)
    figures = figures_of(request.customer.id, request.customer.currency, request.today)
    told = {"form": form, "words": words, "page": page, "figures": figures}
    return show(request, "subscriptions", {**told, "may_share": request.actor.may(Can.SHARE_LICENCES)})


@gets
@desk_page(Can.SEE_SALES)
def invoice(request: GateRequest, number: str) -> HttpResponse:
    """One invoice or credit note, with the arithmetic that the customer saw."""
    found = invoice_of(request.actor, number)
    told = {"invoice": found, "title": title_of(found), "sums": sums_of(found), "taxes": taxes_of(found)}
    told |= {"disputes": disputes_of_invoice(request.actor, found), "statement": statement_of(request.actor, found)}
    return show(request, "invoice", told)
