"""The front door and each customer's home."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from comptoir.downloads.queries.entitled import own_membership
from comptoir.downloads.queries.trials import own_trials
from comptoir.entitlements.queries.products import elsewhere, mine
from comptoir.identity.actions import keep_tour
from comptoir.identity.queries import myself, staff_roles
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import (
    GateRequest,
    customers_page,
    gets,
    gets_and_posts,
    new_request_key,
    own_page,
    page,
    posts,
    themselves,
)
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.kernel.searching import Typed
from comptoir.organisations.actions import check_roles
from comptoir.organisations.queries import customers_of, own_organisation
from comptoir.permissions import Can
from comptoir.subscriptions.queries.detail import priced
from comptoir.subscriptions.queries.figures import SOON, coming_renewals, figures
from comptoir.subscriptions.queries.lists import Row
from comptoir.ui.context import vendor
from comptoir.ui.shell import Shell

from .actions import KEPT_DAYS, read_notices
from .forms import ReadForm
from .queries.checking import checks_for
from .queries.needs import needs_of
from .queries.notices import head_and_unread, page_of_notices
from .queries.renewals import marks_of
from .queries.searching import MOST, MOST_CUSTOMERS, Group, found_everywhere, found_for, parts_for
from .queries.shell import waiting_for
from .queries.touring import steps_for

YEAR, MOST_ON_THE_LINE, MOST_IN_THE_TABLE = 365, 60, 12


@gets
@own_page(Can.SEE_PROFILE)
def front(request: GateRequest) -> HttpResponse:
    """To the home of my only customer, the vendor's staff to the desk, others to the list to choose from."""
    customers = customers_of(request.actor.person_id or 0)
    if len(customers) == 1:
        return redirect("home", customer=customers[0].number)
    if not customers and staff_roles(request.actor.person_id or 0):
        return redirect("desk")
    return render(request, "home/customers.html", {"customers": customers})


@gets
@page(Can.SEE_HOME)
def home(request: GateRequest) -> HttpResponse:
    """What needs me today: for an end user what I have, for the others what the customer's subscriptions come to."""
    figured = figures(request.actor, request.today)
    told = {"needs": needs_of(request.actor, request.customer, figured, request.today), "figures": figured, "soon": SOON}
    if request.actor.contracts(Can.SEE_PRODUCTS) == frozenset():
        own = mine(request.actor, request.today)
        told |= {"mine": own, "others": elsewhere(request.actor, request.today, [each.code for each in own])}
        told["trials"] = own_trials(request.actor, request.today)
        return render(request, "home/own.html", told)
    rows = coming_renewals(request.actor, request.today, days=YEAR, most=MOST_ON_THE_LINE)
    soon = [row for row in rows if (row.renews_on - request.today).days <= SOON]
    soon = priced(request.actor, soon, request.customer.currency)
    told |= {
        "rows": soon[:MOST_IN_THE_TABLE],
        "amount_soon": _to_pay(soon, request.customer.currency) if len(soon) < MOST_ON_THE_LINE else None,
        "sees_prices": any(row.at_renewal for row in soon),
        "marks": marks_of(rows, request.customer, request.today),
        "amber": any(row.automatic for row in soon),
        "more": len(rows) == MOST_ON_THE_LINE,
    }
    return render(request, "home/home.html", told)


@gets
@page(Can.SEE_HOME)
def notices(request: GateRequest) -> HttpResponse:
    """What happened that concerns me, the newest first, with what is new; and whatever waits for my answer."""
    _head, unread = head_and_unread(request.actor)
    told = {
        "page": page_of_notices(request.actor, request.customer.number, Place.of(request.GET)),
        "unread": unread,
        "kept": KEPT_DAYS,
    }
    if request.actor.may(Can.DECIDE_REQUESTS, anywhere=True):
        told["waiting"] = waiting_for(request.actor)
    return render(request, "home/notices.html", told)


@posts
@page(Can.SEE_HOME)
def notices_read(request: GateRequest) -> HttpResponse:
    """I have read them, up to the newest that the page showed; or one of them alone."""
    form = ReadForm(request.POST)
    if form.is_valid():
        read_notices(request.actor, own_membership(request.actor), **form.cleaned_data)
    return redirect("notices", customer=request.customer.number)


