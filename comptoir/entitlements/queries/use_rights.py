"""Home-use licences and previous versions: who may have one and why not, and where each stands on a day (rules 9)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet
from django.utils.translation import get_language

from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.countries import countries
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import works

from ..models import UseRight
from ..ports import Ports, Versions
from ..rules import Benefit, Source, seats_on
from ..rules.use_rights import Licence, UseFacts, UseKind, UseState, sharing_of, states, why_not
from .benefits import standings
from .exceptions import excepted
from .rank import living, paid, standing

BENEFIT = {UseKind.HOME: Benefit.HOME_USE, UseKind.PREVIOUS: Benefit.PREVIOUS_VERSIONS}
NO_VERSIONS = Versions((), (), 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody would like: home use in a country, or a previous version. None: as far as it can be told without."""

    kind: UseKind
    country: str | None = None
    version: str | None = None


def facts_of(
    actor: Actor, subscriptions: Sequence[Subscription], member: int, wanted: Wanted, on: date
) -> Mapping[int, UseFacts]:
    """What counts for one member and each of these subscriptions, by its id. Ten queries at most, whatever their number."""
    pks, products = [row.pk for row in subscriptions], {row.product_id for row in subscriptions}
    working = set(Subscription.objects.filter(works(on), pk__in=pks).values_list("pk", flat=True))
    seated = seated_in(actor, pks, [member], on)
    benefit, _own = standings(actor, [member], on)[member][BENEFIT[wanted.kind]]
    held = _held(actor, products, member, wanted, on)
    given = _given(pks, on)
    may = installable(actor, products, on) if wanted.kind == UseKind.PREVIOUS and wanted.version is not None else {}
    home = Organisation.objects.get(pk=actor.customer_id).country
    return {
        row.pk: UseFacts(
            works=row.pk in working,
            seated=(row.pk, member) in seated,
            benefit=benefit.has or benefit.source == Source.NONE,  # whoever has no seat is told that
            held_until=held.get(row.product_id),
            maintenance=row.contract.plan == Contract.Plan.MAINTENANCE,
            sharing=sharing_of(row.product.sharing, row.sharing),
            home_list=row.product.home_use,
            same_country=wanted.country in (None, home),
            others=given.get(row.pk, 0),
            seats=seats_on(paid(row), on),
            installable=wanted.version is None or wanted.version in may.get(row.product_id, ()),
        )
        for row in subscriptions
    }


def _held(actor: Actor, products: Collection[int], member: int, wanted: Wanted, on: date) -> dict[int, date]:
    """Until when the member has it already, by product."""
    rows = UseRight.objects.filter(works(on, "subscription__"), organisation_id=actor.customer_id, membership_id=member)
    rows = rows.filter(product_id__in=products, kind=wanted.kind, closed=False, given_on__lte=on, ends_on__gt=on)
    if wanted.kind == UseKind.PREVIOUS:
        rows = rows.filter(version=wanted.version or "")
    return dict(rows.values_list("product_id", "ends_on"))


def _given(subscriptions: Collection[int], on: date) -> dict[int, int]:
    """How many home-use licences run on that day, by subscription: as the database counts them."""
    rows = UseRight.objects.filter(subscription_id__in=subscriptions, kind=UseKind.HOME, given_on__lte=on, ends_on__gt=on)
    return dict(rows.values_list("subscription_id").annotate(Count("pk")).order_by())


def seated_in(actor: Actor, subscriptions: Collection[int], members: Collection[int], on: date) -> set[tuple[int, int]]:
    """Who of these members sits in which of these subscriptions, by rank. Two queries, as a rule."""
    rows = living().filter(organisation_id=actor.customer_id, subscription_id__in=subscriptions, membership_id__in=members)
    found = set(rows.filter(waiting=False).values_list("subscription_id", "membership_id"))
    beyond = standing(actor, {pk for pk, _ in found}, on)
    return found - {(pk, one.key) for pk, people in beyond.items() for one in people}


def installable(actor: Actor, products: Collection[int], on: date) -> dict[int, tuple[str, ...]]:
    """The previous versions that may be installed, by product, newest first: so many back, and what an exception allows."""
    more = excepted(actor, products, on)
    return {
        pk: (*told.allowed[1:], *(one for one in told.too_old if one in more.get(pk, ())))
        for pk, told in Ports.releases.versions(products, on).items()
    }


def refuse_use(actor: Actor, subscription: Subscription, member: int, wanted: Wanted, on: date) -> None:
    """Raise Refused with the first reason why that member can't be given it, all of them in `params.reasons` (rules 9)."""
    found = reasons_of(actor, [subscription], member, wanted, on)[subscription.pk]
    if found:
        raise found[0]


