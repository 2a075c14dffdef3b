"""Answers given before anything else is asked: for the few reads that products ask a thousand times a second.

The manners of pages (session, language, messages, forms) cost more than such an answer. A quick answer only ever says what the
operation at the same address would say; whatever it can't tell by one look it leaves to that operation.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from .errors import Refused

QuickAnswer = Callable[[HttpRequest], HttpResponse | None]
API = "/api/v1/"
_quick: dict[str, QuickAnswer] = {}


def quick_answer(path: str) -> Callable[[QuickAnswer], QuickAnswer]:
    """What answers a GET at this path of the API before its operation where it can, or leaves it to the operation (None)."""

    def decorate(body: QuickAnswer) -> QuickAnswer:
        _quick[API + path] = body
        return body

    return decorate


class QuickAnswers:
    """Stands behind what says how an answer is kept and sent, and before all that belongs to pages.

    What it can't answer goes the whole way: another host than ours, a connection without TLS where that is asked for, a database
    that is away, a refusal: each is told there in the API's own words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The quick answer, or the usual one."""
        quick = _quick.get(request.path_info)
        found = _answer(quick, request) if quick is not None and request.method == "GET" else None
        if found is None:
            return self.get_response(request)
        found.headers["Content-Length"] = str(len(found.content))
        return found


def _answer(quick: QuickAnswer, request: HttpRequest) -> HttpResponse | None:
    request.get_host()  # raises DisallowedHost, which is a 400 wherever it is raised
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return None
    try:
        return quick(request)
    except (Refused, OperationalError, InterfaceError):
        return None
