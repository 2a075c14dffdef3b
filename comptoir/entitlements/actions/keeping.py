"""A renewal with fewer seats than people: who was chosen to keep theirs, and who goes (rules 4, 9)."""

from collections.abc import Collection
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import SeatEntry, Subscription

from ..models import Assignment
from ..queries.rank import living, sitting_in
from ..rules import listed, who_stands
from .offline import revoke_of_seats


class Keeping:
    """Fills `subscriptions.Keeping`."""

    @step
    def keep(self, subscription_id: int, memberships: Collection[int]) -> bool:
        """Note that these keep their seat when the next renewal has fewer, and nobody else by choice (rules 4).

        Whether that changed anything. Raises Refused `not_seated` for somebody who has no seat.
        """
        seated = Assignment.objects.filter(subscription_id=subscription_id, ended_on=None, waiting=False)
        chosen = set(memberships)
        if seated.filter(membership_id__in=chosen).count() != len(chosen):
            raise Refused("not_seated", field="keep", status=422)
        marked = seated.filter(membership_id__in=chosen, kept=False).update(kept=True)
        return bool(marked + seated.exclude(membership_id__in=chosen).filter(kept=True).update(kept=False))


@action(Can.RUN_RENEWALS)
def let_go(actor: Actor, subscription: Subscription, *, on: date) -> Subscription:
    """End the seats of the people for whom there is none any more, the last by rank, and let them wait (rules 4, 9).

    From the day on which the seats became fewer, whenever this runs. The choice of who keeps a seat has done its work, and is
    forgotten.
    """
    own = living().filter(organisation_id=subscription.organisation_id, subscription=subscription, waiting=False)
    going = [one.key for one in who_stands(sitting_in(own).get(subscription.pk, ()), subscription.seats_now)]
    if not going:
        raise HouseRule(f"subscription {subscription.number} has a seat for everybody")
    fell = _fell_on(subscription, on)
    rows = {row.membership_id: row for row in own.filter(membership_id__in=going)}
    for row in rows.values():
        row.ended_on = max(fell, row.given_on)
    Assignment.objects.bulk_update(rows.values(), ["ended_on"])
    revoke_of_seats(list(rows.values()))
    Assignment.objects.bulk_create(_waits(rows[pk]) for pk in going)
    own.filter(kept=True).update(kept=False)
    record(Events.PEOPLE_LET_GO, subscription, on=on, count=len(going), members=listed(sorted(going)))
    return subscription


def _fell_on(subscription: Subscription, on: date) -> date:
    entries = SeatEntry.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, on__lte=on)
    fewer = entries.filter(change_now__lt=0).order_by("-seq").first()
    return fewer.on if fewer else on


def _waits(row: Assignment) -> Assignment:
    return Assignment(
        organisation_id=row.organisation_id,
        subscription_id=row.subscription_id,
        membership_id=row.membership_id,
        given_on=row.ended_on or row.given_on,
        waiting=True,
        direct=row.direct,
        last_used_on=row.last_used_on,
    )
