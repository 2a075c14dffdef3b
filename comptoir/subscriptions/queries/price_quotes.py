"""Reads of price quotes. The actor comes first and is the first filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import members_by_id
from comptoir.permissions import Can

from ..models import Order, PriceQuote
from ..rules.basket import Wish
from ..rules.prices import PriceKind, UnitPrice
from .basket import PurchasePreview, preview_purchase

SHOWN = 100  # the newest


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price quote as a page shows it. `state` is open, accepted or expired."""

    quote: PriceQuote
    maker: Membership | None
    state: str
    products: Sequence[str]
    seats: int


def price_quotes(actor: Actor, on: date) -> list[Quoted]:
    """The newest price quotes that the actor may see. Three queries."""
    rows = within(actor, Can.SEE_PRICE_QUOTES, PriceQuote.objects.all()).select_related("order", "contract")
    found = list(rows.prefetch_related("lines__product").order_by("-id")[:SHOWN])
    people = members_by_id(actor, {row.made_by_id for row in found})
    return [_quoted(row, people.get(row.made_by_id), on) for row in found]


def price_quote_of(actor: Actor, number: str, on: date) -> Quoted:
    """One of them. Raises PriceQuote.DoesNotExist."""
    rows = within(actor, Can.SEE_PRICE_QUOTES, PriceQuote.objects.all()).select_related("order", "contract", "organisation")
    row = rows.prefetch_related("lines__product").get(number=number)
    return _quoted(row, members_by_id(actor, [row.made_by_id]).get(row.made_by_id), on)


def _quoted(row: PriceQuote, maker: Membership | None, on: date) -> Quoted:
    lines = sorted(row.lines.all(), key=lambda line: line.position)
    return Quoted(row, maker, state_of(row, on), [line.product.name for line in lines], sum(line.seats for line in lines))


def state_of(row: PriceQuote, on: date) -> str:
    """Where it stands: accepted by an order that has not failed; expired after its last day; else open."""
    if row.order is not None and row.order.state != Order.State.FAILED:
        return "accepted"
    return "expired" if on > row.expires_on else "open"


def refuse_unless_open(row: PriceQuote, on: date) -> None:
    """Raises Refused `price_quote_accepted` or `price_quote_expired`."""
    state = state_of(row, on)
    if state == "accepted":
        raise Refused("price_quote_accepted", params={"order": row.order.number if row.order else ""})
    if state == "expired":
        raise Refused("price_quote_expired", params={"on": row.expires_on})


def preview_quoted(row: PriceQuote, on: date) -> PurchasePreview:
    """What accepting it on that day would charge: its prices, the tax of the day."""
    lines = sorted(row.lines.select_related("product"), key=lambda line: line.position)
    wishes = [Wish(line.product.code, Term(line.term), line.seats) for line in lines]
    agreed = [UnitPrice(line.unit_price, PriceKind.NEW, line.list_price, line.promotion) for line in lines]
    return preview_purchase(row.organisation, wishes, on, agreed=agreed)
