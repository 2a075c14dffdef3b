"""What an import or a seed brings: seats given, serial numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Count

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing, copy_new
from comptoir.organisations.queries import led_on
from comptoir.subscriptions.models import Subscription

from ..models import Assignment, SerialNumber

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
    return add_missing(Assignment, ONE_EACH, (row for key, row in told.items() if key not in given))


def _free_seats(subscriptions: set[int]) -> Counter[int]:
    # locked, so that a seat given meanwhile is counted
    rows = Subscription.objects.filter(pk__in=subscriptions).order_by("pk").select_for_update(no_key=True)
    free = Counter(dict(rows.values_list("pk", "seats_now")))
    taken = Assignment.objects.filter(subscription_id__in=subscriptions, ended_on=None, waiting=False)
    free.subtract(dict(taken.values_list("subscription_id").annotate(Count("pk")).order_by()))
    return free


def _ever_given(organisations: set[int]) -> set[tuple[int, ...]]:
    """Whoever had one by an account that was merged since had one."""
    led = led_on(organisations)
    rows = Assignment.objects.filter(organisation_id__in=organisations).values_list(*ONE_EACH)
    return {(customer, subscription, led.get(member, member)) for customer, subscription, member in rows}


@step
def import_serial_numbers(numbers: Iterable[SerialNumber]) -> Added:
    """Add the serial numbers that are not here yet, by customer and number."""
    return add_missing(SerialNumber, ["organisation_id", "number"], numbers)


@step
def seed_assignments(assignments: Sequence[Assignment]) -> None:
    """Write made-up assignments in bulk. Whoever makes them up keeps to the seats; `comptoir verify` looks."""
    copy_new(assignments)
