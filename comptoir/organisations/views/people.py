"""User management: who belongs to the customer, and with which roles."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.paging import Place
from comptoir.permissions import Can

from .. import queries
from ..forms import PeopleFilter
from ..ports import Ports

if TYPE_CHECKING:
    pass


@gets
@page(Can.SEE_PEOPLE)
def people(request: GateRequest) -> HttpResponse:
    """Everybody, by name, with their roles and how many seats they have (F1.6)."""
    form = PeopleFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    words, role = form.cleaned_data.get("q", ""), form.cleaned_data.get("role", "")
    found = queries.page_of_people(request.actor, words=words, role=role, place=Place.of(request.GET))
    ids = [row["id"] for row in found.rows]
    roles, seats = _roles_in_words(request, ids), Ports.holdings.seats(request.actor, ids, request.today)
    told = {
        "form": form,
        "words": words,
        "role": role,
        "roles": [("", _("All")), *queries.role_words().items()],
        "page": found,
        "lines": [{**row, "roles": roles[row["id"]], "seats": seats.get(row["id"], 0)} for row in found.rows],
        "figures": queries.people_figures(request.actor),
        "may_limit": request.actor.may(Can.SET_SPENDING_LIMITS),
        "all_seats": request.actor.contracts(Can.SEE_PRODUCTS) is None,
    }
    return render(request, "organisations/people.html", told, status=422 if form.errors else 200)


@gets
@page(Can.SEE_PEOPLE)
def member(request: GateRequest, member: int) -> HttpResponse:
    """One person: their roles on each contract, and the seats that they have and had."""
    found = queries.member(request.actor, member)
    held = Ports.holdings.held_by(request.actor, member, request.today)
    told = {
        "member": found,
        "roles": _roles_in_words(request, [member])[member],
        "held": [each for each in held if each.ended_on is None],
        "past": [each for each in held if each.ended_on is not None],
        "seated": sum(each.ended_on is None and not each.waiting for each in held),
        "waiting": sum(each.ended_on is None and each.waiting for each in held),
        "sees_contracts": request.actor.may(Can.SEE_CONTRACTS, anywhere=True),
    }
    return render(request, "organisations/member.html", told)


def _roles_in_words(request: GateRequest, memberships: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The roles of each member: in words, with the contract's number (none: the whole customer)."""
    grants, words = queries.grants_of(request.actor, memberships), queries.role_words()
    numbers = Ports.holdings.contract_numbers(request.actor, {grant.contract_id for grant in grants if grant.contract_id})
    roles: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for grant in grants:
        role = roles[grant.membership_id].setdefault(grant.role, {"word": words[grant.role], "everywhere": None, "places": []})
        if grant.contract_id is None:
            role["everywhere"] = grant.given_on
        else:
            role["places"].append({"number": numbers.get(grant.contract_id, ""), "given_on": grant.given_on})
    return defaultdict(list, {pk: [found[role] for role in words if role in found] for pk, found in roles.items()})
