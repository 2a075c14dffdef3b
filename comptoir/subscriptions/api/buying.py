"""Buying, asking to buy, price quotes, and the catalogue as one customer sees it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.billing.rules.tax import percent_text
from comptoir.catalogue.queries import Visitor, Wanted, page_of_catalogue
from comptoir.kernel.api import PROBLEMS, Limit, Text, operation
from comptoir.kernel.asking import ask
from comptoir.kernel.calendar import Term
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.kernel.ports import not_allowed
from comptoir.permissions import Can, Permission

from ..actions.buying import buy
from ..actions.price_quotes import accept_price_quote, make_price_quote
from ..queries.basket import PurchasePreview, preview_purchase
from ..queries.buying import Counter, counter_of
from ..queries.orders import order_of
from ..queries.price_quotes import Quoted, preview_quoted, price_quote_of, price_quotes
from ..queries.requests import request_of
from ..rules import MOST_SEATS_AT_ONCE
from ..rules.basket import MOST_WISHES, Wish, merged
from .orders import Amount, Line, OrderOut, line_out, order_out
from .plans import Id
from .plans import Term as TermCode
from .requests import RequestOut, request_out
from .seats import day_of, refuse_without_prices

if TYPE_CHECKING:
    from comptoir.contracts.models import Contract
    from comptoir.organisations.models import Organisation

router = Router(tags=["Buying"])


class TermOut(Schema):
    """What one seat costs for a term, without tax; `renewal_price` null: not renewed at a price of its own."""

    term: TermCode
    new_price: Amount
    renewal_price: Amount | None


class CatalogueRow(Schema):
    """A product that is sold, in the customer's currency. Without `terms` there is no price in it."""

    code: str
    name: str
    family: str
    kind: str
    summary: str
    platforms: list[str]
    terms: list[TermOut]
    promotions: list[str]


class CataloguePage(Schema):
    """One page of the catalogue; `next` is the cursor of the page after, or null."""

    currency: str
    items: list[CatalogueRow]
    next: str | None


class BasketLineBody(Schema):
    """Seats of a product for a term."""

    model_config = ConfigDict(extra="forbid")
    product: Annotated[Text, Field(min_length=1, max_length=100)]
    term: TermCode
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS_AT_ONCE, strict=True)]


class BasketBody(Schema):
    """What to buy: under a contract, or (none) under a new one; `code` of a promotion; `on` is for sandboxes."""

    model_config = ConfigDict(extra="forbid")
    wishes: Annotated[list[BasketLineBody], Field(min_length=1, max_length=MOST_WISHES)]
    contract: Annotated[Text, Field(max_length=100)] = ""
    code: Annotated[Text, Field(max_length=40)] = ""
    on: date | None = None


class PayOrderBody(Schema):
    """How it is paid (`paid_with`: the id of a method; null: on invoice), and the version of the terms that is accepted."""

    model_config = ConfigDict(extra="forbid")
    po_number: Annotated[Text, Field(max_length=100)] = ""
    terms_version: Annotated[Text, Field(max_length=100)] = ""
    paid_with: Id | None = None
    quote: Annotated[Text, Field(max_length=80)] | None = None


class BuyBody(BasketBody, PayOrderBody):
    """What to buy, and how. `quote` from a preview makes sure that the price is the one that was seen."""


class AcceptBody(PayOrderBody):
    """How the quoted is paid."""

    on: date | None = None


class AskToBuyBody(BasketBody):
    """What somebody else should buy, and why."""

    reason: Annotated[Text, Field(max_length=500)] = ""


class PurchaseLine(Line):
    """A line of a purchase; `list_price` is the unit price before the promotion of that name."""

    product: str
    term: TermCode
    list_price: Amount | None
    promotion: str


class PurchasePreviewOut(Schema):
    """What buying would charge and leave behind. Nothing has changed."""

    on: date
    currency: str
    lines: list[PurchaseLine]
    net: Amount
    tax: Amount
    tax_rate_percent: Amount
    tax_treatment: str
    total: Amount
    quote: str


