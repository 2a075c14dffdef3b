"""Reads of seats given. The actor comes first and is the first filter."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Q

from comptoir.kernel.actor import Actor
from comptoir.subscriptions.ports import Seat, SeatUse

from .models import Assignment


class Seated:
    """Fills `subscriptions.Seated`."""

    def use(self, actor: Actor, subscription_ids: Iterable[int]) -> Mapping[int, SeatUse]:
        """Used and waiting per subscription."""
        rows = (
            Assignment.objects.filter(organisation_id=actor.customer_id, subscription_id__in=list(subscription_ids), ended_on=None)
            .values_list("subscription_id")
            .annotate(used=Count("id", filter=Q(waiting=False)), waiting_count=Count("id", filter=Q(waiting=True)))
        )
        return {subscription: SeatUse(used, waiting) for subscription, used, waiting in rows}

    def people(self, actor: Actor, subscription_id: int) -> Sequence[Seat]:
        """Who sits and who waits, by name."""
        rows = (
            Assignment.objects.filter(organisation_id=actor.customer_id, subscription_id=subscription_id, ended_on=None)
            .select_related("membership")
            .order_by("waiting", "membership__sort_name", "id")
        )
        return [Seat(row.membership_id, row.membership.name, row.given_on.isoformat(), row.waiting) for row in rows]
