"""The secret address of one's calendar of renewals: made, made anew, revoked."""

from datetime import date

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.organisations.models import Membership
from comptoir.permissions import Can

from ..models import CalendarFeed


@action(Can.KEEP_CALENDAR)
def make_feed(actor: Actor, membership: Membership, *, digest: str, language: str, on: date) -> CalendarFeed:
    """Make the address of one's own calendar; the one before it ends. The secret itself never comes here.

    Raises Refused `not_allowed` for somebody else's and for who sees no contract, `language_unknown`.
    """
    _refuse_others(actor, membership.pk)
    if not actor.may(Can.SEE_CONTRACTS, anywhere=True):
        raise not_allowed(actor, Can.SEE_CONTRACTS)
    if language not in dict(settings.LANGUAGES):
        raise Refused("language_unknown", params={"language": language, "offered": dict(settings.LANGUAGES)}, status=422)
    _end(membership, on)
    feed = CalendarFeed.objects.create(
        organisation_id=membership.organisation_id, membership=membership, digest=digest, language=language, made_on=on
    )
    record(Events.CALENDAR_MADE, feed, on=on, membership=membership.pk)
    return feed


@action(Can.KEEP_CALENDAR)
def revoke_feed(actor: Actor, feed: CalendarFeed, *, on: date) -> CalendarFeed:
    """End one's own address: from now on it answers as if it had never been. Raises Refused `not_allowed`."""
    _refuse_others(actor, feed.membership_id)
    if feed.revoked_on is None:
        feed.revoked_on = on
        feed.save(update_fields=["revoked_on"])
    record(Events.CALENDAR_REVOKED, feed, on=on, membership=feed.membership_id)
    return feed


def _end(membership: Membership, on: date) -> None:
    mine = CalendarFeed.objects.filter(organisation_id=membership.organisation_id, membership=membership, revoked_on=None)
    mine.update(revoked_on=on)


def _refuse_others(actor: Actor, membership_id: int) -> None:
    if actor.membership_id != membership_id:
        raise Refused("not_allowed", params={"permission": Can.KEEP_CALENDAR.name}, status=403)
