"""The programs of the vendor's products that sign people in: registered, changed, given a new secret, ended."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.directory import queries
from comptoir.directory.actions import change_application, end_application, register_application, replace_secret
from comptoir.directory.forms import ApplicationForm
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key, posts
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .showing import show

if TYPE_CHECKING:
    from comptoir.directory.models import Application


@gets_and_posts
@desk_page(Can.KEEP_APPLICATIONS)
def applications(request: GateRequest) -> HttpResponse:
    """Every application, and registering one. Its secret is shown this once."""
    form, status = ApplicationForm(request.POST or None, products=queries.products()), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            public, secret = told.pop("kind") == "public", _new_secret()
            words = {**told, "public": public, "secret": make_password(secret), "on": request.today}
            done = _done(form, lambda: register_application(request.actor, the_house(), **words))
            if isinstance(done, int):
                status = done
            else:
                return _page(request, done, secret="" if public else secret, new=True)
    rows = queries.applications()
    counted = queries.people_signed_in([each.pk for each in rows])
    lines = [(each, counted.get(each.pk, 0)) for each in rows]
    return show(request, "applications", {"form": form, "lines": lines, "request_key": new_request_key()}, status=status)


@gets_and_posts
@desk_page(Can.KEEP_APPLICATIONS)
def application(request: GateRequest, pk: int) -> HttpResponse:
    """One application, and changing it."""
    found = queries.application(pk)
    if request.method != "POST":
        return _page(request, found)
    kept = {"product": found.product.code, "kind": found.client_type}
    form = ApplicationForm({**request.POST.dict(), **kept}, products=queries.products())
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    told = {name: value for name, value in form.cleaned_data.items() if name not in kept}
    done = _done(form, lambda: change_application(request.actor, found, **told, on=request.today))
    if isinstance(done, int):
        return _page(request, found, form=form, status=done)
    messages.success(request, _("Kept."))
    return redirect("desk_application", pk=pk)


@posts
@desk_page(Can.KEEP_APPLICATIONS)
def new_secret(request: GateRequest, pk: int) -> HttpResponse:
    """Another secret, shown this once; the old one is good for nothing any more."""
    found, secret = queries.application(pk), _new_secret()
    try:
        replace_secret(request.actor, found, secret=make_password(secret), on=request.today)
    except Refused as refusal:
        return _refused(request, found, refusal)
    return _page(request, queries.application(pk), secret=secret)


@posts
@desk_page(Can.KEEP_APPLICATIONS)
def end(request: GateRequest, pk: int) -> HttpResponse:
    """End it: nobody signs in with it any more, and whoever is signed in is signed out."""
    found = queries.application(pk)
    try:
        end_application(request.actor, found, on=request.today)
    except Refused as refusal:
        return _refused(request, found, refusal)
    messages.success(request, _("%(name)s has ended.") % {"name": found.name})
    return redirect("desk_applications")


def _new_secret() -> str:
    return secrets.token_urlsafe(36)


def _done(form: ApplicationForm, act: "Callable[[], Application]") -> "Application | int":
    """What the verb made, or, where it was refused, the status of the answer: the reason then stands at its field."""
    try:
        return act()
    except Refused as refusal:
        if refusal.code == "step_up_needed":
            raise
        form.add_error(refusal.field or None, tell(refusal).words)
        return refusal.status


def _refused(request: GateRequest, found: "Application", refusal: Refused) -> HttpResponse:
    if refusal.code == "step_up_needed":
        raise refusal
    return _page(request, found, refused=tell(refusal).words, status=refusal.status)


def _page(
    request: GateRequest,
    found: "Application",
    *,
    form: ApplicationForm | None = None,
    secret: str = "",
    new: bool = False,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    initial: dict[str, Any] = {
        "name": found.name,
        "addresses": "\n".join(found.redirect_uris.split()),
        "farewells": "\n".join(found.post_logout_redirect_uris.split()),
        "device_flow": found.device_flow,
        "trusted": found.skip_authorization,
    }
    told = {
        "application": found,
        "people": queries.people_signed_in([found.pk]).get(found.pk, 0),
        "form": form or ApplicationForm(initial=initial),
        "secret": secret,
        "new": new,
        "refused": refused,
        "issuer": settings.BASE_URL,
        "request_key": new_request_key(),
    }
    return show(request, "application", told, status=status)
