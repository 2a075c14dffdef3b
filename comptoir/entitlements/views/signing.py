"""What everybody may read to check a licence file: the keys that sign, and the list of revoked files."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import gets, public_page
from comptoir.kernel.refusals import tell

from ..queries.signing import REVOCATIONS, key_set, revocation_list

KEPT = "public, max-age=300"  # seconds; a new key is public for a day before it signs


@gets
@public_page
def keys(request: HttpRequest) -> HttpResponse:
    """The JWK set: the key that signs, those to come, and each earlier one until its last file has ended."""
    response = JsonResponse(key_set(now()))
    response["Content-Type"] = "application/jwk-set+json"
    response["Cache-Control"] = KEPT
    return response


@gets
@public_page
def revocations(request: HttpRequest) -> HttpResponse:
    """The revoked files that would not have ended yet, signed; 404 before any was issued, 503 while the key is shut."""
    try:
        text = revocation_list(now())
    except Refused as refusal:
        shut = HttpResponse(f"{tell(refusal).words}\n", status=refusal.status, content_type="text/plain; charset=utf-8")
        shut["Retry-After"] = "120"
        return shut
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type=f"application/{REVOCATIONS}")
    response["Cache-Control"] = KEPT
    return response
