"""Choosing a language before anyone has signed in, and the pages of things gone wrong."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from comptoir.kernel.api import problem
from comptoir.kernel.gate import posts, public_page
from comptoir.ui.context import shown, vendor
from comptoir.ui.shell import Shell

AWAY_SECONDS = 10  # after which a page that found no database looks again by itself


@posts
@public_page
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep `language` in a cookie and go back to `next`, if that is a page of this site."""
    return set_language(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent could not be read; nothing was changed."""
    return _say("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the role does not include this."""
    return _say("403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its token, mostly a page that was left open; says how to send it again."""
    return _say("403_csrf.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what exists but is not the reader's, in the same words."""
    return _say("404.html", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither the request nor the database. Where that is away: 503, and when to come back."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _away(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def _away(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):  # no session, no person: what the browser says
        if request.path_info.startswith("/api/"):
            response = problem(request, 503, "unavailable", _("The database did not answer. Wait a few seconds and try again."))
        else:
            again = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
            words = {"again": again, "seconds": AWAY_SECONDS}
            response = HttpResponse(render_to_string("503.html", words), status=503)
    response["Retry-After"] = str(AWAY_SECONDS)
    return response


def _say(template: str, status: int) -> HttpResponse:
    # The vendor alone: a mistake may come before anyone is known, or because the session or the database failed.
    return HttpResponse(render_to_string(template, dict(shown(Shell(vendor())))), status=status)
