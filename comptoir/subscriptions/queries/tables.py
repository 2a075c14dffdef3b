"""The lists as files: the rows of each page, all of them, under columns that are never renamed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from comptoir.contracts.queries import page_of_contracts
from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import MANY, Place, every

from ..models import Subscription
from .any_day import DayTold
from .charges import every_charge
from .detail import priced
from .figures import UnderContract, under_contracts
from .lists import Wanted, page_of_subscriptions
from .orders import page_of_orders
from .spending import spending_of

Rows = Iterator[Mapping[str, Any]]
CONTRACTS = ("contract", "plan", "channel", "reseller", "support", "started_on", "subscriptions", "seats", "next_renewal_on")
SUBSCRIPTIONS = (
    *("subscription", "contract", "product", "term", "automatic_renewal", "state", "seats", "seats_used", "seats_at_renewal"),
    *("renews_on", "planned", "currency", "net_at_renewal"),
)
ORDERS = ("order", "verb", "product", "subscriptions", "seats", "ordered_on", "currency", "total", "state", "invoices")
CHARGES = ("on", "subscription", "contract", "product", "seats", "term", "automatic", "planned", "payment", "currency", "net")
SPENDING = ("month", "product", "currency", "net")
ANY_DAY = (
    *("on", "subscription", "contract", "product", "state", "seats", "seats_working", "seats_at_renewal", "term", "currency"),
    *("price", "invoice", "issued_on", "ordered_by", "net", "paid"),
)


def contract_rows(actor: Actor, words: str, on: date) -> Rows:
    """Every contract that is looked for, and what stands under it."""
    place = Place(size=MANY)
    while True:
        page = page_of_contracts(actor, words=words, place=place)
        under = under_contracts(actor, [row["id"] for row in page.rows], on)
        for row in page.rows:
            mine = under.get(row["id"], UnderContract())
            yield {
                "contract": row["number"],
                "plan": row["plan"],
                "channel": row["channel"],
                "reseller": row["reseller__name"],
                "support": row["support_level"],
                "started_on": row["started_on"],
                "subscriptions": mine.subscriptions,
                "seats": mine.seats,
                "next_renewal_on": mine.renews_on,
            }
        if not page.next:
            return
        place = Place(after=page.next, size=MANY)


def subscription_rows(actor: Actor, wanted: Wanted, on: date, currency: str) -> Rows:
    """Every subscription that is looked for; amounts where the actor may see them."""
    place = Place(size=MANY)
    while True:
        page = page_of_subscriptions(actor, replace(wanted, place=place), on)
        for row in priced(actor, page.rows, currency):
            yield {
                "subscription": row.number,
                "contract": row.contract,
                "product": row.product,
                "term": row.term,
                "automatic_renewal": row.automatic,
                "state": row.state.value,
                "seats": row.seats,
                "seats_used": row.use.taken,
                "seats_at_renewal": row.seats_at_renewal,
                "renews_on": row.renews_on,
                "planned": "; ".join(row.pending),
                "currency": currency if row.at_renewal else None,
                "net_at_renewal": row.at_renewal.decimal if row.at_renewal else None,
            }
        if not page.next:
            return
        place = Place(after=page.next, size=MANY)


def order_rows(actor: Actor, wanted: Mapping[str, str]) -> Rows:
    """Every order that is looked for, the newest first."""
    for row in every(lambda place: page_of_orders(actor, **wanted, place=place)):
        yield {
            "order": row.number,
            "verb": row.verb,
            "product": row.about,
            "subscriptions": row.subscriptions,
            "seats": row.seats,
            "ordered_on": row.ordered_on,
            "currency": row.total.currency,
            "total": row.total.decimal,
            "state": row.state,
            "invoices": " ".join(row.invoices),
        }


def charge_rows(actor: Actor, on: date, currency: str, contract_id: int | None) -> Rows:
    """Every charge of the twelve months, and every end; without `automatic` it is what renewing by hand would cost."""
    for charge in every_charge(actor, on, currency, contract_id):
        yield {
            "on": charge.on,
            "subscription": charge.number,
            "contract": charge.contract,
            "product": charge.product,
            "seats": charge.coming.seats,
            "term": charge.term,
            "automatic": charge.automatic,
            "planned": charge.planned,
            "payment": charge.method_word,
            "currency": currency,
            "net": charge.net.decimal if charge.net else None,
        }


def spending_rows(actor: Actor, on: date, currency: str, contract_id: int | None) -> Rows:
    """What was spent on each product in each of the twelve months, where there was anything."""
    found = spending_of(actor, on, currency, contract_id, apart=None)
    for nth, month in enumerate(found.months):
        for each in found.products:
            if each.by_month[nth].minor:
                yield {"month": month, "product": each.product, "currency": currency, "net": each.by_month[nth].decimal}


def any_day_rows(subscription: Subscription, told: DayTold | None) -> Rows:
    """The day, once for each invoice and credit note of before; none before the subscription began."""
    if told is None:
        return
    day = {
        "on": told.on,
        "subscription": subscription.number,
        "contract": subscription.contract.number,
        "product": subscription.product.name,
        "state": told.day.state.value,
        "seats": told.day.seats,
        "seats_working": told.day.seats_working,
        "seats_at_renewal": told.day.seats_at_renewal,
        "term": told.day.term.value,
        "currency": subscription.organisation.currency,
        "price": told.price.decimal if told.price else None,
    }
    for each in told.payments:
        paid = {"issued_on": each.issued_on, "ordered_by": each.by, "net": each.net.decimal, "paid": each.paid}
        yield {**day, "invoice": each.number, **paid}
    if not told.payments:
        yield {**day, **dict.fromkeys(ANY_DAY[-5:])}
