"""Figures over all the subscriptions that somebody sees, for the sentence a page begins with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Min, Q, Sum

from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.permissions import Can

from ..models import Subscription
from ..ports import Ports, SeatUse
from .lists import FIELDS, Row, rows_of, seen
from .states import not_cancelled, works
from .tallied import looked_at, tallied

SOON = 60  # days: what counts as renewing soon on the pages


@dataclass(frozen=True, slots=True)
class Figures:
    """What somebody's subscriptions come to on one day."""

    subscriptions: int  # that work
    seats: int  # of those
    use: SeatUse  # of those
    soon: int  # renew within SOON days
    by_hand: int  # of those, without automatic renewal
    in_grace: int
    suspended: int

    @property
    def free(self) -> int:
        """Seats that nobody uses."""
        return max(0, self.seats - self.use.taken)


def figures(actor: Actor, on: date) -> Figures:
    """The figures of all that the actor sees under Can.SEE_PRODUCTS. Five queries, two while nothing changes."""
    seen_by = actor.contracts(Can.SEE_PRODUCTS)
    kept = kept_while_unmoved(actor, ("figures", on, seen_by), lambda: _figures(actor, on))
    floating = Ports.seated.floating_of_all(actor, on)
    return replace(kept, use=replace(kept.use, floating=floating)) if floating else kept


def _figures(actor: Actor, on: date) -> Figures:
    soon = add_days(on, SOON)
    if actor.contracts(Can.SEE_PRODUCTS) is None:
        total = tallied(actor.customer_id, on, soon)
    else:
        total = looked_at(within(actor, Can.SEE_PRODUCTS, Subscription.objects.all()), on, soon)
    beyond = Ports.seated.beyond(actor, on)
    return Figures(
        subscriptions=total.lines,
        seats=total.seats,
        use=SeatUse(total.people - beyond, total.in_line + beyond),
        soon=total.soon,
        by_hand=total.by_hand,
        in_grace=total.grace,
        suspended=total.suspended,
    )


def coming_renewals(actor: Actor, on: date, *, days: int, most: int) -> list[Row]:
    """The next subscriptions to renew within so many days, the first first. Three queries."""
    rows = seen(actor).filter(renews_on__gt=on, renews_on__lte=add_days(on, days)).order_by("renews_on", "number")
    return rows_of(actor, list(rows.values(*FIELDS)[:most]), on)


@dataclass(frozen=True, slots=True)
class UnderContract:
    """What stands under one contract on one day."""

    subscriptions: int = 0
    seats: int = 0
    renews_on: date | None = None  # the next renewal to come


def under_contracts(actor: Actor, contracts: Collection[int], on: date) -> Mapping[int, UnderContract]:
    """What stands under each of these contracts; one with nothing that is still there is missing. One query."""
    rows = seen(actor).filter(not_cancelled(on), contract_id__in=contracts).values("contract_id")
    found = rows.annotate(
        lines=Count("renews_on"),
        seats=Sum("seats_now", filter=works(on), default=0),
        first=Min("renews_on", filter=Q(renews_on__gt=on)),
    )
    return {row["contract_id"]: UnderContract(row["lines"], row["seats"], row["first"]) for row in found}
