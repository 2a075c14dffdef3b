"""Pages of people: agreeing that a product signs them in, letting a device in, and ending it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.identity.adapters import within_limit
from comptoir.identity.queries import myself
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import (
    GateRequest,
    gets,
    gets_and_posts,
    new_request_key,
    own_page,
    posts,
    public_page,
    themselves,
)
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from . import queries
from .actions import answer_device, end_sign_ins, let_in
from .adapters.consent import (
    Asked,
    NobodyToAnswer,
    SentBack,
    address_with_code,
    application_of_hint,
    asked_by,
    refused,
    sent_to,
)
from .adapters.endpoints import published
from .forms import CodeForm
from .rules import Scope, origin_of

if TYPE_CHECKING:
    from .models import Application


def what_it_learns(scopes: Sequence[str]) -> list[str]:
    """What an application hears of a person with these scopes, in words."""
    words = {
        Scope.OPENID: _("that it is you, under a name that says nothing else"),
        Scope.PROFILE: _("your name, your language and your time zone"),
        Scope.EMAIL: _("your e-mail address"),
        Scope.LICENCES: _("which of the vendor’s products you may use at that moment"),
    }
    return [text for scope, text in words.items() if scope in scopes]


@own_page(Can.SIGN_IN_PRODUCTS)
def _consent(request: GateRequest) -> HttpResponse:
    try:
        asked = asked_by(request)
        if again := _who_are_you_again(request):
            return again
        silent, agreed = "none" in _prompts(request), asked.application.skip_authorization
        if request.method == "POST":
            if request.POST.get("answer") != "yes":
                raise SentBack(asked, "access_denied")
            return sent_to(_let_in(request, asked), asked.application)
        if agreed and "consent" not in _prompts(request):
            return _go_on(request, asked, _let_in(request, asked))
        if silent:
            raise SentBack(asked, "consent_required")
    except NobodyToAnswer:
        return render(request, "directory/cannot.html", status=400)
    except SentBack as no:
        return refused(no)
    return _ask(request, asked)


@gets_and_posts
@public_page
def authorize(request: HttpRequest) -> HttpResponse:
    """Whether a product may sign somebody in. Nobody is asked to sign in where the product wants no page to be shown."""
    if request.user.is_authenticated or "none" not in _prompts(request):
        return _consent(request)
    try:
        raise SentBack(asked_by(request), "login_required")
    except NobodyToAnswer:
        return render(request, "directory/cannot.html", status=400)
    except SentBack as no:
        return refused(no)


def _prompts(request: HttpRequest) -> set[str]:
    return set(request.GET.get("prompt", "").split())


def _who_are_you_again(request: GateRequest) -> HttpResponse | None:
    """The page that asks for the password, where the product wants to be sure that it is still the same person."""
    told, proved = request.GET.copy(), request.actor.stepped_up_at or datetime.min.replace(tzinfo=UTC)
    wanted = _prompts(request)
    oldest = told.get("max_age", "")
    too_old = oldest.isdecimal() and len(oldest) < 10 and now() - proved > timedelta(seconds=int(oldest))
    if "login" not in wanted and not too_old:
        return None
    told["prompt"] = " ".join(sorted(wanted - {"login"}))
    address = f"{request.path}?{told.urlencode()}"
    return redirect(reverse("account_reauthenticate", query={"next": address}))


def _let_in(request: GateRequest, asked: Asked) -> str:
    person = myself(request.actor.person_id or 0)
    let_in(request.actor, person, application=asked.application.pk, scope=" ".join(asked.scopes))
    return address_with_code(request, asked, request.actor.stepped_up_at)


def _go_on(request: GateRequest, asked: Asked, address: str) -> HttpResponse:
    # a browser lets no form lead to another site: who comes from the sign-in page goes by a page of its own
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return sent_to(address, asked.application)
    return render(request, "directory/going_on.html", {"application": asked.application, "address": address})


def _ask(request: GateRequest, asked: Asked) -> HttpResponse:
    told = {
        "application": asked.application,
        "person": myself(request.actor.person_id or 0),
        "learns": what_it_learns(asked.scopes),
        "request_key": new_request_key(),
    }
    response = render(request, "directory/consent.html", told)
    response._csp_update = {"form-action": [origin_of(asked.address)]}  # type: ignore[attr-defined]
    return response


@gets_and_posts
@own_page(Can.SIGN_IN_PRODUCTS)
def device(request: GateRequest) -> HttpResponse:
    """Type the code that a device shows; then say whether it is let in."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:20]})
    if request.method != "POST":
        return _type_a_code(request, form)
    if not within_limit(request, "device_code", f"person:{request.actor.person_id}"):
        return _type_a_code(request, form, status=429)
    if not form.is_valid():
        return _type_a_code(request, form, status=422)
    waiting = queries.waiting_device(form.cleaned_data["code"])
    application = queries.application_called(waiting.client_id) if waiting else None
    if waiting is None or application is None:
        form.add_error("code", tell(Refused("device_code_unknown")).words)
        return _type_a_code(request, form, status=422)
    told = {
        "application": application,
        "waiting": waiting,
        "code": form.cleaned_data["code"],
        "person": myself(request.actor.person_id or 0),
        "learns": what_it_learns(waiting.scope.split()),
        "request_key": new_request_key(),
    }
    return render(request, "directory/device.html", told)


