"""What the bell tells: the notices of one member, each as a sentence with its day and a page that leads on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.benefits import benefit_words
from comptoir.events import Events
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Chain, Event
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.recording import chain_of
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import role_words
from comptoir.subscriptions.models import Subscription
from comptoir.ui.templatetags.ui import day, number

from ..models import Notice


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and the page that leads on: its name and the parts of its address, the customer's number excepted."""

    icon: str
    sentence: str
    page: str
    parts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """One notice as it is shown. `by` is whoever of the customer did it, if somebody else did."""

    seq: int
    kind: str
    on: date
    at: datetime
    new: bool
    by: str
    told: Told
    url: str


@dataclass(frozen=True, slots=True)
class Names:
    """What lines of the log name by their ids."""

    me: int
    products: Mapping[int, tuple[str, str]]  # subscription -> name and code of its product
    by_code: Mapping[str, str]

    def product(self, event: Event) -> str:
        """The product of the subscription that a line is about."""
        return self.products.get(event.subject_id, ("", ""))[0]

    def install(self, event: Event) -> tuple[str, Mapping[str, object]]:
        """The page where that product is downloaded."""
        code = self.products.get(event.subject_id, ("", ""))[1]
        return ("product_downloads", {"code": code}) if code else ("home", {})


def _seat(event: Event, names: Names) -> Told:
    page, parts = names.install(event)
    return Told("package", _("You have a seat of %(product)s.") % {"product": names.product(event)}, page, parts)


def _seat_by_group(event: Event, names: Names) -> Told:
    page, parts = names.install(event)
    told = {"product": names.product(event), "group": event.detail.get("group", "")}
    return Told("package", _("You were given a seat of %(product)s through the group %(group)s.") % told, page, parts)


def _no_seat_by_group(event: Event, names: Names) -> Told:
    told = {"product": names.product(event), "group": event.detail.get("group", "")}
    return Told("package", _("The group %(group)s brings no seat of %(product)s any more, and you had it so.") % told, "home", {})


def _benefit_by_group(event: Event, names: Names) -> Told:
    words = {each.value: word for each, word in benefit_words().items()}
    given = str(event.detail.get("benefit", ""))
    told = {"benefit": words.get(given, given), "group": event.detail.get("group", "")}
    sentence = _("You were given a benefit through the group %(group)s: %(benefit)s.") % told
    return Told("check", sentence, "products", {})


def _update_by_group(event: Event, names: Names) -> Told:
    told = {**_version(event, names), "group": str(event.detail.get("group", ""))}
    sentence = _("%(product)s %(version)s is to be installed by everybody in the group %(group)s.") % told
    return Told("refresh", sentence, "updates", {})


def _freed(event: Event, names: Names) -> Told:
    page, parts = names.install(event)
    told = _("A seat of %(product)s came free, and it is yours.") % {"product": names.product(event)}
    return Told("package", told, page, parts)


def _no_seat(event: Event, names: Names) -> Told:
    return Told("package", _("You have no seat of %(product)s any more.") % {"product": names.product(event)}, "home", {})


def _swapped(event: Event, names: Names) -> Told:
    return _seat(event, names) if event.detail.get("taker") == names.me else _no_seat(event, names)


def _let_go(event: Event, names: Names) -> Told:
    told = _("%(product)s renewed with fewer seats, and there is none for you any more: you wait for one.")
    return Told("package", told % {"product": names.product(event)}, "home", {})


def _waits(event: Event, names: Names) -> Told:
    return Told("clock", _("You wait for a seat of %(product)s.") % {"product": names.product(event)}, "home", {})


def _licence(event: Event, names: Names) -> Told:
    told = _("You have a licence of %(product)s beside your seat.") % {"product": names.product(event)}
    return Told("home", told, "use_rights", {})


def _files_stopped(event: Event, names: Names) -> Told:
    if str(names.me) in str(event.detail.get("members", "")).split(","):
        told = _("Your licence file of %(product)s stopped working, for its signing key was withdrawn. A new one replaces it.")
    else:
        told = _("Licence files of %(product)s stopped working, for their signing key was withdrawn. New ones replace them.")
    return Told("key", told % {"product": names.product(event)}, "licence_files", {"number": event.subject_number})


def _next_key(event: Event, names: Names) -> Told:
    begins = date.fromisoformat(str(event.detail.get("signs_from", ""))[:10])
    told = _(
        "A new key signs licence files from %(day)s on. Nothing stops working; only copies of the key list are to be renewed."
    )
    return Told("key", told % {"day": day(begins)}, "products", {})


def _role(event: Event, names: Names) -> Told:
    return Told("shield-check", _("You have the role: %(role)s.") % {"role": _role_word(event)}, "home", {})


def _no_role(event: Event, names: Names) -> Told:
    return Told("shield-check", _("You no longer have the role: %(role)s.") % {"role": _role_word(event)}, "home", {})


def _approved(event: Event, names: Names) -> Told:
    return Told("check", _("What you asked for was approved."), "one_request", {"pk": event.subject_id})


def _declined(event: Event, names: Names) -> Told:
    return Told("x", _("What you asked for was declined."), "one_request", {"pk": event.subject_id})


def _out(event: Event, names: Names) -> Told:
    told = _("%(product)s %(version)s is out.") % _version(event, names)
    return Told("download", told, "product_downloads", {"code": event.detail.get("code", "")})


