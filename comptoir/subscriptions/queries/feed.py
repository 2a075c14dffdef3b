"""The calendar of renewals as calendar programs read it (RFC 5545)."""

import hashlib
import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.ports import Customer, Ports, Visit
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import money, number

from ..models import CalendarFeed
from .detail import priced
from .lists import FIELDS, Row, rows_of, seen
from .states import not_cancelled

BACK, AHEAD, MOST = 30, 400, 2_000  # days, days, renewals


def new_secret() -> str:
    """256 random bits for an address. Whoever made it shows it once; only its digest is kept."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of a secret, and what an address is found by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The living address of one's own calendar."""
    mine = CalendarFeed.objects.filter(organisation_id=actor.customer_id, membership_id=actor.membership_id or 0)
    return mine.filter(revoked_on=None).first()


def own_membership(actor: Actor) -> Membership:
    """One's own membership of the customer."""
    return Membership.objects.get(organisation_id=actor.customer_id, pk=actor.member_id)


def visit_by_feed(digest: str) -> tuple[Visit, str] | None:
    """Whoever an address is of, with the roles of this moment, and its language; None if it is no good (any more)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.token', %s, true)", [digest])
    feed = (
        CalendarFeed.objects.filter(digest=digest, revoked_on=None).values("organisation_id", "membership_id", "language").first()
    )
    if feed is None:
        return None
    with wall_opened(read=[feed["organisation_id"]]):
        owners = Membership.objects.filter(pk=feed["membership_id"], left_on=None, person__is_active=True)
        owner = owners.values("person_id", "organisation__number").first()
    if owner is None:
        return None
    with wall_opened(person=owner["person_id"]):
        visit = Ports.grants.visit(owner["person_id"], owner["organisation__number"])
    if visit is None or not visit.actor.may(Can.SEE_CONTRACTS, anywhere=True):
        return None
    return visit, feed["language"]


def calendar_text(actor: Actor, customer: Customer, on: date) -> bytes:
    """The renewals from a month ago to a year ahead, one all-day event each; amounts for who sees the prices of them."""
    calendar = Calendar()
    calendar.add("prodid", "-//Comptoir//Renewals//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Renewals of %(customer)s") % {"customer": customer.name})
    calendar.add("x-published-ttl", "PT12H")
    rows = seen(actor).filter(
        not_cancelled(on), renews_on__gte=on - timedelta(days=BACK), renews_on__lte=on + timedelta(days=AHEAD)
    )
    found = rows_of(actor, list(rows.order_by("renews_on", "number").values(*FIELDS)[:MOST]), on)
    for row in priced(actor, found, customer.currency):
        calendar.add_component(_event(row, customer))
    return bytes(calendar.to_ical())


def _event(row: Row, customer: Customer) -> Event:
    event = Event()
    address = settings.BASE_URL + reverse("subscription", kwargs={"customer": customer.number, "number": row.number})
    event.add("uid", f"{customer.number}-{row.number}-{row.renews_on:%Y%m%d}@{settings.BASE_URL.split('//')[-1].split(':')[0]}")
    event.add("dtstamp", now())
    event.add("dtstart", row.renews_on)
    event.add("dtend", row.renews_on + timedelta(days=1))
    event.add("summary", _summary(row))
    event.add("description", "\n".join([*_description(row), address]))
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _summary(row: Row) -> str:
    seats = ngettext("%(n)s seat", "%(n)s seats", row.seats_at_renewal) % {"n": number(row.seats_at_renewal)}
    told = {"product": row.product, "seats": seats}
    if row.automatic:
        return _("%(product)s renews by itself, %(seats)s") % told
    return _("%(product)s ends unless somebody renews it, %(seats)s") % told


def _description(row: Row) -> list[str]:
    lines = [_("Subscription %(number)s, contract %(contract)s") % {"number": row.number, "contract": row.contract}]
    if row.at_renewal is not None:
        lines.append(_("%(amount)s without tax, as planned today") % {"amount": money(row.at_renewal)})
    return lines