def _type_a_code(request: GateRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    return render(request, "directory/code.html", {"form": form, "too_often": status == 429}, status=status)


@posts
@own_page(Can.SIGN_IN_PRODUCTS)
def device_answer(request: GateRequest) -> HttpResponse:
    """Let the device in, or send it away."""
    form = CodeForm(request.POST)
    waiting = queries.waiting_device(form.cleaned_data["code"]) if form.is_valid() else None
    allow = request.POST.get("answer") == "yes"
    try:
        person = myself(request.actor.person_id or 0)
        answer_device(request.actor, person, device=waiting.pk if waiting else 0, allow=allow)
    except Refused as refusal:
        form.add_error("code", tell(refusal).words)
        return _type_a_code(request, form, status=refusal.status)
    if allow:
        messages.success(request, _("The device is let in. Go on there: it notices within a few seconds."))
    else:
        messages.success(request, _("The device is not let in."))
    return redirect("sign_ins")


@gets
@own_page(Can.SEE_PROFILE)
def sign_ins(request: GateRequest) -> HttpResponse:
    """Which products sign in as me."""
    lines = queries.sign_ins(request.actor.person_id or 0)
    return render(request, "directory/sign_ins.html", {"lines": lines, "request_key": new_request_key()})


@posts
@own_page(Can.SIGN_IN_PRODUCTS)
def sign_in_end(request: GateRequest, pk: int) -> HttpResponse:
    """End one of them, on all devices."""
    found = next((each for each in queries.sign_ins(request.actor.person_id or 0) if each.application.pk == pk), None)
    if found is not None:  # else it has ended already
        end_sign_ins(request.actor, myself(request.actor.person_id or 0), application=pk)
        messages.success(request, _("%(name)s is signed out on all devices.") % {"name": found.application.name})
    return redirect("sign_ins")


@gets_and_posts
@public_page
def sign_out(request: HttpRequest) -> HttpResponse:
    """A product brings somebody here who signs out of it: out of the portal too, if they like (RP-Initiated Logout 1.0)."""
    told = request.GET
    application = application_of_hint(told.get("id_token_hint", ""))
    if application is None and "id_token_hint" not in told:
        application = queries.application_called(told.get("client_id", ""))
    if request.user.is_authenticated and request.method != "POST":
        return _farewell(request, application)
    if request.user.is_authenticated:
        if application is not None:
            person = int(request.user.pk)
            end_sign_ins(themselves(person), myself(person), application=application.pk)
        logout(request)
    address = told.get("post_logout_redirect_uri", "")
    if application is None or not address.isprintable() or not application.post_logout_redirect_uri_allowed(address):
        return redirect("front")
    state = told.get("state", "")
    return sent_to(f"{address}{'&' if '?' in address else '?'}{urlencode({'state': state})}" if state else address, application)


def _farewell(request: HttpRequest, application: "Application | None") -> HttpResponse:
    response = render(request, "directory/farewell.html", {"application": application})
    address = request.GET.get("post_logout_redirect_uri", "")
    if application is not None and application.post_logout_redirect_uri_allowed(address):
        response._csp_update = {"form-action": [origin_of(address)]}  # type: ignore[attr-defined]
    return response


@gets
@public_page
def configuration(request: HttpRequest) -> HttpResponse:
    """Where everything is, for programs (OpenID Connect Discovery 1.0)."""
    return published(queries.configuration())
