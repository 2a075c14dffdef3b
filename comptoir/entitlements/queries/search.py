"""Products with their seats, and serial numbers, looked for by name and by how the number begins."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.catalogue.models import Product
from comptoir.catalogue.queries import products_named
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed, beginning, first_of
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled
from comptoir.ui.ports import Hit, SearchPart

from ..models import SerialNumber
from .rank import living

MOST_PRODUCTS = 50  # with the words in their names, of which the actor's own are looked for


def search_products(actor: Actor, typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The products that are called so, of the subscriptions that the actor sees or of their own seats. Two queries."""
    named = products_named(typed, MOST_PRODUCTS)
    here = Subscription.objects.filter(not_cancelled(on), product_id=OuterRef("pk"))
    seen = within(actor, Can.SEE_PRODUCTS, here)
    own = living().filter(
        organisation_id=actor.customer_id, membership_id=actor.member_id, subscription__product_id=OuterRef("pk")
    )
    rows = Product.objects.filter(pk__in=named).filter(Exists(own) | Exists(seen)).order_by("name", "code")
    return [
        Hit(name, _("Seats, and who has them"), "product_seats", {"code": code})
        for name, code in rows.values_list("name", "code")[:limit]
    ]


def search_serials(actor: Actor, typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The serial numbers that begin so, each with its subscription. Two queries."""
    rows = within(actor, Can.SEE_CONTRACTS, SerialNumber.objects.all(), "subscription__contract_id")
    fields = ("number", "version", "subscription_id")
    found = first_of([beginning(rows.values(*fields), "number", start) for start in typed.numbers], "number", limit)
    if not found:
        return []
    # asked apart: joined to the numbers, all of them would be gone through
    lines = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in={row["subscription_id"] for row in found})
    of = {pk: told for pk, *told in lines.values_list("pk", "product__name", "number")}
    hits = []
    for row in found:
        name, number = of[row["subscription_id"]]
        about = " · ".join(part for part in (name, row["version"], number) if part)
        hits.append(Hit(row["number"], about, "subscription", {"number": number}))
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
