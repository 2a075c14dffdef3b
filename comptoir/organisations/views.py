"""User management: who belongs to the customer, and with which roles."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.identity import adapters
from comptoir.identity.actions import confirm_address
from comptoir.identity.queries import myself
from comptoir.kernel.clock import business_day
from comptoir.kernel.countries import country_of_languages, currency_of, is_country
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, public_page, themselves
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Can

from . import queries
from .actions import change_billing_details, register_customer, set_spending_limit
from .forms import BillingForm, CodeForm, CompanyForm, PeopleFilter, RegisterForm, SpendingLimitForm
from .ports import Ports

if TYPE_CHECKING:
    from comptoir.identity.models import Person

    from .models import Organisation

REGISTERING = "registering"  # where a session keeps what was told, until the address is confirmed


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


@gets_and_posts
@public_page
@adapters.one_at_a_time
def register(request: HttpRequest) -> HttpResponse:
    """A buyer unknown to us registers a new customer (P13). Who is signed in needs no code."""
    signed_in, on = request.user.is_authenticated, business_day()
    kind, version = CompanyForm if signed_in else RegisterForm, Ports.terms.current(on)
    form = kind(request.POST or None, asks_for_terms=bool(version), initial=_initial(request))
    if request.method != "POST" or not form.is_valid() or not _company_in_order(form):
        return _show_register(request, form, version, status=422 if form.errors else 200)
    if signed_in:
        return _registered(request, myself(request.user.pk or 0), form.cleaned_data, version)
    if not adapters.ask_to_confirm(request, form.cleaned_data["email"], form.cleaned_data["language"]):
        form.add_error(None, _("Too many codes were asked for. Wait an hour, or write to us."))
        return _show_register(request, form, version, status=429)
    request.session[REGISTERING] = {**form.cleaned_data, "version": version}
    return redirect("register_code")


@gets_and_posts
@public_page
@adapters.one_at_a_time
def register_code(request: HttpRequest) -> HttpResponse:
    """Type the code that was mailed: the person is in, and stands in their new customer with their basket."""
    email, told = adapters.confirming(request), request.session.get(REGISTERING)
    if email is None or told is None:
        return redirect("register")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = adapters.confirmed(request, form.cleaned_data["code"])
        if person is not None:
            return _confirmed(request, person, told)
        if adapters.confirming(request) is None:
            form.add_error("code", _("That was the third wrong code. Register again to get a new one."))
        else:
            form.add_error("code", _("This is not the code of the newest mail. Check it; three tries are allowed."))
    status = 422 if form.errors else 200
    return render(request, "organisations/register_code.html", {"form": form, "email": email}, status=status)


def _confirmed(request: HttpRequest, person: "Person", told: dict[str, Any]) -> HttpResponse:
    names = {name: told[name] for name in ("first_name", "last_name", "language")}
    with wall_opened(person=person.pk):
        person = confirm_address(themselves(person.pk), person, on=business_day(), **names)
        with adapters.signing_in():
            login(request, person, backend="comptoir.identity.adapters.OldOrNewSignIn")
            adapters.record_authentication(request, person, method="code")
        del request.session[REGISTERING]
        return _registered(request, person, told, told["version"])


def _registered(request: HttpRequest, person: "Person", told: dict[str, Any], version: str) -> HttpResponse:
    on = business_day()
    fields = ("name", "country", "street", "postcode", "city", "tax_number", "language")
    company = {name: told[name] for name in fields} | {"currency": currency_of(told["country"], on)}
    actor = themselves(person.pk).with_key(request.POST.get("request_key") or None)
    made: Organisation = register_customer(actor, person, company=company, terms_version=version, on=on)
    return redirect("checkout" if request.session.get("basket") else "home", customer=made.number)


@gets_and_posts
@page(Can.CHANGE_BILLING)
def billing_details(request: GateRequest) -> HttpResponse:
    """What the next invoices say of the customer: order number, mailbox, address, VAT number."""
    customer = queries.own_organisation(request.actor)
    fields = {name: getattr(customer, name) for name in BillingForm.base_fields}
    form = BillingForm(request.POST if request.method == "POST" else None, initial=fields)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            if form.has_changed():
                change_billing_details(request.actor, customer, **form.cleaned_data)
        except Refused as refusal:
            refused, status = tell(refusal), refusal.status
            place = refusal.field if refusal.field in form.fields else None
            form.add_error(place, f"{refused.sentence} {refused.next_step or ''}".strip())
        else:
            messages.success(request, _("Saved: your next invoices will say so."))
            return redirect("billing_details", customer=request.customer.number)
    told = {"form": form, "organisation": customer, "request_key": new_request_key()}
    return render(request, "organisations/billing_details.html", told, status=status)


def _company_in_order(form: CompanyForm) -> bool:
    told = form.cleaned_data
    if told["country"] in settings.COUNTRIES_NOT_SERVED:
        refusal = tell(Refused("country_not_served", params={"country": told["country"]}))
        form.add_error("country", f"{refusal.sentence} {refusal.next_step or ''}".strip())
    if told["tax_number"]:
        number = Ports.tax_numbers.checked(told["country"], told["tax_number"])
        if number is None:
            refusal = tell(Refused("tax_number_wrong"))
            form.add_error("tax_number", f"{refusal.sentence} {refusal.next_step or ''}".strip())
        told["tax_number"] = number or ""
    return form.is_valid()


def _initial(request: HttpRequest) -> dict[str, str]:
    chosen = request.COOKIES.get(settings.COUNTRY_COOKIE_NAME, "")
    guessed = country_of_languages(request.headers.get("Accept-Language", "")) or settings.VENDOR.country
    return {"country": chosen if is_country(chosen) else guessed, "language": get_language() or settings.LANGUAGE_CODE}


def _show_register(request: HttpRequest, form: CompanyForm, version: str, *, status: int) -> HttpResponse:
    return render(
        request,
        "organisations/register.html",
        {"form": form, "version": version, "request_key": new_request_key()},
        status=status,
    )


@gets_and_posts
@page(Can.SET_SPENDING_LIMITS)
def spending_limits(request: GateRequest) -> HttpResponse:
    """What each may order at once without another manager's approval; POST sets one limit, or takes it away."""
    form = _limit_form(request)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        kind, _colon, who = form.cleaned_data["who"].partition(":")
        try:
            set_spending_limit(
                request.actor,
                queries.own_organisation(request.actor),
                membership=int(who) if kind == "member" else None,
                role=who if kind == "role" else "",
                minor=form.cleaned_data["amount"],
            )
        except Refused as refusal:
            told = tell(refusal)
            form.add_error(None, f"{told.sentence} {told.next_step or ''}".strip())
            status = refusal.status
        else:
            messages.success(request, _("Saved. It counts from the next order on."))
            return redirect("spending_limits", customer=request.customer.number)
    words = queries.role_words()
    rows = [
        (row.membership.name if row.membership else words[row.role], Money(row.amount_minor, request.customer.currency))
        for row in queries.spending_limits(request.actor)
    ]
    told_all = {"form": form, "rows": rows, "request_key": new_request_key()}
    return render(request, "organisations/spending_limits.html", told_all, status=status)


def _limit_form(request: GateRequest) -> SpendingLimitForm:
    words, able = queries.role_words(), queries.who_may_where(request.actor, Can.BUY)
    members = {contact.membership_id: contact.name for place in able.values() for contact in place}
    people = [(f"role:{role}", _("Everybody: %(role)s") % {"role": words[role]}) for role in queries.roles_with(Can.BUY)]
    people += [(f"member:{pk}", name) for pk, name in sorted(members.items(), key=lambda pair: pair[1])]
    sent = request.POST if request.method == "POST" else None
    return SpendingLimitForm(sent, people=people, currency=request.customer.currency)
