"""What tests of nightly work share: the clock, the run of one customer, and what stands in the tables after it."""

from datetime import date

from django.db import connection

from comptoir.billing.models import Invoice
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import House
from comptoir.kernel.verifying import CHECKS
from comptoir.kernel.walls import open_wall
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.jobs import renewals
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries import checks as _checks  # noqa: F401 - registers what is checked


def run_night(customer: Organisation, day: date, *, today: date | None = None) -> None:
    """The renewals of that customer for that night, run on `today` (else on its day)."""
    House.objects.update(business_day=today or day)
    renewals.renew(Actor.job("night", customer.pk), day=day)
    open_wall(read=[customer.pk], write=customer.pk)


def now_of(subscription: Subscription) -> Subscription:
    """The row as it stands."""
    return Subscription.objects.get(pk=subscription.pk)


def invoiced() -> list[tuple[str, str, str, str]]:
    """Number, method, net and due day of each invoice in the order of their numbers."""
    rows = Invoice.objects.filter(kind="F").order_by("number")
    return [(str(row.number), row.payment_method, str(row.net), str(row.due_on)) for row in rows]


def violations(today: date) -> list[tuple[str, str]]:
    """What the checks of billing and subscriptions find, asked inside the wall that is open."""
    found = []
    with connection.cursor() as cursor:
        for check in CHECKS.values():
            if isinstance(check.found, str):
                cursor.execute(check.found, {"day": today})
                found += [(check.name, row[0]) for row in cursor.fetchall()]
    return found
