"""The activity log, as far as somebody may see it, in the reader's language."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comptoir.events import Kind, table
from comptoir.kernel.actor import Actor, Grant
from comptoir.kernel.export import export_of
from comptoir.kernel.models import Event
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.ports import Customer
from comptoir.organisations.queries import members, members_by_id, role_words, without_accents
from comptoir.permissions import DIRECT, Can, Permission, Reach
from comptoir.subscriptions.queries.lists import seen as seen_subscriptions
from comptoir.subscriptions.queries.requests import asked_in_words
from comptoir.subscriptions.queries.states import state_words, term_words
from comptoir.ui.templatetags.ui import day, language_name, money, number

MOST_PEOPLE = 200  # whom a name may mean
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# which parts of a sentence lead where: kind -> part, page, permission
LINKS: Mapping[str, Sequence[tuple[str, str, Permission]]] = {
    "invoice.issued": [("number", "invoice", Can.SEE_INVOICES)],
    "invoice.credited": [("number", "invoice", Can.SEE_INVOICES), ("invoice", "invoice", Can.SEE_INVOICES)],
    "payment.from_credit": [("number", "invoice", Can.SEE_INVOICES)],
    "order.placed": [("order", "order", Can.SEE_PRICES)],
    "order.failed": [("order", "order", Can.SEE_PRICES)],
    "sale.returned": [("invoice", "invoice", Can.SEE_INVOICES)],
    "sale.taken_back": [("invoice", "invoice", Can.SEE_INVOICES)],
}
# what a topic of the filter holds: the first part of the names of kinds
TOPICS: Mapping[str, frozenset[str]] = {
    "seats": frozenset({"seats", "benefits", "use_right", "version", "bundle"}),
    "licences": frozenset({"licence", "licence_key", "licence_file", "lease", "device", "serial"}),
    "renewals": frozenset({"renewal", "renewals", "subscription", "dates", "alignment"}),
    "orders": frozenset({"order", "sale", "price_quote"}),
    "invoices": frozenset({"invoice", "archive", "billing"}),
    "payments": frozenset({"payment", "refund", "method", "charge"}),
    "downloads": frozenset({"download", "trial", "update"}),
    "requests": frozenset({"request", "second_look"}),
    "people": frozenset({"member", "role", "people", "group", "joining", "domain"}),
    "access": frozenset({"token", "calendar", "spending_limit"}),
    "brought": frozenset({"customer", "world"}),
}
FIELDS = ("id", "kind", "at", "on", "actor", "by_membership_id", "contract_id", "subject", "subject_number", "detail")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log: what happened, as a sentence."""

    at: datetime
    on: date
    kind: str
    sentence: SafeString


def page_of_activity(actor: Actor, customer: Customer, *, kind: str, person: str, place: Place) -> Page[Line]:
    """One page of the log, newest first: of one kind or topic, of the people whose names hold `person`. Five queries at most."""
    rows = Event.objects.filter(_seen_by(actor), organisation_id=actor.customer_id)
    if kind:
        rows = rows.filter(kind__in=kinds_of(kind))
    if person:
        rows = rows.filter(by_membership_id__in=_named(actor, person))
    page = page_of(rows.values(*FIELDS), [Key("id", int)], place, descending=True)
    return Page(_Teller(actor, customer, page.rows).lines(), page.next, page.previous)


def _named(actor: Actor, person: str) -> list[int]:
    rows = members(actor)
    for word in person.split():
        rows = rows.filter(sort_name__contains=without_accents(word))
    return list(rows.values_list("id", flat=True)[:MOST_PEOPLE])


def _seen_by(actor: Actor) -> Q:
    """The lines that the actor's roles reach: all, those about money, their own; on a contract, or of the whole customer."""
    condition = Q(pk__in=[])
    if actor.lacks_scope(Can.SEE_ACTIVITY):
        return condition
    about_money = Q(kind__in=[kind.name for kind in table().values() if kind.money])
    for grant in actor.grants:
        condition |= _reached(actor, grant, about_money)
    return condition


