"""Products with their seats, and serial numbers, looked for by name and by how the number begins."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.catalogue.models import Product
from comptoir.catalogue.queries import products_named
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed, any_of, beginning, each_at_most, first_of
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled
from comptoir.ui.ports import Hit, SearchPart

from ..models import SerialNumber
from .rank import living

MOST_PRODUCTS = 50  # with the words in their names, of which the actor's own are looked for


def search_products(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The products that are called so, of the subscriptions that the actor sees or of their own seats. Two queries."""
    told: list[dict[str, Any]]
    rows = Product.objects.filter(pk__in=products_named(typed, MOST_PRODUCTS)).order_by("name", "code")
    if len(actors) == 1:  # without the customers in between: their query takes longer to be written than to be answered
        here = actors[0].customer_id
        found = rows.filter(_had(actors, on, customer=here, product=OuterRef("pk"))).values_list("name", "code")[:limit]
        told = [{"customer": here, "name": name, "code": code} for name, code in found]
    else:
        among = Organisation.objects.filter(pk__in=[actor.customer_id for actor in actors])
        had = _had(actors, on, customer=OuterRef("pk"), product=OuterRef(OuterRef("pk")))
        every = rows.annotate(where=ArraySubquery(among.filter(had).values("pk"))).values_list("name", "code", "where")
        told = [{"customer": pk, "name": name, "code": code} for name, code, at in every for pk in at]
    return [
        Hit(row["customer"], row["name"], _("Seats, and who has them"), "product_seats", {"code": row["code"]})
        for row in each_at_most(told, "customer", limit)
    ]


def _had(actors: Sequence[Actor], on: date, *, customer: Any, product: Any) -> Any:
    """Whether a customer has the product: under what one of the actors sees, or as a seat of their own."""
    here = Subscription.objects.filter(not_cancelled(on), organisation_id=customer, product_id=product)
    own = living().filter(
        organisation_id=customer,
        membership_id__in=[actor.member_id for actor in actors],
        subscription__product_id=product,
    )
    return Exists(own) | Exists(any_of(within(actor, Can.SEE_PRODUCTS, here) for actor in actors))


def search_serials(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The serial numbers that begin so, each with its subscription. Two queries, three over several customers."""
    customers = [actor.customer_id for actor in actors]
    seen = [within(actor, Can.SEE_CONTRACTS, SerialNumber.objects.all(), "subscription__contract_id") for actor in actors]
    rows = any_of(seen).values("pk", "organisation_id", "number", "version", "subscription_id")
    ways = [beginning(rows, "number", start) for start in typed.numbers]
    found = first_of(rows, ways, "number", limit, customers)
    if not found:
        return []
    # asked apart: joined to the numbers, all of them would be gone through
    lines = Subscription.objects.filter(organisation_id__in=customers, pk__in={row["subscription_id"] for row in found})
    of = {pk: told for pk, *told in lines.values_list("pk", "product__name", "number")}
    hits = []
    for row in found:
        name, number = of[row["subscription_id"]]
        about = " · ".join(part for part in (name, row["version"], number) if part)
        hits.append(Hit(row["organisation_id"], row["number"], about, "subscription", {"number": number}))
    return hits


PRODUCTS = SearchPart(
    "products", "package", gettext_lazy("Products"), gettext_lazy("products by name"), Can.SEE_PRODUCTS, search_products
)
SERIALS = SearchPart(
    "serial_numbers",
    "key",
    gettext_lazy("Serial numbers"),
    gettext_lazy("serial numbers by how they begin"),
    Can.SEE_CONTRACTS,
    search_serials,
)
