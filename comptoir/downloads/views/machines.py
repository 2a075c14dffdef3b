"""Machines: the secret addresses that they are given, and what they read there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts, public_page
from comptoir.kernel.refusals import tell
from comptoir.kernel.walls import wall_of_request
from comptoir.permissions import Can

from ..actions.downloads import make_address, revoke_address
from ..forms import AddressForm
from ..queries import feeds, winget
from ..queries.entitled import own_membership
from ..queries.links import digest_of, new_secret, visit_by_address
from ..queries.pages import address as address_by_id
from ..queries.pages import addresses
from . import feeding
from .handing import hand_out

Asked = Callable[..., HttpResponse]


@gets_and_posts
@page(Can.KEEP_ADDRESSES)
def machines(request: GateRequest) -> HttpResponse:
    """The secret addresses, and making one; it is shown this once."""
    may_deploy = request.actor.may(Can.DEPLOY, anywhere=True)
    form = AddressForm(request.POST or None, may_deploy=may_deploy)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    secret = new_secret()
    member = own_membership(request.actor)
    try:
        made = make_address(request.actor, member, **form.cleaned_data, digest=digest_of(secret), on=request.today)
    except Refused as refusal:
        form.add_error("name" if refusal.field else None, tell(refusal).sentence)
        return _page(request, form, status=refusal.status)
    return _page(request, AddressForm(None, may_deploy=may_deploy), secret=secret if made.digest == digest_of(secret) else "")


def _page(request: GateRequest, form: AddressForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    told = {
        "form": form,
        "addresses": addresses(request.actor),
        "shown": settings.BASE_URL + reverse("machine_packages", args=(secret,)).removesuffix("packages.json") if secret else "",
        "may_deploy": request.actor.may(Can.DEPLOY, anywhere=True),
        "request_key": new_request_key(),
    }
    response = render(request, "downloads/machines.html", told, status=status)
    response["Cache-Control"] = "no-store"
    return response


@posts
@page(Can.KEEP_ADDRESSES)
def revoke(request: GateRequest, pk: int) -> HttpResponse:
    """End an address: from the next request on it answers as if it had never been."""
    try:
        found = address_by_id(request.actor, pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    revoke_address(request.actor, found, on=request.today)
    messages.success(request, _("The address is revoked. What reads it finds nothing there any more."))
    return redirect("machines", customer=request.customer.number)


def _by_secret(answer: Asked) -> Callable[..., HttpResponse]:
    """What stands at a secret address: for its owner's rights at this moment."""

    @wraps(answer)
    def run(request: HttpRequest, token: str, **parts: Any) -> HttpResponse:
        found = visit_by_address(token)
        if found is None:
            raise Http404
        visit, address = found
        with wall_of_request(read=[visit.customer.id], person=visit.actor.person_id):
            language = get_language() or "en"
            packages = feeds.packages(visit.actor, address, business_day(), language, parts.get("code", ""))
            response = answer(request, packages, lambda file: _url(token, file), **parts)
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response

    return run


def _url(token: str, file: Any) -> str:
    path = reverse("machine_file", kwargs={"token": token, "pk": file.pk, "name": file.name})
    return settings.BASE_URL + path.replace("'", "%27")  # a script says it between such marks


@gets
@public_page
@_by_secret
def package_list(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """Every file with its size, digest, signature and address."""
    return JsonResponse(feeds.package_list(packages, url_of, business_day()), json_dumps_params={"indent": 1})


@gets
@public_page
@_by_secret
def checksums(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """As `sha256sum --check` reads it, beside the files that the script fetched."""
    return HttpResponse(feeds.checksums(packages), content_type="text/plain; charset=utf-8")


@gets
@public_page
@_by_secret
def shell_script(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """A POSIX script that fetches everything, goes on where it broke off, and checks it."""
    return _script("downloads/machines/fetch.sh", packages, url_of)


@gets
@public_page
@_by_secret
def powershell_script(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """The same for PowerShell."""
    return _script("downloads/machines/fetch.ps1", packages, url_of)


def _script(template: str, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    lines = [(path, file, url_of(file)) for path, file in feeds.saved_as(packages)]
    text = render_to_string(template, {"lines": lines})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@gets
@public_page
@_by_secret
def appcast(
    request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf, *, platform: str, code: str
) -> HttpResponse:
    """A Sparkle appcast of one product."""
    return feeding.appcast(packages, url_of, platform, code)


@gets
@public_page
@_by_secret
def winget_information(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """What the winget source is."""
    return JsonResponse(winget.information())


@csrf_exempt  # no cookie counts here
@posts
@public_page
@_by_secret
def winget_search(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """The packages that a winget client looks for."""
    return feeding.search(request, packages)


@gets
@public_page
@_by_secret
def winget_manifest(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf, *, name: str) -> HttpResponse:
    """All versions of a package, with their installers."""
    return feeding.manifest(request, packages, url_of, name)


@gets
@public_page
def machine_file(request: HttpRequest, token: str, pk: int, name: str) -> HttpResponse:
    """The bytes of a file by a secret address."""
    found = visit_by_address(token)
    if found is None:
        raise Http404
    visit, _address = found
    actor: Actor = visit.actor
    with wall_of_request(read=[visit.customer.id], write=visit.customer.id, person=actor.person_id):
        return hand_out(request, actor, pk, link="", how="machines")