@gets
@page(Can.SEE_HOME)
def search(request: GateRequest) -> HttpResponse:
    """Search everything; asked by the field at the top of a page, only what was found."""
    typed = Typed.of(request.GET.get("q", ""))
    groups = found_for(request.actor, request.customer, typed, request.today)
    here = reverse("search", kwargs={"customer": request.customer.number})
    return _answered(request, typed, groups, here, parts=parts_for([request.actor]), customer_name=request.customer.name)


@gets
@customers_page(Can.SEE_HOME)
def search_everywhere(request: GateRequest) -> HttpResponse:
    """The same over all customers that I belong to, for pages that stand in none of them."""
    typed, visits = Typed.of(request.GET.get("q", "")), request.visits[:MOST_CUSTOMERS]
    told = {
        "parts": parts_for([visit.actor for visit in visits]),
        "customers": request.customers,
        "looked_through": len(visits),
    }
    return _answered(request, typed, found_everywhere(visits, typed, request.today), reverse("search_everywhere"), **told)


def _answered(request: GateRequest, typed: Typed, groups: Sequence[Group], here: str, **more: object) -> HttpResponse:
    """What was found as a page, or as the part of one that stands under the field."""
    asked = f"?{urlencode({'q': typed.text})}" if typed.text else ""
    told = {
        "typed": typed,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
        "cut": any(group.more for group in groups),
        "most": MOST,
        "catalogue_url": reverse("catalogue") + asked,
        "here": here,
        "all_url": here + asked,
        **more,
    }
    if request.htmx:  # type: ignore[attr-defined]
        setattr(request, "shell", Shell(vendor()))  # noqa: B010 - a part of a page has no frame to fill
        answer = render(request, "home/_type_ahead.html", told)
    else:
        answer = render(request, "home/search.html", told)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@gets_and_posts
@page(Can.SEE_HOME)
def tour(request: GateRequest) -> HttpResponse:
    """One step of the tour of the portal; a POST leaves it at this step, or ends it (F1.6)."""
    steps = steps_for(request.actor, request.customer)
    person = myself(request.actor.person_id or 0)
    if request.method == "POST":
        at, then = _step(request.POST.get("step", ""), len(steps)), request.POST.get("then", "")
        themself = themselves(person.pk).with_key(request.actor.request_key)
        keep_tour(themself, person, step=0 if then == "done" else at, ended=then != "later")
        messages.success(request, _("The tour stays under your name, for whenever you want it."))
        return redirect("home", customer=request.customer.number)
    at = _step(request.GET.get("step", ""), len(steps)) if "step" in request.GET else min(max(person.tour_step, 1), len(steps))
    told = {"steps": steps, "step": steps[at - 1], "at": at, "count": len(steps), "previous": at - 1, "next": at + 1}
    return render(request, "home/tour.html", told | {"request_key": new_request_key()})


@gets_and_posts
@page(Can.CHECK_ROLES)
def checks(request: GateRequest) -> HttpResponse:
    """Who may do what, item by item; a POST says of one that it is right (F1.6)."""
    if request.method == "POST":
        try:
            check_roles(request.actor, own_organisation(request.actor), item=request.POST.get("item", ""), on=request.today)
        except Refused as refusal:
            messages.error(request, tell(refusal).words)
        return redirect("role_checks", customer=request.customer.number)
    found = checks_for(request.actor, request.customer)
    told = {
        "checks": found,
        "left": sum(each.checked_on is None for each in found),
        "tour_left": myself(request.actor.person_id or 0).tour_ended_at is None,
        "request_key": new_request_key(),
    }
    return render(request, "home/checks.html", told)


def _step(typed: str, count: int) -> int:
    """A step by its number, the nearest where there is none of it."""
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
    return min(max(wanted, 1), count)


def _to_pay(rows: list[Row], currency: str) -> Money | None:
    """What the renewals that run by themselves will cost; None where that is nothing, or not to be seen."""
    amounts = [row.at_renewal for row in rows if row.automatic and row.at_renewal]
    return Money.sum(amounts, currency) if amounts else None
