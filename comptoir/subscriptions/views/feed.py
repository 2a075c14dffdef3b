"""The calendar of renewals: the page that makes and revokes its secret address, and what calendar programs read."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.kernel.clock import business_day, now
from comptoir.kernel.gate import GateRequest, gets, new_request_key, page, posts, public_page
from comptoir.kernel.walls import wall_of_request
from comptoir.permissions import Can

from ..actions.feed import make_feed, revoke_feed
from ..queries.feed import calendar_text, digest_of, feed_of, new_secret, own_membership, visit_by_feed

TIMES_AN_HOUR = 60  # that one address is read; programs ask a few times a day


@gets
@page(Can.SEE_CONTRACTS)
def calendar(request: GateRequest) -> HttpResponse:
    """Whether there is an address of one's calendar, and how to make or revoke it."""
    return _show(request)


@posts
@page(Can.SEE_CONTRACTS)
def make(request: GateRequest) -> HttpResponse:
    """Make the address, anew if there was one; it is shown this once."""
    secret = new_secret()
    member = own_membership(request.actor)
    make_feed(request.actor, member, digest=digest_of(secret), language=translation.get_language() or "en", on=request.today)
    return _show(request, address=settings.BASE_URL + reverse("calendar_feed", kwargs={"token": secret}))


@posts
@page(Can.SEE_CONTRACTS)
def revoke(request: GateRequest) -> HttpResponse:
    """End the address."""
    feed = feed_of(request.actor)
    if feed is not None:
        revoke_feed(request.actor, feed, on=request.today)
        messages.success(request, _("The address is revoked. Calendars that read it find nothing there any more."))
    return redirect("calendar", customer=request.customer.number)


def _show(request: GateRequest, address: str = "") -> HttpResponse:
    told: dict[str, Any] = {"feed": feed_of(request.actor), "address": address, "request_key": new_request_key()}
    response = render(request, "subscriptions/calendar.html", told)
    if address:
        response["Cache-Control"] = "no-store"
    return response


@gets
@public_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The renewals as a calendar program reads them: by the secret address alone, with the roles of this moment."""
    digest = digest_of(token)
    found = visit_by_feed(digest)
    if found is None:
        raise Http404
    if not _within_the_hour(digest):
        return HttpResponse(status=429, headers={"Retry-After": "3600"})
    visit, language = found
    customer = visit.customer
    with wall_of_request(read=[customer.id], person=visit.actor.person_id), translation.override(language):
        text = calendar_text(visit.actor, customer, business_day())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="renewals.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _within_the_hour(digest: str) -> bool:
    """Whether an address was read no more often than it may be. A guess never comes here: it finds no address."""
    counted = f"calendar:{digest}:{now():%Y%m%d%H}"
    cache.add(counted, 0, 3_600)
    return cache.incr(counted) <= TIMES_AN_HOUR
