"""Invitations: the link that a mail carries, and what it opens. The newest one alone is good, for seven days of real time."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing

from comptoir.kernel.clock import now
from comptoir.kernel.walls import wall_opened

from ..models import Membership

LINK = "comptoir.invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link invites to. `good`: it may be accepted; `accepted`: it has been."""

    organisation_id: int
    customer: str
    number: str
    member_id: int
    person_id: int
    email: str
    until: datetime
    good: bool
    accepted: bool


def ticket_of(member: Membership) -> str:
    """The part of an invitation's link that names it."""
    until = member.invited_until.isoformat() if member.invited_until else ""
    return signing.dumps([member.organisation_id, member.pk, until], salt=LINK)


def invitation_of(ticket: str) -> Invitation | None:
    """What a link invites to; None for one that we never made. Whoever has the link may read that much before signing in."""
    try:
        organisation_id, member_id, until = signing.loads(ticket, salt=LINK)
        said = datetime.fromisoformat(until)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    with wall_opened(read=[organisation_id]):
        rows = Membership.objects.select_related("organisation").filter(organisation_id=organisation_id, pk=member_id)
        member = rows.first()
    return None if member is None else _told(member, said)


def invitations_for(person_id: int) -> list[tuple[Invitation, str]]:
    """The invitations that wait for somebody, each with its ticket. Needs the person's wall."""
    rows = Membership.objects.select_related("organisation").filter(person_id=person_id, active=False, left_on=None)
    waiting = rows.filter(invited_until__gt=now()).order_by("organisation__name", "pk")
    return [(_told(member, member.invited_until), ticket_of(member)) for member in waiting if member.invited_until]


def _told(member: Membership, until: datetime) -> Invitation:
    waits = not member.active and member.left_on is None
    return Invitation(
        organisation_id=member.organisation_id,
        customer=member.organisation.name,
        number=member.organisation.number,
        member_id=member.pk,
        person_id=member.person_id,
        email=member.email,
        until=until,
        good=waits and member.invited_until == until and until > now(),
        accepted=member.active and member.left_on is None,
    )
