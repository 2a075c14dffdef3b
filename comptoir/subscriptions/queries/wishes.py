"""Wishes to align that wait until their subscriptions match (rules 5)."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel.actor import Actor

from ..models import AlignmentWish, Subscription
from .alignment import matched, members

WAITING, READY = AlignmentWish.Outcome.WAITING, AlignmentWish.Outcome.READY


def customers_that_wish(ids: Sequence[int]) -> Collection[int]:
    """Which of these customers have a wish that waits. One statement."""
    rows = AlignmentWish.objects.filter(organisation_id__in=ids, outcome=WAITING)
    return set(rows.values_list("organisation_id", flat=True))


def ready_wishes(actor: Actor, on: date) -> list[AlignmentWish]:
    """The wishes of the actor's customer whose subscriptions match on that day."""
    wishes = AlignmentWish.objects.filter(organisation_id=actor.customer_id, outcome=WAITING).order_by("pk")
    return [wish for wish in wishes if _match(actor, wish, on)]


def _match(actor: Actor, wish: AlignmentWish, on: date) -> bool:
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=wish.members.values("subscription"))
    found = members(actor, list(rows.select_related("contract__reseller", "product", "organisation")), on, as_who_may=True)
    return len(found) > 1 and not matched(found).unmatched


def wish_that_waits(actor: Actor, pk: int) -> AlignmentWish | None:
    """One wish whose subscriptions match; None once it is done or given up."""
    return AlignmentWish.objects.filter(organisation_id=actor.customer_id, pk=pk, outcome=READY).first()


def numbers_of(wish: AlignmentWish) -> tuple[list[int], list[str]]:
    """The contracts of a wish's subscriptions, and their numbers."""
    rows = Subscription.objects.filter(organisation_id=wish.organisation_id, pk__in=wish.members.values("subscription"))
    found = list(rows.order_by("number").values_list("contract_id", "number"))
    return sorted({contract for contract, _number in found}), [number for _contract, number in found]