def reasons_of(
    actor: Actor, subscriptions: Sequence[Subscription], member: int, wanted: Wanted, on: date
) -> dict[int, list[Refused]]:
    """Every reason why not, by subscription, in the order of the rule; none: it can be given."""
    found = facts_of(actor, subscriptions, member, wanted, on)
    home = Organisation.objects.get(pk=actor.customer_id).country
    depth = Ports.releases.versions({row.product_id for row in subscriptions}, on) if wanted.version is not None else {}
    places = who_may_where(actor, Can.ASSIGN_SEATS)
    told = {}
    for row in subscriptions:
        facts = found[row.pk]
        codes = why_not(wanted.kind, facts)
        params = {
            "reasons": list(codes),
            "product": row.product.name,
            "seats": facts.seats,
            "country": dict(countries(get_language() or "en")).get(home, home),
            "until": facts.held_until,
            "version": wanted.version,
            "depth": depth.get(row.product_id, NO_VERSIONS).depth,
            "who_may": list(dict.fromkeys(one.name for at in (row.contract_id, None) for one in places.get(at, ()))),
        }
        told[row.pk] = [Refused(code, params=params) for code in codes]
    return told


def reasons_in_codes(actor: Actor, subscriptions: Sequence[Subscription], on: date) -> dict[UseKind, dict[int, list[str]]]:
    """The codes of every reason why the actor can't have it themselves, by kind and subscription."""
    return {
        kind: {pk: [each.code for each in found] for pk, found in _own_reasons(actor, subscriptions, kind, on).items()}
        for kind in UseKind
    }


def _own_reasons(actor: Actor, subscriptions: Sequence[Subscription], kind: UseKind, on: date) -> dict[int, list[Refused]]:
    return reasons_of(actor, subscriptions, actor.member_id, Wanted(kind), on) if subscriptions else {}


def states_of(actor: Actor, subscriptions: Collection[int], on: date) -> dict[int, UseState]:
    """Where every licence of these subscriptions stands on that day, by its id; one whose days are over is missing.

    Seven queries at most. No job is needed for it to be right.
    """
    rows = UseRight.objects.filter(organisation_id=actor.customer_id, subscription_id__in=subscriptions)
    rows = rows.filter(given_on__lte=on, ends_on__gt=on)
    by_subscription: dict[int, list[UseRight]] = defaultdict(list)
    for row in rows.select_related("membership"):
        by_subscription[row.subscription_id].append(row)
    own = Subscription.objects.filter(pk__in=by_subscription)
    working = set(own.filter(works(on)).values_list("pk", flat=True))
    counts, seated = _previous(actor, [row for some in by_subscription.values() for row in some], on)
    found: dict[int, UseState] = {}
    for subscription in own:
        found |= states(
            [_licence(row, on) for row in by_subscription[subscription.pk]],
            on,
            works=subscription.pk in working,
            seats=seats_on(paid(subscription), on),
            installable=counts,
            seated=seated,
        )
    return found


def _previous(actor: Actor, rows: Sequence[UseRight], on: date) -> tuple[set[int], set[int]]:
    """Of the licences of previous versions: whose version may be installed, and whose person has a seat."""
    older = [row for row in rows if row.kind == UseKind.PREVIOUS]
    if not older:
        return set(), set()
    may = installable(actor, {row.product_id for row in older}, on)
    sits = seated_in(actor, {row.subscription_id for row in older}, {row.membership_id for row in older}, on)
    return (
        {row.pk for row in older if row.version in may.get(row.product_id, ())},
        {row.pk for row in older if (row.subscription_id, row.membership_id) in sits},
    )


def _licence(row: UseRight, on: date) -> Licence:
    left = row.membership.left_on
    return Licence(row.pk, UseKind(row.kind), row.given_on, row.ends_on, here=left is None or left > on)


def right_of(actor: Actor, pk: int) -> UseRight:
    """One licence that the actor may see: their own, or one that they may give. Raises UseRight.DoesNotExist."""
    row = seen(actor).filter(pk=pk).first()
    row = row or UseRight.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id).get(pk=pk)
    return UseRight.objects.select_related("subscription", "product", "membership").get(pk=row.pk)


def seen(actor: Actor) -> QuerySet[UseRight]:
    """The licences under the contracts whose requests the actor may approve."""
    rows, contracts = UseRight.objects.filter(organisation_id=actor.customer_id), actor.contracts(Can.GIVE_USE_RIGHTS)
    return rows if contracts is None else rows.filter(subscription__contract_id__in=contracts)


def refuse_ending(actor: Actor, right: UseRight, on: date) -> None:
    """Raise Refused `not_allowed` for somebody else's that one could not give, `use_right_has_ended` where it is over."""
    contract = right.subscription.contract_id
    if right.membership_id != actor.membership_id and not actor.may(Can.GIVE_USE_RIGHTS, contract):
        raise not_allowed(actor, Can.GIVE_USE_RIGHTS, contract)
    if right.closed or right.ends_on <= on:
        raise Refused("use_right_has_ended")
