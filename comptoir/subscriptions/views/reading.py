"""Pages to read: contracts, subscriptions, one of each."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.contracts import queries as agreements
from comptoir.kernel.gate import GateRequest, gets, new_request_key, page
from comptoir.kernel.paging import Place
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.organisations.queries import managers_of, role_words, roles_with, who_may
from comptoir.permissions import Can, Role

from ..forms import ContractFilter, SubscriptionFilter
from ..queries import lists, tables
from ..queries.availability import offers
from ..queries.detail import detail_of, priced, subscription_for_reading
from ..queries.figures import SOON, UnderContract, figures, under_contracts
from ..queries.plans import losing_seats, pending_of
from ..queries.states import STATE_KINDS, method_words, state_words, term_words


@gets
@page(Can.SEE_CONTRACTS)
def contracts(request: GateRequest) -> HttpResponse:
    """The contracts, and what stands under each (F5.2)."""
    form = ContractFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    if wants_file(request) and not form.errors:
        rows = tables.contract_rows(request.actor, form.cleaned_data["q"], request.today)
        return list_as_file(request, "contracts", tables.CONTRACTS, rows)
    found = agreements.page_of_contracts(request.actor, words=form.cleaned_data.get("q", ""), place=Place.of(request.GET))
    under = under_contracts(request.actor, [row["id"] for row in found.rows], request.today)
    plans, channels, supports = agreements.plan_words(), agreements.channel_words(), agreements.support_words()
    lines = [
        {
            **row,
            "plan_word": plans[row["plan"]],
            "channel_word": row["reseller__name"] or channels[row["channel"]],
            "support_word": supports[row["support_level"]],
            "under": under.get(row["id"], UnderContract()),
        }
        for row in found.rows
    ]
    told = {"form": form, "lines": lines, "page": found, **_over_all(request)}
    return render(request, "subscriptions/contracts.html", told, status=422 if form.errors else 200)


def _over_all(request: GateRequest) -> dict[str, Any]:
    """What both lists say first, and the lists that one may open from them."""
    sees_invoices = request.actor.may(Can.SEE_INVOICES, anywhere=True)
    return {"figures": figures(request.actor, request.today), "soon": SOON, "sees_invoices": sees_invoices}


@gets
@page(Can.SEE_CONTRACTS)
def subscriptions(request: GateRequest) -> HttpResponse:
    """Every subscription: searched, filtered, sorted (F5.2)."""
    form = SubscriptionFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    wanted = form.wanted(Place.of(request.GET))
    if wants_file(request) and not form.errors:
        rows = tables.subscription_rows(request.actor, wanted, request.today, request.customer.currency)
        return list_as_file(request, "subscriptions", tables.SUBSCRIPTIONS, rows)
    told = {
        "form": form,
        "wanted": wanted,
        "within": "" if wanted.within is None else str(wanted.within),
        "filtered": any(form.cleaned_data.get(name) for name in ("q", "product", "term", "state", "within")),
        "page": lists.page_of_subscriptions(request.actor, wanted, request.today),
        "products": [("", _("All")), *lists.products_of(request.actor)],
        "may_plan": (may_plan := request.actor.may(Can.PLAN_RENEWAL, anywhere=True)),
        "may_pay": (may_pay := request.actor.may(Can.PAY, anywhere=True)),
        "may_pick": may_plan or may_pay,
        **_over_all(request),
    }
    return render(request, "subscriptions/subscriptions.html", told, status=422 if form.errors else 200)


@gets
@page(Can.SEE_CONTRACTS)
def contract(request: GateRequest, number: str) -> HttpResponse:
    """One contract: its terms, who looks after it, its subscriptions (F5.2)."""
    found = agreements.contract(request.actor, number)
    wanted = lists.Wanted(place=Place.of(request.GET))
    rows = lists.page_of_subscriptions(request.actor, wanted, request.today, contract_id=found.pk)
    lines = priced(request.actor, rows.rows, request.customer.currency)
    told = {
        "contract": found,
        "page": rows,
        "rows": lines,
        "under": under_contracts(request.actor, [found.pk], request.today).get(found.pk),
        "roles": _by_role(managers_of(request.actor, found.pk)),
        "roles_everywhere": _by_role(managers_of(request.actor, None)),
        "managed": bool(who_may(request.actor, map(Role, roles_with(Can.ADD_SEATS)), found.pk)),
        "sees_prices": any(line.at_renewal for line in lines),
        "sees_people": request.actor.may(Can.SEE_PEOPLE, found.pk),
        "plan_word": agreements.plan_words()[found.plan],
        "channel_word": agreements.channel_words()[found.channel],
        "support_word": agreements.support_words()[found.support_level],
    }
    return render(request, "subscriptions/contract.html", told)


def _by_role(grants: list[Any]) -> list[dict[str, Any]]:
    """The members who hold each role, under its word, in the order of the permission table."""
    members = {role: [grant.membership for grant in grants if grant.role == role] for role in role_words()}
    return [{"word": word, "members": members[role]} for role, word in role_words().items() if members[role]]


@gets
@page(Can.SEE_CONTRACTS)
def subscription(request: GateRequest, number: str) -> HttpResponse:
    """One subscription: when it renews, who uses it, its history, and every action with its reason (rules 8)."""
    found = subscription_for_reading(request.actor, number)
    detail = detail_of(request.actor, found, request.today, Place.of(request.GET))
    every = offers(request.actor, found, request.today)
    told = {
        "subscription": found,
        "detail": detail,
        "open_offers": [offer for offer in every if not offer.reasons or offer.may_ask],
        "by_the_desk": [offer for offer in every if offer.by_the_desk],
        "closed_offers": (closed := [offer for offer in every if offer.reasons and not offer.may_ask]),
        "closed_names": " · ".join(offer.label for offer in closed),
        "main": next((offer for offer in every if offer.url_name), None),
        "last_day": detail.last_day,
        "pending": pending_of(found),
        "losing": losing_seats(request.actor, found),
        "may_plan": request.actor.may(Can.PLAN_RENEWAL, found.contract_id),
        "request_key": new_request_key(),
        "sees_people": request.actor.may(Can.SEE_PEOPLE, found.contract_id),
        "state_word": state_words()[detail.state],
        "state_kind": STATE_KINDS[detail.state],
        "term_word": term_words()[found.term],
        "method_word": method_words()[found.payment_method],
        "channel_word": agreements.channel_words()[found.contract.channel],
        "plan_word": agreements.plan_words()[found.contract.plan],
    }
    return render(request, "subscriptions/subscription.html", told)
