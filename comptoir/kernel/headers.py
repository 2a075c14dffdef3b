"""What every answer says to those who could keep a copy of it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class KeptByNobody:
    """Answers are one reader's own: no proxy and no browser keeps them, unless an answer says otherwise itself.

    Styles, scripts and pictures are served before it and are kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say so where the answer says nothing."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
