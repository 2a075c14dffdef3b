"""Older versions that the desk allows a customer (rules 9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled, works

from ..models import VersionException
from ..ports import Ports


def excepted(actor: Actor, products: Collection[int], on: date) -> dict[int, frozenset[str]]:
    """The versions that an exception allows the actor's customer on that day, by product: while its subscription works."""
    rows = VersionException.objects.filter(works(on, "subscription__"), organisation_id=actor.customer_id, closed=False)
    rows = rows.filter(subscription__product_id__in=products, given_on__lte=on, ends_on__gt=on)
    found: dict[int, set[str]] = {}
    for product, version in rows.values_list("subscription__product_id", "version"):
        found.setdefault(product, set()).add(version)
    return {product: frozenset(versions) for product, versions in found.items()}


def excepted_versions(actor: Actor, product_id: int, on: date) -> frozenset[str]:
    """Those of one product: what downloads adds to the versions that anybody may install. One query."""
    return excepted(actor, [product_id], on).get(product_id, frozenset())


@dataclass(frozen=True, slots=True)
class Excepted:
    """An exception as a page shows it."""

    row: VersionException
    runs: bool

    @property
    def last_day(self) -> date:
        """The last day with it."""
        return add_days(self.row.ends_on, -1)


def exceptions(actor: Actor, on: date) -> list[Excepted]:
    """Every exception of the customer, those that run first, then the newest. Two queries."""
    found = VersionException.objects.filter(organisation_id=actor.customer_id).select_related("subscription__product")
    rows = list(found.order_by("-id"))
    working = set(
        Subscription.objects.filter(works(on), pk__in={row.subscription_id for row in rows}).values_list("pk", flat=True)
    )
    told = [Excepted(row, not row.closed and row.ends_on > on and row.subscription_id in working) for row in rows]
    return sorted(told, key=lambda one: not one.runs)


@dataclass(frozen=True, slots=True)
class Exceptable:
    """A subscription with the versions that are too old for it."""

    subscription: Subscription
    versions: Sequence[str]


def exceptable(actor: Actor, on: date) -> list[Exceptable]:
    """The customer's subscriptions that have releases too old to be installed. Three queries."""
    found = Subscription.objects.filter(not_cancelled(on), organisation_id=actor.customer_id).select_related(
        "product", "contract"
    )
    rows = list(found.order_by("product__name", "number"))
    versions = Ports.releases.versions({row.product_id for row in rows}, on)
    old = {pk: told.too_old for pk, told in versions.items() if told.too_old}
    return [Exceptable(row, old[row.product_id]) for row in rows if row.product_id in old]


def exception_of(actor: Actor, pk: int) -> VersionException:
    """One of the customer's. Raises VersionException.DoesNotExist."""
    found = VersionException.objects.select_related("subscription__product")
    return found.get(organisation_id=actor.customer_id, pk=pk)
