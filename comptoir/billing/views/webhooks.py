"""What payment providers tell us by themselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from comptoir.kernel.gate import posts, public_page

from ..adapters.hearing import hear
from ..ports import NotSigned, Ports

LONGEST = 1_000_000  # bytes; notes have a few thousand


@csrf_exempt
@posts
@public_page
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep a note of a provider's, once. Without its signature it is refused; what it says is asked for anew by a job."""
    connected = Ports.providers.by_name.get(provider)
    if connected is None:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > LONGEST:
        return HttpResponse("too long", status=413, content_type="text/plain")
    try:
        new = hear(connected, request.body, request.headers)
    except (NotSigned, ValueError, KeyError):
        return HttpResponse("not signed, or not a note", status=400, content_type="text/plain")
    return HttpResponse("kept" if new else "known", content_type="text/plain")