class PriceQuoteOut(Schema):
    """A price quote; `state` is open, accepted or expired."""

    number: str
    state: str
    contract: str | None
    made_on: date
    expires_on: date
    order: str | None


class PriceQuoteDetail(PriceQuoteOut):
    """One price quote with what accepting it today would charge."""

    preview: PurchasePreviewOut


@router.get("/customers/{customer}/catalogue", response={200: CataloguePage, **PROBLEMS}, operation_id="catalogue")
@operation(Can.SEE_HOME)
def catalogue(request: GateRequest, customer: str, q: str = "", cursor: str = "", limit: Limit = PAGE_SIZE) -> CataloguePage:
    """What is sold, by name, with prices in the customer's currency: the price book is public. `q` holds words to look for."""
    place_of(cursor, (str, int))
    found = request.customer
    visitor = Visitor(found.country, found.currency, "en", request.today)
    page = page_of_catalogue(visitor, Wanted(words=q[:100]), Place(after=cursor), size=limit)
    items = [
        CatalogueRow(
            code=sheet.product.code,
            name=sheet.product.name,
            family=sheet.product.family,
            kind=sheet.product.kind,
            summary=sheet.summary,
            platforms=list(sheet.platforms),
            terms=[
                TermOut(term=each.term.value, new_price=str(each.new), renewal_price=str(each.renewal) if each.renewal else None)
                for each in sheet.offers
            ],
            promotions=[each.label for each in sheet.promotions],
        )
        for sheet in page.rows
    ]
    return CataloguePage(currency=found.currency, items=items, next=page.next or None)


@router.post(
    "/customers/{customer}/purchases/preview", response={200: PurchasePreviewOut, **PROBLEMS}, operation_id="preview_purchase"
)
@operation(Can.BUY)
def preview(request: GateRequest, customer: str, body: BasketBody) -> PurchasePreviewOut:
    """What it would cost."""
    counter = _counter(request, Can.BUY)
    counter.under(body.contract or counter.first)
    found = preview_purchase(counter.organisation, _merged(body), day_of(request, body.on), code=body.code)
    return _preview(found)


@router.post("/customers/{customer}/purchases", response={201: OrderOut, **PROBLEMS}, operation_id="buy")
@operation(Can.BUY)
def purchase(request: GateRequest, customer: str, body: BuyBody) -> Status[OrderOut]:
    """Buy. Send an `Idempotency-Key` so that sending it again does not buy again."""
    order = buy(
        request.actor,
        _under(request, body.contract, Can.BUY),
        wishes=_wishes(body),
        code=body.code,
        po_number=body.po_number,
        terms_version=body.terms_version,
        paid_with=body.paid_with,
        on=day_of(request, body.on),
        quote=body.quote,
    )
    return Status(201, order_out(order_of(request.actor, order.number)))


@router.post("/customers/{customer}/purchases/requests", response={201: RequestOut, **PROBLEMS}, operation_id="ask_to_buy")
@operation(Can.ASK)
def ask_to_buy(request: GateRequest, customer: str, body: AskToBuyBody) -> Status[RequestOut]:
    """Ask somebody who may."""
    counter = counter_of(request.actor)
    asked = ask(
        request.actor,
        counter.under(body.contract or counter.first),
        verb=buy.verb,  # type: ignore[attr-defined]
        arguments={"wishes": _wishes(body), "code": body.code},
        reason=body.reason,
        on=day_of(request, body.on),
    )
    return Status(201, request_out(request_of(request.actor, asked.pk)))


@router.get("/customers/{customer}/quotes", response={200: list[PriceQuoteOut], **PROBLEMS}, operation_id="price_quotes")
@operation(Can.SEE_PRICE_QUOTES)
def quotes(request: GateRequest, customer: str) -> list[PriceQuoteOut]:
    """The newest 100 price quotes."""
    return [PriceQuoteOut(**_quoted(each)) for each in price_quotes(request.actor, request.today)]


