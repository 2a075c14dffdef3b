"""The only code that writes who has which seat, and serial numbers."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Count

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import Added, add_missing, copy_new
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.rules import Sitting, by_rank

from .models import Assignment, SerialNumber

ONE_EACH = ("organisation_id", "subscription_id", "membership_id")


@step
def import_assignments(assignments: Iterable[Assignment]) -> Added:
    """Give a seat to everybody here who has none of that subscription and never had.

    The earliest get the seats that are free, in the order given where two came on one day; the others wait (rules 12).
    """
    told = {(row.organisation_id, row.subscription_id, row.membership_id): row for row in assignments}
    free = _free_seats({row.subscription_id for row in told.values()})
    given = _ever_given({row.organisation_id for row in told.values()})
    for row in sorted((row for key, row in told.items() if key not in given), key=lambda row: row.given_on):
        row.waiting = free[row.subscription_id] < 1
        free[row.subscription_id] -= 1
    return add_missing(Assignment, ONE_EACH, told.values())


def _free_seats(subscriptions: set[int]) -> Counter[int]:
    # locked, so that a seat given meanwhile is counted
    rows = Subscription.objects.filter(pk__in=subscriptions).order_by("pk").select_for_update(no_key=True)
    free = Counter(dict(rows.values_list("pk", "seats_now")))
    taken = Assignment.objects.filter(subscription_id__in=subscriptions, ended_on=None, waiting=False)
    free.subtract(dict(taken.values_list("subscription_id").annotate(Count("pk")).order_by()))
    return free


def _ever_given(organisations: set[int]) -> set[tuple[int, ...]]:
    return set(Assignment.objects.filter(organisation_id__in=organisations).values_list(*ONE_EACH))


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
    """Put the people for whom there is no seat any more on the waiting list: the last by rank (rules 4, 9).

    The choice of who keeps a seat has done its work, and is forgotten.
    """
    seated = Assignment.objects.filter(subscription=subscription, ended_on=None, waiting=False).select_related("membership")
    rows = {row.membership_id: row for row in seated}
    sitting = by_rank([Sitting(row.membership.name, row.given_on, row.last_used_on, row.kept, pk) for pk, row in rows.items()])
    going = [one.key for one in sitting[subscription.seats_now :]]
    if not going:
        raise HouseRule(f"subscription {subscription.number} has a seat for everybody")
    seated.filter(membership_id__in=going).update(waiting=True)
    seated.filter(kept=True).update(kept=False)
    record(Events.PEOPLE_LET_GO, subscription, on=on, count=len(going), members=",".join(map(str, sorted(going))))
    return subscription


@step
def import_serial_numbers(numbers: Iterable[SerialNumber]) -> Added:
    """Add the serial numbers that are not here yet, by customer and number."""
    return add_missing(SerialNumber, ["organisation_id", "number"], numbers)


@step
def seed_assignments(assignments: Sequence[Assignment]) -> None:
    """Write made-up assignments in bulk. Whoever makes them up keeps to the seats; `comptoir verify` looks."""
    copy_new(assignments)
