"""Whom a line of the log concerns, so that the bell tells them. In jobs: the wall of one customer is open."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from comptoir.billing.models import InvoiceArchive
from comptoir.downloads.models import News
from comptoir.downloads.queries.reminding import to_install
from comptoir.downloads.queries.updates import assigned_just_now
from comptoir.events import Events, Kind
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Chain, Event
from comptoir.kernel.recording import chain_of

from ..models import LogRead

AT_ONCE = 2_000  # lines that are read in one transaction
MOST = 20_000  # people of one line

Whom = Callable[[Actor, Event], Iterable[int | None]]


def _listed(_actor: Actor, event: Event) -> Iterable[int]:
    """The members that the line names."""
    return [int(pk) for pk in str(event.detail.get("members", "")).split(",") if pk]


def _named(*names: str) -> Whom:
    """Those whose ids stand in the line under these names."""
    return lambda _actor, event: [event.detail.get(name) for name in names]


def _whose_files_stopped(_actor: Actor, event: Event) -> Iterable[int]:
    """Who had one of the files and who looks after them, where their key was withdrawn: nobody of the customer did it."""
    if event.detail.get("why") != "signing_key":
        return []
    told = f"{event.detail.get('members', '')},{event.detail.get('keepers', '')}"
    return [int(pk) for pk in told.split(",") if pk]


def _whose_archive(_actor: Actor, event: Event) -> Iterable[int]:
    return InvoiceArchive.objects.filter(pk=event.subject_id).values_list("asked_by_id", flat=True)


def _who_did_it(_actor: Actor, event: Event) -> Iterable[int | None]:
    return [event.by_membership_id]


def _who_hears(actor: Actor, event: Event) -> Iterable[int]:
    out = {"release__product__code": event.detail.get("code"), "release__version": event.detail.get("version")}
    return News.objects.filter(organisation_id=actor.customer_id, **out).values_list("membership_id", flat=True)


def _who_is_to_install(actor: Actor, event: Event) -> Iterable[int]:
    code, version = str(event.detail.get("code")), str(event.detail.get("version"))
    for pk in assigned_just_now(actor, code, version, event.on):
        found = to_install(actor, pk, after=0, most=MOST, on=event.on)
        yield from (member.pk for member in found.members) if found else ()


# what did not come about by whoever reads it
OTHERS: dict[Kind, Whom] = {
    Events.SEATS_GIVEN: _listed,
    Events.GROUP_GIVEN: _listed,
    Events.SEATS_BY_GROUP: _listed,
    Events.GROUP_TAKEN_FROM: _listed,
    Events.BENEFITS_BY_GROUP: _listed,
    Events.UPDATE_BY_GROUP: _listed,
    Events.SEATS_TAKEN_BACK: _listed,
    Events.SEAT_SWAPPED: _named("giver", "taker"),
    Events.SEATS_MOVED_UP: _listed,
    Events.PEOPLE_LET_GO: _listed,
    Events.LINE_JOINED: _listed,
    Events.USE_RIGHT_GIVEN: _listed,
    Events.LICENCE_FILES_REVOKED: _whose_files_stopped,
    Events.LICENCE_FILES_NEXT_KEY: _listed,
    Events.ROLE_GIVEN: _named("member"),
    Events.ROLE_TAKEN: _named("member"),
    Events.VERB_APPROVED: _named("asker"),
    Events.VERB_DECLINED: _named("asker"),
    Events.NEWS_NOTED: _who_hears,
    Events.UPDATE_ASSIGNED: _who_is_to_install,
}
# what somebody waited for
OWN: dict[Kind, Whom] = {Events.PEOPLE_IMPORTED: _who_did_it, Events.ARCHIVE_MADE: _whose_archive}
WHOM = {kind.name: whom for kind, whom in [*OTHERS.items(), *OWN.items()]}
_OWN = {kind.name for kind in OWN}


def behind(ids: Sequence[int]) -> list[int]:
    """Those of these customers whose log has lines that were not read yet. Their walls are open. Two statements."""
    read = dict(LogRead.objects.filter(organisation_id__in=ids).values_list("organisation_id", "seq"))
    heads = Chain.objects.filter(organisation_id__in=ids).values_list("organisation_id", "seq")
    return [pk for pk, seq in heads if pk is not None and seq > read.get(pk, 0)]


def unread_lines(actor: Actor) -> tuple[list[Event], int, bool]:
    """The next lines of the customer's log that may concern somebody, up to which line that is, and whether there are more."""
    chain = chain_of(actor.customer_id, None)
    # two who read at once: the second waits here, and begins where the first has ended
    rows = LogRead.objects.select_for_update().filter(organisation_id=actor.customer_id)
    begun = rows.values_list("seq", flat=True).first() or 0
    head = Chain.objects.filter(chain=chain).values_list("seq", flat=True).first() or 0
    upto = min(head, begun + AT_ONCE)
    lines = Event.objects.filter(chain=chain, seq__gt=begun, seq__lte=upto, kind__in=WHOM)
    return list(lines.order_by("seq")), upto, upto < head


def concerned(actor: Actor, lines: Iterable[Event], since: date) -> dict[int, tuple[date, list[int]]]:
    """Whom each of these lines concerns: nobody of their own doing, and nothing from before `since`."""
    found = {}
    for event in lines:
        if event.on < since:
            continue
        members = {int(pk) for pk in WHOM[event.kind](actor, event) if pk is not None}
        if event.kind not in _OWN:
            members.discard(event.by_membership_id or 0)
        if members:
            found[event.seq] = (event.on, sorted(members))
    return found