@router.post("/customers/{customer}/quotes", response={201: PriceQuoteDetail, **PROBLEMS}, operation_id="make_price_quote")
@operation(Can.MAKE_PRICE_QUOTE)
def make_quote(request: GateRequest, customer: str, body: BasketBody) -> Status[PriceQuoteDetail]:
    """Keep the prices that the wishes have today."""
    under, on = _under(request, body.contract, Can.MAKE_PRICE_QUOTE), day_of(request, body.on)
    made = make_price_quote(request.actor, under, wishes=_wishes(body), code=body.code, on=on)
    return Status(201, _detail(request, made.number, on))


@router.get("/customers/{customer}/quotes/{number}", response={200: PriceQuoteDetail, **PROBLEMS}, operation_id="price_quote")
@operation(Can.SEE_PRICE_QUOTES)
def quote(request: GateRequest, customer: str, number: str) -> PriceQuoteDetail:
    """One of them."""
    return _detail(request, number, request.today)


@router.post(
    "/customers/{customer}/quotes/{number}/acceptance", response={201: OrderOut, **PROBLEMS}, operation_id="accept_price_quote"
)
@operation(Can.ACCEPT_PRICE_QUOTE)
def accept(request: GateRequest, customer: str, number: str, body: AcceptBody) -> Status[OrderOut]:
    """Order what was quoted, at its prices."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    order = accept_price_quote(
        request.actor,
        price_quote_of(request.actor, number, on).quote,
        po_number=body.po_number,
        terms_version=body.terms_version,
        paid_with=body.paid_with,
        on=on,
        quote=body.quote,
    )
    return Status(201, order_out(order_of(request.actor, order.number)))


def _counter(request: GateRequest, can: Permission) -> Counter:
    """Where it may be bought. Raises Refused `not_allowed` for who may only ask."""
    refuse_without_prices(request.actor)
    counter = counter_of(request.actor, can)
    if counter.asks:
        raise not_allowed(request.actor, can)
    return counter


def _under(request: GateRequest, contract: str, can: Permission) -> "Organisation | Contract":
    """The contract that is named, or the customer for a new one. Raises as `_counter`, and Contract.DoesNotExist."""
    counter = _counter(request, can)
    return counter.under(contract or counter.first)


def _merged(body: BasketBody) -> tuple[Wish, ...]:
    return merged(Wish(each.product, Term(each.term), each.seats) for each in body.wishes)


def _wishes(body: BasketBody) -> list[list[str | int]]:
    return [[wish.product, wish.term.value, wish.seats] for wish in _merged(body)]


def _preview(found: PurchasePreview) -> PurchasePreviewOut:
    basis_points = found.treatment.rate_basis_points
    lines = [
        PurchaseLine(
            **line_out(priced.plan.line).dict(),
            product=priced.product.code,
            term=priced.wish.term.value,
            list_price=None if priced.plan.line.list_price is None else str(priced.plan.line.list_price),
            promotion=priced.plan.line.promotion,
        )
        for priced in found.lines
    ]
    return PurchasePreviewOut(
        on=found.on,
        currency=found.totals.net.currency,
        lines=lines,
        net=str(found.totals.net),
        tax=str(found.totals.tax),
        tax_rate_percent=percent_text(basis_points),
        tax_treatment=found.treatment.code,
        total=str(found.totals.total),
        quote=found.quote,
    )


def _quoted(found: Quoted) -> dict[str, Any]:
    row = found.quote
    return {
        "number": row.number,
        "state": found.state,
        "contract": row.contract.number if row.contract else None,
        "made_on": row.made_on,
        "expires_on": row.expires_on,
        "order": row.order.number if row.order else None,
    }


def _detail(request: GateRequest, number: str, on: date) -> PriceQuoteDetail:
    refuse_without_prices(request.actor)
    found = price_quote_of(request.actor, number, on)
    return PriceQuoteDetail(**_quoted(found), preview=_preview(preview_quoted(found.quote, on)))
