"""Subscriptions, orders and price quotes, looked for by how their numbers begin; subscriptions by product as well."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comptoir.catalogue.queries import products_named
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.searching import Typed, any_of, beginning, first_of
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart
from comptoir.ui.templatetags.ui import day, money, number

from ..models import PriceQuote
from .lists import seen
from .orders import order_state_words, seen_orders, verb_words


def search_subscriptions(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The subscriptions whose number begins so, then those of products that are called so. Two queries, three over several."""
    fields = ("pk", "organisation_id", "number", "seats_now", "renews_on", "ended_on")
    rows = any_of(seen(actor) for actor in actors).values(*fields, name=F("product__name"))
    named = products_named(typed, limit)
    ways = [beginning(rows, "number", start) for start in typed.numbers]
    # product by product: each is read from an index and stops at the limit
    ways += [rows.filter(product_id=pk).order_by("number") for pk in named]
    told = []
    for row in first_of(rows, ways, "number", limit, [actor.customer_id for actor in actors]):
        seats = ngettext("%(n)s seat", "%(n)s seats", row["seats_now"]) % {"n": number(row["seats_now"])}
        ended = row["ended_on"] is not None and row["ended_on"] <= on
        until = _("returned") if ended else _("renewal date %(day)s") % {"day": day(row["renews_on"])}
        about = f"{row['number']} · {seats} · {until}"
        told.append(Hit(row["organisation_id"], row["name"], about, "subscription", {"number": row["number"]}))
    return told


def search_orders(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The orders whose number begins so. One query, two over several customers."""
    fields = ("pk", "organisation_id", "number", "verb", "ordered_on", "state", "total_minor", "currency")
    rows = any_of(seen_orders(actor) for actor in actors).values(*fields)
    ways = [beginning(rows, "number", start) for start in typed.numbers]
    found = first_of(rows, ways, "number", limit, [actor.customer_id for actor in actors])
    verbs, states = verb_words(), order_state_words()
    return [
        Hit(
            row["organisation_id"],
            row["number"],
            f"{verbs.get(row['verb'], row['verb'])} · {day(row['ordered_on'])} · "
            f"{money(Money(row['total_minor'], row['currency']))} · {states[row['state']]}",
            "order",
            {"number": row["number"]},
        )
        for row in found
    ]


def search_price_quotes(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The price quotes whose number begins so. One query, two over several customers."""
    rows = any_of(within(actor, Can.SEE_PRICE_QUOTES, PriceQuote.objects.all()) for actor in actors).values(
        "pk", "organisation_id", "number", "made_on", "expires_on"
    )
    ways = [beginning(rows, "number", start) for start in typed.numbers]
    found = first_of(rows, ways, "number", limit, [actor.customer_id for actor in actors])
    return [
        Hit(
            row["organisation_id"],
            row["number"],
            _("made on %(made)s, good until %(until)s") % {"made": day(row["made_on"]), "until": day(row["expires_on"])},
            "price_quote",
            {"number": row["number"]},
        )
        for row in found
    ]


SUBSCRIPTIONS = SearchPart(
    "subscriptions",
    "refresh",
    gettext_lazy("Subscriptions"),
    gettext_lazy("subscriptions by number or product"),
    Can.SEE_CONTRACTS,
    search_subscriptions,
)
ORDERS = SearchPart(
    "orders", "shopping-cart", gettext_lazy("Orders"), gettext_lazy("orders by number"), Can.SEE_PRICES, search_orders
)
PRICE_QUOTES = SearchPart(
    "price_quotes",
    "coins",
    gettext_lazy("Price quotes"),
    gettext_lazy("price quotes by number"),
    Can.SEE_PRICE_QUOTES,
    search_price_quotes,
)
