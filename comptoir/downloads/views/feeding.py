"""What update feeds answer, at secret addresses and at public ones alike."""

import json
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from ..queries import feeds, winget

LONGEST_SEARCH = 100_000  # bytes
PLATFORMS = frozenset({"macos", "windows"})


def appcast(packages: Sequence[feeds.Package], url_of: feeds.UrlOf, platform: str, code: str) -> HttpResponse:
    """A Sparkle appcast of one product. Raises Http404."""
    product = next((each.product for each in packages if each.product.code == code), None)
    if product is None or platform not in PLATFORMS:
        raise Http404
    content = feeds.appcast(product, packages, url_of, platform)
    return HttpResponse(content, content_type="application/rss+xml; charset=utf-8")


def search(request: HttpRequest, packages: Sequence[feeds.Package]) -> HttpResponse:
    """The packages that a winget client looks for, page by page where it wants few at a time."""
    try:
        if int(request.headers.get("Content-Length") or 0) > LONGEST_SEARCH:
            raise ValueError("the search is too long")
        asked = json.loads(request.body or b"{}")
        if not isinstance(asked, dict):
            raise ValueError("a search is an object")
        found = winget.search(winget.by_identifier(packages), asked, request.headers.get("ContinuationToken", ""))
    except (ValueError, RecursionError) as error:
        return _refused(400, str(error))
    return JsonResponse(found) if found["Data"] else HttpResponse(status=204)


def manifest(request: HttpRequest, packages: Sequence[feeds.Package], url_of: feeds.UrlOf, name: str) -> HttpResponse:
    """All versions of a package with their installers, or the one of `?Version=`."""
    by_name = {key.casefold(): (key, some) for key, some in winget.by_identifier(packages).items()}
    if name.casefold() not in by_name:
        return _refused(404, "no such package")
    key, some = by_name[name.casefold()]
    told = winget.manifest(key, some, url_of, request.GET.get("Version", ""))
    # there is one channel, without a name
    if not told["Data"]["Versions"] or request.GET.get("Channel"):
        return _refused(404, "no such version")
    return JsonResponse(told)


def _refused(status: int, said: str) -> HttpResponse:
    return JsonResponse([{"ErrorCode": status, "ErrorMessage": said}], safe=False, status=status)