def _reached(actor: Actor, grant: Grant, about_money: Q) -> Q:
    where = Q(organisation_id=actor.customer_id)
    if grant.contract_id is not None:
        where &= Q(contract_id=grant.contract_id)
    match Can.SEE_ACTIVITY.reach_of[grant.role]:
        case Reach.ALL if Can.SEE_PRICES.reach_of[grant.role] in DIRECT and not actor.lacks_scope(Can.SEE_PRICES):
            return where
        case Reach.ALL:
            return where & ~about_money
        case Reach.MONEY if not actor.lacks_scope(Can.SEE_PRICES):
            return where & about_money
        case Reach.OWN | Reach.GROUPS:
            mine = Q(by_membership_id=actor.membership_id) | Q(detail__asker=actor.membership_id)
            return mine & ~about_money
    return Q(pk__in=[])


def topic_words() -> dict[str, str]:
    """What the log can be narrowed to, in the order of the filter."""
    return {
        "seats": _("Seats and benefits"),
        "licences": _("Keys and devices"),
        "renewals": _("Renewals and plans"),
        "orders": _("Orders and returns"),
        "invoices": _("Invoices"),
        "payments": _("Payments"),
        "downloads": _("Downloads and updates"),
        "requests": _("Requests"),
        "people": _("People and groups"),
        "access": _("Access and settings"),
        "brought": _("Brought over"),
    }


def kinds_of(topic: str) -> list[str]:
    """The kinds of lines of a topic; of anything else the kind of that name."""
    parts = TOPICS.get(topic)
    return [topic] if parts is None else [name for name in table() if name.partition(".")[0] in parts]


class _Parts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


