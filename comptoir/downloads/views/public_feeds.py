"""Update feeds without a secret, of the products whose releases anybody may have."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from comptoir.kernel.clock import business_day
from comptoir.kernel.gate import gets, posts, public_page, refuse_unprintable

from ..queries import feeds, winget
from . import feeding
from .handing import hand_out_to_anybody

MINUTES = 5  # how long a proxy may keep what a feed says: a withdrawn release is out of it then


def _for_everybody(answer: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives a view the packages that anybody may have, and their addresses."""

    @wraps(answer)
    def run(request: HttpRequest, **parts: Any) -> HttpResponse:
        refuse_unprintable("".join(parts.values()))
        packages = feeds.public_packages(business_day(), get_language() or "en", parts.get("code", ""))
        response = answer(request, packages, _url, **parts)
        response.headers.setdefault("Cache-Control", f"public, max-age={MINUTES * 60}")
        return response

    return run


def _url(file: Any) -> str:
    return settings.BASE_URL + reverse("public_file", kwargs={"pk": file.pk, "name": file.name})


@gets
@public_page
@_for_everybody
def appcast(
    request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf, *, platform: str, code: str
) -> HttpResponse:
    """A Sparkle appcast of one product."""
    return feeding.appcast(packages, url_of, platform, code)


@gets
@public_page
def winget_information(request: HttpRequest) -> HttpResponse:
    """What the winget source is."""
    return JsonResponse(winget.information())


@csrf_exempt  # no cookie counts here
@posts
@public_page
@_for_everybody
def winget_search(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf) -> HttpResponse:
    """The packages that a winget client looks for."""
    return feeding.search(request, packages)


@gets
@public_page
@_for_everybody
def winget_manifest(request: HttpRequest, packages: list[feeds.Package], url_of: feeds.UrlOf, *, name: str) -> HttpResponse:
    """All versions of a package, with their installers."""
    return feeding.manifest(request, packages, url_of, name)


@gets
@public_page
def public_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The bytes of a file that anybody may have, whole or in parts."""
    found = feeds.public_file(pk, business_day())
    if found is None:
        raise Http404
    return hand_out_to_anybody(request, found)
