"""Home-use licences and previous versions, given and ended (rules 9)."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Least

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.countries import is_country
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.organisations.ports import Ending
from comptoir.permissions import Can
from comptoir.subscriptions.actions.ledger import begin_period
from comptoir.subscriptions.models import Subscription

from ..models import UseRight
from ..queries.giving import members_among
from ..queries.use_rights import Wanted, refuse_ending, refuse_use
from ..rules.use_rights import UseKind, last_day_after

WORDS = {UseKind.HOME: "home_use", UseKind.PREVIOUS: "previous_version"}


@action(Can.GIVE_USE_RIGHTS)
def give_home_use(
    actor: Actor,
    subscription: Subscription,
    *,
    member: int,
    country: str,
    serial: str = "",
    on: date,
    quote: str | None = None,
) -> Subscription:
    """Give a member a home-use licence for 12 months; `serial` is the serial number or key that they get.

    Raises Refused with the first reason of rules 9 why not, all of them in `params.reasons`, and `member_unknown`.
    """
    if not is_country(country):
        raise Refused("country_unknown", params={"country": country}, field="country", status=422)
    _give(actor, subscription, member, Wanted(UseKind.HOME, country=country), serial, on)
    return subscription


@action(Can.GIVE_USE_RIGHTS)
def give_previous_version(
    actor: Actor,
    subscription: Subscription,
    *,
    member: int,
    version: str,
    serial: str = "",
    on: date,
    quote: str | None = None,
) -> Subscription:
    """Give a member a licence of a previous version for 12 months, to be used with their seat: none more than the seats.

    Raises Refused with the first reason of rules 9 why not, all of them in `params.reasons`, and `member_unknown`.
    """
    _give(actor, subscription, member, Wanted(UseKind.PREVIOUS, version=version), serial, on)
    return subscription


@step
def _give(actor: Actor, subscription: Subscription, member: int, wanted: Wanted, serial: str, on: date) -> None:
    if member not in members_among(actor, [member]):
        raise Refused("member_unknown", field="member", status=422)
    begin_period(subscription, on)
    # the door holds the subscription's lock: whoever counts after this commits counts this one too
    refuse_use(actor, subscription, member, wanted, on)
    own = {"organisation_id": actor.customer_id, "membership_id": member, "product_id": subscription.product_id}
    what = {**own, "kind": wanted.kind.value, "version": wanted.version or ""}
    UseRight.objects.filter(**what, closed=False).update(closed=True, ends_on=_not_before(on))
    ends_on = last_day_after(on)
    days = {"given_on": on, "ends_on": ends_on, "subscription": subscription}
    UseRight.objects.create(**what, **days, country=wanted.country or "", number=serial.strip())
    failpoint("use_right.given")
    record(Events.USE_RIGHT_GIVEN, subscription, on=on, members=str(member), use=wanted.kind.value, ends_on=ends_on)


def _not_before(on: date) -> Least:
    return Least(F("ends_on"), Greatest(F("given_on"), on))


@action(Can.END_USE_RIGHTS, anywhere=True)
def end_use_right(actor: Actor, right: UseRight, *, on: date) -> UseRight:
    """End a licence before its time: one's own, or one that one could give. The serial number is kept.

    Raises Refused `not_allowed`, `use_right_has_ended`.
    """
    refuse_ending(actor, right, on)
    right.closed, right.ends_on = True, max(right.given_on, on)
    right.save(update_fields=["closed", "ends_on"])
    whose, number = str(right.membership_id), right.subscription.number
    record(Events.USE_RIGHT_ENDED, right, on=on, members=whose, use=right.kind, number=number)
    return right


class LeavingUse:
    """Fills `organisations.Leaving`: who leaves the customer loses what they had beside their seat."""

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        """The licences that they lose."""
        fields = ("membership_id", "product__name", "subscription__number", "subscription__contract_id", "kind")
        rows = _running(actor, memberships, on).order_by("product__name", "id").values_list(*fields)
        return [Ending(member, WORDS[UseKind(kind)], name, number, contract) for member, name, number, contract, kind in rows]

    @step
    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        """They have left."""
        _running(actor, memberships, on).update(closed=True, ends_on=_not_before(on))


def _running(actor: Actor, memberships: Collection[int], on: date) -> QuerySet[UseRight]:
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, closed=False)
    return rows.filter(ends_on__gt=on)
