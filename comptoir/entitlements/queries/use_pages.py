"""What the page of home use and previous versions shows: what one may ask for and why not, one's own, everybody's (F3.1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.refusals import Told, tell
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of

from ..models import UseRight
from ..ports import Ports, Versions
from ..rules.use_rights import UseKind, UseState
from .asking import Access
from .rank import living
from .use_requests import VERB
from .use_rights import Wanted, installable, reasons_of, seen, states_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One of one's products: what is in the way of home use (nothing: it can be had), and its previous versions.

    `asked`: the open requests, by kind; `takes`: one may take it without asking.
    """

    subscription: Subscription
    home: Sequence[Told]
    previous: Sequence[Told]
    versions: Versions
    previous_versions: Sequence[str]
    excepted: Sequence[str]
    asked: Mapping[str, int]
    takes: bool
    may_ask: bool


def choices(actor: Actor, on: date) -> list[Choice]:
    """The subscriptions that the actor was given a seat of, with why each can't be had at home or in a previous version."""
    own = living().filter(organisation_id=actor.customer_id, membership_id=actor.member_id, waiting=False)
    found = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=own.values("subscription_id"))
    rows = list(found.select_related("product", "contract").order_by("product__name", "number"))
    if not rows:
        return []
    products = {row.product_id for row in rows}
    home = reasons_of(actor, rows, actor.member_id, Wanted(UseKind.HOME), on)
    previous = reasons_of(actor, rows, actor.member_id, Wanted(UseKind.PREVIOUS), on)
    versions, may = Ports.releases.versions(products, on), installable(actor, products, on)
    asked = _asked(actor)
    return [
        Choice(
            subscription=row,
            home=[tell(each) for each in home[row.pk]],
            previous=[tell(each) for each in previous[row.pk]],
            versions=versions.get(row.product_id, Versions((), (), 0)),
            previous_versions=may.get(row.product_id, ()),
            excepted=[one for one in may.get(row.product_id, ()) if one in versions[row.product_id].too_old],
            asked=asked.get(row.number, {}),
            takes=actor.may(Can.GIVE_USE_RIGHTS, row.contract_id),
            may_ask=actor.may_ask(Can.GIVE_USE_RIGHTS, row.contract_id),
        )
        for row in rows
    ]


def choice_of(actor: Actor, number: str, on: date) -> Choice | None:
    """One of them; None without a seat of it. Raises Subscription.DoesNotExist for one that is not the actor's to see."""
    subscription_of(actor, number)
    return next((each for each in choices(actor, on) if each.subscription.number == number), None)


def approvers(actor: Actor, subscription: Subscription) -> Access:
    """Who can approve it, but for the actor: people here, else the reseller, else the vendor's desk."""
    places, reseller = who_may_where(actor, Can.GIVE_USE_RIGHTS), subscription.contract.reseller
    found = {one.membership_id: one for place in (subscription.contract_id, None) for one in places.get(place, ())}
    found.pop(actor.member_id, None)
    return Access(list(found.values()), reseller.name if reseller else "", may_ask=True, asked=None)


def _asked(actor: Actor) -> dict[str, dict[str, int]]:
    rows = AskedVerb.objects.filter(organisation_id=actor.customer_id, asked_by_id=actor.member_id)
    kinds = {verb: kind.value for kind, verb in VERB.items()}
    found: dict[str, dict[str, int]] = {}
    for pk, number, verb in rows.filter(state=AskedVerb.State.OPEN, verb__in=kinds).values_list("pk", "target_number", "verb"):
        found.setdefault(number, {})[kinds[verb]] = pk
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A licence in a list."""

    pk: int
    member: int
    name: str
    product: str
    subscription: str
    kind: UseKind
    what: str
    version: str
    number: str
    given_on: date
    ends_on: date
    state: UseState

    @property
    def last_day(self) -> date:
        """The last day with it."""
        return add_days(self.ends_on, -1)

    @property
    def word(self) -> str:
        """Where it stands, as people say it."""
        return {UseState.COUNTS: _("In use"), UseState.RESTS: _("Rests: no seat"), UseState.ENDED: _("Ended")}[self.state]

    @property
    def status(self) -> str:
        """How it is shown."""
        return {UseState.COUNTS: "good", UseState.RESTS: "warn", UseState.ENDED: "hollow"}[self.state]


MOST_HERE = 50  # on the page of a product or a subscription; all of them have a page of their own
FIELDS = ("id", "membership_id", "membership__name", "product__name", "subscription__number", "subscription_id")
MORE = ("kind", "version", "number", "given_on", "ends_on")


def own_rights(actor: Actor, on: date) -> list[Shown]:
    """One's own, the newest first, those that ended among them: their numbers stay with the person."""
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    return _shown(actor, list(rows.order_by("-id").values(*FIELDS, *MORE)), on)


def page_of_rights(actor: Actor, place: Place, on: date) -> Page[Shown]:
    """A page of everybody's that the actor may give and end, the newest first."""
    page = page_of(seen(actor).values(*FIELDS, *MORE), [Key("id", int)], place, descending=True)
    return Page(_shown(actor, page.rows, on), page.next, page.previous)


def rights_of_member(actor: Actor, member: int, on: date) -> list[Shown]:
    """One member's, as far as the actor may give them, the newest first."""
    return _shown(actor, list(seen(actor).filter(membership_id=member).order_by("-id").values(*FIELDS, *MORE)), on)


def rights_here(actor: Actor, subscriptions: Collection[int], on: date) -> list[Shown]:
    """Those of these subscriptions that have not ended: their own, and what they give; the newest first, at most so many."""
    own = Q(membership_id=actor.membership_id) if actor.membership_id else Q(pk=None)
    rows = UseRight.objects.filter(own | Q(pk__in=seen(actor).values("pk")), organisation_id=actor.customer_id)
    rows = rows.filter(subscription_id__in=subscriptions, closed=False, ends_on__gt=on)
    found = _shown(actor, list(rows.order_by("-id").values(*FIELDS, *MORE)[:MOST_HERE]), on)
    return [each for each in found if each.state != UseState.ENDED]


def shown(actor: Actor, pks: Collection[int], on: date) -> list[Shown]:
    """These licences, which the caller knows to be the actor's to see."""
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, pk__in=pks)
    return _shown(actor, list(rows.order_by("-id").values(*FIELDS, *MORE)), on)


def _shown(actor: Actor, rows: Sequence[Mapping[str, Any]], on: date) -> list[Shown]:
    stand = states_of(actor, {row["subscription_id"] for row in rows}, on)
    return [
        Shown(
            row["id"],
            row["membership_id"],
            row["membership__name"],
            row["product__name"],
            row["subscription__number"],
            UseKind(row["kind"]),
            _("Home use") if row["kind"] == UseKind.HOME else _("Version %(version)s") % row,
            row["version"],
            row["number"],
            row["given_on"],
            row["ends_on"],
            stand.get(row["id"], UseState.ENDED),
        )
        for row in rows
    ]