class _Teller:
    """Tells the lines of one page: every name on it is looked up once for all."""

    def __init__(self, actor: Actor, customer: Customer, rows: Sequence[Mapping[str, Any]]) -> None:
        self.actor, self.customer, self.rows = actor, customer, rows
        self.kinds = table()
        askers = {row["detail"].get(part) for row in rows for part in ("asker", "member", "giver")}
        by = {row["by_membership_id"] for row in rows}
        self.people = members_by_id(actor, {pk for pk in askers | by if isinstance(pk, int)}) if rows else {}
        self.products = self._products(_subjects(rows, "subscriptions.subscription"))
        self.asked = asked_in_words(actor, {_key(row) for row in rows if row["kind"].startswith("request.")})

    def _products(self, numbers: Iterable[str]) -> dict[str, str]:
        found = seen_subscriptions(self.actor).filter(number__in=[each for each in numbers if each])
        return dict(found.values_list("number", "product__name"))

    def lines(self) -> list[Line]:
        return [Line(row["at"], row["on"], row["kind"], self._sentence(row)) for row in self.rows]

    def _sentence(self, row: Mapping[str, Any]) -> SafeString:
        kind = self.kinds.get(row["kind"])
        if kind is None:  # of a later version of the program
            return SafeString(conditional_escape(row["kind"]))
        parts = {key: conditional_escape(self._value(key, value, kind)) for key, value in row["detail"].items()}
        parts["actor"] = format_html("<strong>{}</strong>", self._who(row))
        parts["subject"] = self._subject(row)
        if kind.name.startswith("request."):
            parts["sentence"] = self._asked(row)
        for key, page, can in LINKS.get(kind.name, ()):
            parts[key] = self._link(page, str(row["detail"].get(key, "")), can)
        return mark_safe(Formatter().vformat(_(kind.sentence), (), _Parts(parts)))  # every part is escaped above

    def _who(self, row: Mapping[str, Any]) -> str:
        member = self.people.get(row["by_membership_id"] or 0)
        acting = row["actor"].partition(":")[0]
        if member is not None:
            return _("%(name)s, through an access token,") % {"name": member.name} if acting == "token" else member.name
        vendor = settings.VENDOR.name
        others = {"key": _("A licence key"), "device": _("A device")}
        return {"job": _("The nightly work"), "operator": vendor, "staff": vendor, **others}.get(acting, _("Somebody"))

    def _value(self, key: str, value: Any, kind: Kind) -> str:
        match key, value:
            case "asker" | "member" | "giver", int():
                member = self.people.get(value)
                return str(member.name) if member else _("somebody")
            case "role", str():
                return role_words().get(value, value)
            case "language", str():
                return str(language_name(value))
            case "to", str() if kind.name == "clock.moved":
                return day(date.fromisoformat(value))
            case "until" | "since" | "day" | "ends_on" | "deadline", str() if DAY.fullmatch(value):
                return day(date.fromisoformat(value))
            case "state", str() if kind.name == "subscription.lapsed":
                return state_words().get(value, value).lower()
            case "term", str():
                return term_words().get(value, value).lower()
            case "total", str() if " " in value:
                amount, _space, currency = value.partition(" ")
                return money(Money.parse(amount, currency))
            case _, bool():
                return _("yes") if value else _("no")
            case _, int():
                return number(value)
        return str(value)

    def _subject(self, row: Mapping[str, Any]) -> SafeString:
        label, name = row["subject"].partition(":")[0], row["subject_number"]
        if label == "subscriptions.subscription":
            return self._subscription(name)
        return SafeString(conditional_escape(name))

    def _subscription(self, name: str) -> SafeString:
        product = self.products.get(name)
        if product is None:  # under a contract that the reader doesn't see
            return SafeString(conditional_escape(name))
        return format_html("{} {}", product, self._link("subscription", name, Can.SEE_CONTRACTS))

    def _link(self, page: str, name: str, can: Any) -> SafeString:
        if not name or not self.actor.may(can, anywhere=True):
            return SafeString(conditional_escape(name))
        url = reverse(page, kwargs={"customer": self.customer.number, "number": name})
        return format_html('<a href="{}">{}</a>', url, name)

    def _asked(self, row: Mapping[str, Any]) -> SafeString:
        """What a request asks for, in words; its number where nobody told of such requests."""
        told = self.asked.get(_key(row))
        if told is None:
            return SafeString(conditional_escape(row["detail"].get("number", "…")))
        said = SafeString(conditional_escape(told.title))
        if told.may_open:
            url = reverse("one_request", kwargs={"customer": self.customer.number, "pk": _key(row)})
            said = format_html('<a href="{}">{}</a>', url, told.title)
        if not told.subscription:
            return said
        return format_html("{}, {}", said, self._link("subscription", told.subscription, Can.SEE_CONTRACTS))


def _key(row: Mapping[str, Any]) -> int:
    return int(row["subject"].rpartition(":")[2])


def _subjects(rows: Iterable[Mapping[str, Any]], label: str) -> list[str]:
    return [row["subject_number"] for row in rows if row["subject"].startswith(f"{label}:")]


def by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    """The lines under their business days, in the order in which they come."""
    days: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        days[line.on].append(line)
    return list(days.items())


# what `comptoir export` writes; columns are never renamed

export_of(
    "activity",
    (
        *("chain", "line", "customer", "at", "on", "kind", "actor", "by", "contract", "subject", "number", "detail"),
        *("previous", "hash"),
    ),
    """
    SELECT e.chain, e.seq AS line, o.number AS customer, e.at, e."on", e.kind, e.actor, m.email AS by, c.number AS contract,
           e.subject, e.subject_number AS number, e.detail::text AS detail, e.previous, e.hash
    FROM kernel_event e LEFT JOIN organisations_organisation o ON o.id = e.organisation_id
    LEFT JOIN organisations_membership m ON m.id = e.by_membership_id LEFT JOIN contracts_contract c ON c.id = e.contract_id
    ORDER BY e.chain, e.seq
    """,
)
