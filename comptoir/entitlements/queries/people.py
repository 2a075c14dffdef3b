"""The people of one subscription: who sits, who waits, whom one may give a seat to (rules 9)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import led_by_email, members, without_accents
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of

from ..models import Assignment, GroupSeat
from ..rules import seats_on
from .floating import Floating, floating_on
from .giving import own_groups
from .groups import given_to, groups_to_give
from .lines import line_of
from .rank import living, paid, standing

LINE_SHOWN = 50  # of those who wait
EMAILS_AT_ONCE = 5_000


class Reaching(StrEnum):
    """How far somebody may give seats of one subscription."""

    ALL = "all"
    GROUPS = "groups"  # to the people of their groups
    SEES = "sees"  # they look only
    ASKS = "asks"  # they see their own seat, and ask for one


@dataclass(frozen=True, slots=True)
class Seatable:
    """Somebody as the page of seats shows them."""

    membership_id: int
    name: str
    email: str
    has: str  # seat, waits, or nothing
    since: date | None
    direct: bool


@dataclass(frozen=True, slots=True)
class SeatsTold:
    """The seats of one subscription on a page. `people` are those found, or, without words, those who sit."""

    subscription: Subscription
    reaching: Reaching
    seats: int
    used: int  # by people
    floating: int  # leases that have one now
    line: Sequence[Seatable]
    more_in_line: int
    people: Page[Seatable]
    groups: Sequence[GroupSeat]
    groups_to_give: Sequence[object]

    @property
    def taken(self) -> int:
        """Seats in use, whoever uses them."""
        return self.used + self.floating

    @property
    def free(self) -> int:
        """Seats that nobody uses."""
        return max(0, self.seats - self.taken)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self.line) + self.more_in_line


def reaching(actor: Actor, subscription: Subscription) -> Reaching:
    """How far the actor may give seats of it."""
    if actor.reach(Can.ASSIGN_SEATS, subscription.contract_id) == Reach.ALL:
        return Reaching.ALL
    if own_groups(actor):
        return Reaching.GROUPS
    contracts = actor.contracts(Can.SEE_PRODUCTS)
    sees = contracts is None or subscription.contract_id in contracts
    return Reaching.SEES if sees else Reaching.ASKS


def seats_told(actor: Actor, number: str, words: str, place: Place, on: date) -> SeatsTold:
    """All that the page of seats shows. Raises Subscription.DoesNotExist. Ten queries, whatever the number of people."""
    subscription = subscription_of(actor, number)
    how = reaching(actor, subscription)
    beyond = {one.key for one in standing(actor, [subscription.pk], on).get(subscription.pk, ())}
    rows = living().filter(organisation_id=actor.customer_id, subscription=subscription, waiting=False)
    line = [_from_row(row, waits=True) for row in line_of(subscription)]
    if how == Reaching.ASKS:
        line = []
    used = rows.count() - len(beyond)
    return SeatsTold(
        subscription=subscription,
        reaching=how,
        seats=seats_on(paid(subscription), on),
        used=used,
        floating=floating_on(actor.customer_id, [subscription.pk], on).get(subscription.pk, Floating()).in_use,
        line=line[:LINE_SHOWN],
        more_in_line=max(0, len(line) - LINE_SHOWN),
        people=_found(actor, how, subscription, words, place) if words else _seated(actor, how, rows, beyond, place),
        groups=list(given_to(subscription)),
        groups_to_give=groups_to_give(actor, subscription) if how in {Reaching.ALL, Reaching.GROUPS} else (),
    )


def own_row(actor: Actor, subscription: Subscription) -> Assignment | None:
    """The actor's own seat, or place in the line. One query."""
    rows = living().filter(organisation_id=actor.customer_id, subscription=subscription, membership_id=actor.member_id)
    return rows.first()


def _seated(actor: Actor, how: Reaching, rows: QuerySet[Assignment], beyond: Collection[int], place: Place) -> Page[Seatable]:
    if how == Reaching.ASKS:
        return Page([])
    fields = ("membership_id", "membership__name", "membership__sort_name", "membership__email", "given_on", "direct")
    keys = [Key("membership__sort_name", str), Key("membership_id", int)]
    page = page_of(rows.values(*fields), keys, place)
    people = [
        Seatable(
            row["membership_id"],
            row["membership__name"],
            row["membership__email"],
            "waits" if row["membership_id"] in beyond else "seat",
            row["given_on"],
            row["direct"],
        )
        for row in page.rows
    ]
    return Page(people, page.next, page.previous)


def _found(actor: Actor, how: Reaching, subscription: Subscription, words: str, place: Place) -> Page[Seatable]:
    """Everybody here whose name or e-mail holds every word, with what they have. Two queries."""
    if how == Reaching.ASKS:
        return Page([])
    rows = _giveable(actor, how)
    for word in words.split():
        rows = rows.filter(Q(sort_name__contains=without_accents(word)) | Q(email__icontains=word))
    keys = [Key("sort_name", str), Key("id", int)]
    page = page_of(rows.values("id", "name", "sort_name", "email"), keys, place)
    held = living().filter(organisation_id=actor.customer_id, subscription=subscription)
    theirs = {row.membership_id: row for row in held.filter(membership_id__in=[row["id"] for row in page.rows])}
    people = [_from_member(row["id"], row["name"], row["email"], theirs.get(row["id"])) for row in page.rows]
    return Page(people, page.next, page.previous)


def _giveable(actor: Actor, how: Reaching) -> QuerySet[Membership]:
    if how != Reaching.GROUPS:
        return members(actor)
    return members(actor).filter(stays__group_id__in=own_groups(actor), stays__left_on=None).distinct()


def _from_member(pk: int, name: str, email: str, row: Assignment | None) -> Seatable:
    if row is None:
        return Seatable(pk, name, email, "", None, direct=False)
    return Seatable(pk, name, email, "waits" if row.waiting else "seat", row.given_on, row.direct)


def _from_row(row: Assignment, *, waits: bool) -> Seatable:
    member = row.membership
    return Seatable(member.pk, member.name, member.email, "waits" if waits else "seat", row.given_on, row.direct)


def named(actor: Actor, members_wanted: Iterable[int]) -> Mapping[int, Membership]:
    """These members by id, as far as they belong to the actor's customer."""
    return Membership.objects.filter(organisation_id=actor.customer_id).in_bulk(list(members_wanted))


def members_by_email(actor: Actor, emails: Sequence[str]) -> Mapping[str, int]:
    """The members of today with these e-mail addresses, whatever their case, or who had them here before a merge of accounts."""
    wanted = {email.casefold() for email in emails}
    rows = members(actor).filter(email__in=[*wanted, *emails]).values_list("email", "pk")
    found = {email.casefold(): pk for email, pk in rows}
    return led_by_email(actor, wanted - found.keys()) | found
