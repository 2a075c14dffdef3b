"""Was this person entitled to use this product on that day: from the history of seats, periods and licences (rules 9)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.catalogue.models import Product
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.permissions import Can
from comptoir.subscriptions.models import Period, Subscription
from comptoir.subscriptions.queries.states import lengths

from ..models import Assignment, UseRight
from ..rules.licences import LicenceFacts, SeatFacts, Verdict, verdict_of
from ..rules.use_rights import UseKind
from .history import sat_on
from .licences import Wanted, verdict_for_member


@dataclass(frozen=True, slots=True)
class Entitled:
    """The answer for one day."""

    member: Membership
    product: Product
    on: date
    verdict: Verdict


def entitled_on(actor: Actor, member: int, code: str, on: date, *, today: date) -> Entitled:
    """Whether a member was entitled to use a product on that day, today or before, and by what.

    By the subscriptions whose seats the actor gives; oneself by all. Raises Membership.DoesNotExist, Product.DoesNotExist,
    and Refused `day_not_come`.
    """
    person = Membership.objects.get(organisation_id=actor.customer_id, pk=member)
    product = Product.objects.get(code=code)
    if on > today:
        raise Refused("day_not_come", params={"today": today}, field="on", status=422)
    contracts = None if member == actor.membership_id else actor.contracts(Can.ASSIGN_SEATS)
    if on == today and contracts is None:
        return Entitled(person, product, on, verdict_for_member(actor, member, Wanted(product, on)))
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, product=product, starts_on__lte=on)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    facts = LicenceFacts(
        here=person.joined_on <= on and (person.left_on is None or person.left_on > on),
        known=rows.exists(),
        seats=_seats_then(actor, member, rows, on),
        home_use=_at_home_then(actor, member, rows, on),
    )
    return Entitled(person, product, on, verdict_of(facts))


def _seats_then(actor: Actor, member: int, subscriptions: QuerySet[Subscription], on: date) -> list[SeatFacts]:
    rows = Assignment.objects.filter(organisation_id=actor.customer_id, membership_id=member, subscription__in=subscriptions)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gt=on), given_on__lte=on)
    found = []
    for row in rows.select_related("subscription__contract").order_by("given_on", "pk"):
        sat = row.waiting or any(one.key == member for one in sat_on(actor, row.subscription, on).sat)
        worked = worked_on(row.subscription, on)
        owned = not worked and row.subscription.contract.plan == Contract.Plan.MAINTENANCE and row.subscription.ended_on is None
        found.append(SeatFacts(row.subscription.number, row.waiting, beyond=not sat, works=worked, owned=owned))
    return found


def worked_on(subscription: Subscription, on: date) -> bool:
    """Whether a subscription worked on a past day: it was paid then, or in grace after what was paid. One query."""
    if subscription.ended_on is not None and subscription.ended_on <= on:
        return False
    rows = Period.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, start__lte=on)
    rows = rows.filter(Q(undone_on=None) | Q(undone_on__gt=on), end__gt=add_days(on, -lengths().grace))
    return rows.exists()


def _at_home_then(actor: Actor, member: int, subscriptions: QuerySet[Subscription], on: date) -> bool:
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, membership_id=member, subscription__in=subscriptions)
    return rows.filter(kind=UseKind.HOME, given_on__lte=on, ends_on__gt=on).exists()


def products_to_ask(actor: Actor) -> list[tuple[str, str]]:
    """The products, by name, of which the actor gives seats: code and name. One query."""
    rows = Product.objects.filter(subscription__organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.ASSIGN_SEATS)
    if contracts is not None:
        rows = rows.filter(subscription__contract_id__in=contracts)
    return list(rows.order_by("name", "code").distinct().values_list("code", "name"))


def reason_words() -> dict[str, str]:
    """Why somebody was not entitled on a day, as whoever looks after them is told."""
    return {
        "licence_person_gone": _("They did not belong to the company then."),
        "licence_no_subscription": _("The company had no subscription of it."),
        "licence_no_seat": _("They had no seat."),
        "licence_in_line": _("They waited for a seat."),
        "licence_beyond_seats": _("There were fewer seats than people, and theirs did not count."),
        "licence_suspended": _("The subscription was not paid."),
        "licence_version_too_old": _("The version was too old."),
    }
