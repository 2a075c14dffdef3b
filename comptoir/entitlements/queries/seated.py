"""Who uses the seats, as the contexts below ask it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.permissions import Can
from comptoir.subscriptions.models import Occupancy, Subscription
from comptoir.subscriptions.ports import Holder, SeatUse, Serial
from comptoir.subscriptions.queries.states import works
from comptoir.subscriptions.rules import Sitting, by_rank

from ..models import SerialNumber
from ..rules import seats_on
from .floating import Floating, anything_floats, floating_by_product, floating_on
from .lease_rank import living_leases
from .rank import counted, crowded, living, paid, sitting_in, standing

_USE: Prepared[Any] = Prepared(
    lambda customer, subscriptions, on: (
        Occupancy.objects.filter(organisation_id=customer, subscription_id__in=subscriptions)
        .annotate(seats=counted(on))
        .values_list("subscription_id", "people", "in_line", "seats")
    ),
    customer=int,
    subscriptions=list,
    on=date,
)


class Seated:
    """Fills `subscriptions.Seated`."""

    def use(self, actor: Actor, subscriptions: Collection[int], on: date) -> Mapping[int, SeatUse]:
        """The use of each of these subscriptions; one that nobody uses is missing. Two queries."""
        found = _USE.all(customer=actor.customer_id, subscriptions=subscriptions, on=on)
        use = {pk: _use(given, waiting, seats) for pk, given, waiting, seats in found}
        for pk, told in floating_on(actor.customer_id, subscriptions, on).items():
            use[pk] = replace(use.get(pk, SeatUse()), floating=told.in_use, borrowed=told.borrowed)
        return use

    def beyond(self, actor: Actor, on: date) -> int:
        """How many were given a seat that is not there on that day, in all that works and that the actor may see. One query."""
        return sum(each.people - each.seats for each in crowded(actor, on))

    def floating_of_all(self, actor: Actor, on: date) -> int:
        """The floating seats of those that are in use at this moment. One query, two where something floats."""
        if not anything_floats(actor.customer_id, on):
            return 0
        rows = within(actor, Can.SEE_PRODUCTS, living_leases(now(), on), "subscription__contract_id")
        return sum(floating_by_product(rows.filter(works(on, "subscription__")), on).values())

    def holders(self, actor: Actor, subscription_id: int, place: Place, on: date) -> Page[Holder]:
        """Who has a seat or waits for one, by name, a page at a time."""
        rows = living().filter(organisation_id=actor.customer_id, subscription_id=subscription_id)
        fields = ("membership_id", "membership__name", "membership__sort_name", "membership__email", "given_on", "waiting")
        keys = [Key("membership__sort_name", str), Key("membership_id", int)]
        page = page_of(rows.values(*fields), keys, place)
        beyond = {one.key for one in standing(actor, [subscription_id], on).get(subscription_id, ())}
        return Page([_holder(row, beyond) for row in page.rows], page.next, page.previous)

    def serials(self, actor: Actor, subscription_id: int, most: int) -> Sequence[Serial]:
        """Its serial numbers in order, at most so many."""
        rows = SerialNumber.objects.filter(organisation_id=actor.customer_id, subscription_id=subscription_id)
        found = rows.order_by("number").values_list("number", "version", "group_label")[:most]
        return [Serial(*row) for row in found]

    def sitting(self, actor: Actor, subscriptions: Collection[int]) -> Mapping[int, Sequence[Sitting]]:
        """Everybody who has a seat of each of these, in the order in which they keep it. One query."""
        found = sitting_in(living().filter(organisation_id=actor.customer_id, subscription_id__in=subscriptions))
        return {pk: by_rank(found.get(pk, ())) for pk in subscriptions}

    def who_would_go(self, actor: Actor, subscription_id: int, seats: int) -> Sequence[Sitting]:
        """Who would lose their seat if there were only so many: the last by rank."""
        return self.sitting(actor, [subscription_id])[subscription_id][seats:]


_OCCUPIED: Prepared[Any] = Prepared(
    lambda customer, subscription: Occupancy.objects.filter(organisation_id=customer, subscription_id=subscription).values_list(
        "people", "in_line"
    ),
    customer=int,
    subscription=int,
)


def use_of(subscription: Subscription, on: date) -> SeatUse:
    """The use of one subscription on that day, today's or later. Two queries."""
    found = _OCCUPIED.all(customer=subscription.organisation_id, subscription=subscription.pk)
    floating = floating_on(subscription.organisation_id, [subscription.pk], on).get(subscription.pk, Floating())
    given, waiting = found[0] if found else (0, 0)
    use = _use(given, waiting, seats_on(paid(subscription), on))
    return replace(use, floating=floating.in_use, borrowed=floating.borrowed)


def _use(given: int, waiting: int, seats: int) -> SeatUse:
    beyond = max(0, given - seats)
    return SeatUse(given - beyond, waiting + beyond)


def _holder(row: Mapping[str, Any], beyond: Collection[int]) -> Holder:
    name, email, pk = row["membership__name"], row["membership__email"], row["membership_id"]
    return Holder(pk, name, email, row["given_on"], row["waiting"] or pk in beyond)