def _to_install(event: Event, names: Names) -> Told:
    told, until = _version(event, names), str(event.detail.get("deadline") or "")
    if until:
        told["until"] = day(date.fromisoformat(until))
        return Told("refresh", _("%(product)s %(version)s is to be installed by %(until)s.") % told, "updates", {})
    return Told("refresh", _("%(product)s %(version)s is to be installed.") % told, "updates", {})


def _list(event: Event, names: Names) -> Told:
    added = int(event.detail.get("added") or 0)
    told = ngettext("Your list is done: %(added)s person was added.", "Your list is done: %(added)s people were added.", added)
    return Told("users", told % {"added": number(added)}, "people_list", {"pk": event.subject_id})


def _archive(event: Event, names: Names) -> Told:
    told = _("The invoices of %(year)s are ready as one file.") % {"year": event.detail.get("year", "")}
    return Told("file-text", told, "invoice_archives", {})


TELLS: Mapping[str, Callable[[Event, Names], Told]] = {
    Events.SEATS_GIVEN.name: _seat,
    Events.GROUP_GIVEN.name: _seat_by_group,
    Events.SEATS_BY_GROUP.name: _seat_by_group,
    Events.GROUP_TAKEN_FROM.name: _no_seat_by_group,
    Events.BENEFITS_BY_GROUP.name: _benefit_by_group,
    Events.UPDATE_BY_GROUP.name: _update_by_group,
    Events.SEATS_MOVED_UP.name: _freed,
    Events.SEATS_TAKEN_BACK.name: _no_seat,
    Events.SEAT_SWAPPED.name: _swapped,
    Events.PEOPLE_LET_GO.name: _let_go,
    Events.LINE_JOINED.name: _waits,
    Events.USE_RIGHT_GIVEN.name: _licence,
    Events.LICENCE_FILES_REVOKED.name: _files_stopped,
    Events.LICENCE_FILES_NEXT_KEY.name: _next_key,
    Events.ROLE_GIVEN.name: _role,
    Events.ROLE_TAKEN.name: _no_role,
    Events.VERB_APPROVED.name: _approved,
    Events.VERB_DECLINED.name: _declined,
    Events.NEWS_NOTED.name: _out,
    Events.UPDATE_ASSIGNED.name: _to_install,
    Events.PEOPLE_IMPORTED.name: _list,
    Events.ARCHIVE_MADE.name: _archive,
}


def _head_and_unread(chain: str, customer: int, member: int) -> object:
    own = Notice.objects.filter(organisation_id=customer, membership_id=member, read_at=None)
    unread = own.order_by().values("membership_id").annotate(n=Count("pk")).values("n")
    return Chain.objects.filter(chain=chain).values_list("hash", Coalesce(Subquery(unread), 0))


_HEAD: Prepared[Chain] = Prepared(_head_and_unread, chain=str, customer=int, member=int)  # type: ignore[arg-type]


def head_and_unread(actor: Actor) -> tuple[str, int]:
    """The newest hash of the customer's log, and how many notices of the actor are new. One statement."""
    found = _HEAD.all(chain=chain_of(actor.customer_id, None), customer=actor.customer_id, member=actor.member_id)
    head, unread = found[0] if found else ("", 0)
    return str(head), int(unread)


def page_of_notices(actor: Actor, customer: str, place: Place) -> Page[Shown]:
    """The actor's notices in the customer of that number, the newest first. Five statements whatever there is."""
    rows = Notice.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id).values("seq", "read_at")
    found = page_of(rows, [Key("seq", int)], place, descending=True)
    lines = Event.objects.filter(chain=chain_of(actor.customer_id, None), seq__in=[row["seq"] for row in found.rows])
    events = {event.seq: event for event in lines}
    names, people = _names(actor, list(events.values())), _people(actor, list(events.values()))
    shown = [
        _shown(events[row["seq"]], customer, new=row["read_at"] is None, names=names, people=people)
        for row in found.rows
        if row["seq"] in events
    ]
    return Page(shown, found.next, found.previous)


def _shown(event: Event, customer: str, *, new: bool, names: Names, people: Mapping[int, str]) -> Shown:
    by = "" if event.by_membership_id == names.me else people.get(event.by_membership_id or 0, "")
    told = TELLS[event.kind](event, names)
    url = reverse(told.page, kwargs={"customer": customer, **told.parts})
    return Shown(event.seq, event.kind, event.on, event.at, new, by, told, url)


def _names(actor: Actor, events: Sequence[Event]) -> Names:
    lines = {event.subject_id for event in events if event.subject.startswith("subscriptions.subscription:")}
    sold = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=lines)
    products = {pk: (name, code) for pk, name, code in sold.values_list("pk", "product__name", "product__code")}
    codes = {str(event.detail["code"]) for event in events if "code" in event.detail}
    by_code = dict(Product.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return Names(actor.member_id, products, by_code)


def _people(actor: Actor, events: Sequence[Event]) -> Mapping[int, str]:
    ids = {event.by_membership_id for event in events if event.by_membership_id is not None}
    return dict(Membership.objects.filter(organisation_id=actor.customer_id, pk__in=ids).values_list("pk", "name"))


def _version(event: Event, names: Names) -> dict[str, str]:
    code = str(event.detail.get("code", ""))
    return {"product": names.by_code.get(code, code), "version": str(event.detail.get("version", ""))}


def _role_word(event: Event) -> str:
    held = str(event.detail.get("role", ""))
    return role_words().get(held, held)
