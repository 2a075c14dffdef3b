"""A buyer unknown to us registers a new customer."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
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
from comptoir.kernel.gate import gets_and_posts, new_request_key, our_page, public_page, themselves
from comptoir.kernel.refusals import tell
from comptoir.kernel.walls import wall_opened

from ..actions import register_customer
from ..forms import CodeForm, CompanyForm, RegisterForm
from ..ports import Ports

if TYPE_CHECKING:
    from comptoir.identity.models import Person

    from ..models import Organisation

REGISTERING = "registering"  # where a session keeps what was told, until the address is confirmed


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
    told = {**form.cleaned_data, "then": _came_for(request)}
    if signed_in:
        return _registered(request, myself(request.user.pk or 0), told, version)
    if not adapters.ask_to_confirm(request, form.cleaned_data["email"], form.cleaned_data["language"]):
        form.add_error(None, _("Too many codes were asked for. Wait an hour, or write to us."))
        return _show_register(request, form, version, status=429)
    request.session[REGISTERING] = {**told, "version": version}
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
        adapters.sign_in(request, person, method="code")
        del request.session[REGISTERING]
        return _registered(request, person, told, told["version"])


def _registered(request: HttpRequest, person: "Person", told: dict[str, Any], version: str) -> HttpResponse:
    on = business_day()
    fields = ("name", "country", "street", "postcode", "city", "tax_number", "language")
    company = {name: told[name] for name in fields} | {"currency": currency_of(told["country"], on)}
    actor = themselves(person.pk).with_key(request.POST.get("request_key") or None)
    made: Organisation = register_customer(actor, person, company=company, terms_version=version, on=on)
    if told.get("then"):
        return redirect(told["then"])
    return redirect("checkout" if request.session.get("basket") else "home", customer=made.number)


def _came_for(request: HttpRequest) -> str:
    """The page of ours that somebody registers for, as `?next=` says it, such as a trial; empty: none."""
    return our_page(request.GET.get("next", ""))


def _company_in_order(form: CompanyForm) -> bool:
    told = form.cleaned_data
    if told["country"] in settings.COUNTRIES_NOT_SERVED:
        form.add_error("country", tell(Refused("country_not_served", params={"country": told["country"]})).words)
    if told["tax_number"]:
        number = Ports.tax_numbers.checked(told["country"], told["tax_number"])
        if number is None:
            form.add_error("tax_number", tell(Refused("tax_number_wrong")).words)
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
