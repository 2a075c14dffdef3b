"""Exceptions for versions that are too old, given and ended at the desk (rules 9)."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days, add_months
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import VersionException
from ..ports import Ports

MOST_YEARS = 3


@action(Can.EXCEPT_VERSIONS)
def except_version(
    actor: Actor, subscription: Subscription, *, version: str, until: date, reason: str, on: date
) -> VersionException:
    """Allow a version that is too old, up to and on `until`. An earlier exception for it gives way to this one.

    Raises Refused `reason_missing`, `exception_day_in_the_past`, `exception_too_long`, `version_unknown`,
    `exception_not_needed`.
    """
    if not reason.strip():
        raise Refused("reason_missing", field="reason", status=422)
    if until < on:
        raise Refused("exception_day_in_the_past", field="until", status=422)
    if until > add_months(on, 12 * MOST_YEARS, on.day):
        raise Refused("exception_too_long", params={"years": MOST_YEARS}, field="until", status=422)
    _refuse_needless(subscription, version, on)
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription, "version": version}
    VersionException.objects.filter(**own, closed=False).update(closed=True)
    days = {"given_on": on, "ends_on": add_days(until, 1)}
    made = VersionException.objects.create(**own, **days, reason=reason.strip())
    record(Events.EXCEPTION_GIVEN, subscription, on=on, version=version, ends_on=until, reason=made.reason)
    return made


def _refuse_needless(subscription: Subscription, version: str, on: date) -> None:
    product = subscription.product
    versions = Ports.releases.versions([product.pk], on).get(product.pk)
    if versions is not None and version in versions.allowed:
        raise Refused("exception_not_needed", params={"version": version}, field="version")
    if versions is None or version not in versions.too_old:
        raise Refused("version_unknown", params={"version": version, "product": product.name}, field="version", status=422)


@action(Can.EXCEPT_VERSIONS)
def end_exception(actor: Actor, exception: VersionException, *, on: date) -> VersionException:
    """End an exception from today on. Raises Refused `exception_has_ended` where it is over."""
    if exception.closed or exception.ends_on <= on:
        raise Refused("exception_has_ended")
    exception.closed, exception.ends_on = True, max(exception.given_on, on)
    exception.save(update_fields=["closed", "ends_on"])
    record(Events.EXCEPTION_ENDED, exception, on=on, version=exception.version, number=exception.subscription.number)
    return exception
