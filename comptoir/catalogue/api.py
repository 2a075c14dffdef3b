"""The API of the catalogue: open to everybody, without a token. Answers may be kept for some minutes."""

from datetime import date
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema

from comptoir.kernel.api import PUBLIC_PROBLEMS, Limit, public_operation
from comptoir.kernel.countries import currency_of, is_country
from comptoir.kernel.cursors import place_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place

from . import queries
from .queries import OffersIn, Sheet, Visitor, Wanted

router = Router(tags=["Catalogue"])
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["280.00"])]
TermCode = Literal["month", "year", "3years"]
Country = Annotated[str, Query(pattern="^([A-Z]{2})?$", description="Two letters of ISO 3166; empty: the vendor's own.")]
Currency = Annotated[str, Query(pattern="^([A-Z]{3})?$", description="Three letters of ISO 4217; empty: all that there are.")]
Words = Annotated[str, Query(max_length=100)]


class ComparedOut(Schema):
    """What the same months cost by the next shorter term: one bought new, the others renewed in time; `saved` null: nothing."""

    term: TermCode
    times: int
    total: Amount
    saved: Amount | None


class PriceOut(Schema):
    """One seat for one term, without tax; `renewal_price` null: not renewed. `per_month` is the new price over its months."""

    currency: str
    term: TermCode
    new_price: Amount
    renewal_price: Amount | None
    per_month: Amount
    compared: ComparedOut | None


class PromotionOut(Schema):
    """A promotion that needs no code; `until` is its last day."""

    label: str
    until: date


class ProductRow(Schema):
    """A product that is sold, in the language of `Accept-Language`; without prices it can't be bought by oneself."""

    code: str
    name: str
    family: str
    kind: str
    summary: str
    platforms: list[str]
    prices: list[PriceOut]
    promotions: list[PromotionOut]


class ProductPage(Schema):
    """One page of the catalogue; `next` is the cursor of the page after, or null."""

    items: list[ProductRow]
    next: str | None


class ProductOut(ProductRow):
    """One product whole. `why_not` tells why it can't be bought in that country, and whom to ask; empty: it can."""

    sold: bool
    description: list[str]
    features: list[str]
    why_not: list[str]


@router.get("/catalogue", response={200: ProductPage, **PUBLIC_PROBLEMS}, operation_id="public_catalogue", auth=None)
@public_operation
def catalogue(
    request: GateRequest,
    q: Words = "",
    family: Words = "",
    kind: Literal["", "desktop", "cloud", "suite"] = "",
    platform: Literal["", "windows", "macos", "linux", "web"] = "",
    currency: Currency = "",
    country: Country = "",
    limit: Limit = PAGE_SIZE,
    cursor: str = "",
) -> ProductPage:
    """What is sold, by name, with its prices per currency and term. `q` holds words to look for."""
    place_of(cursor, (str, int))
    visitor = _visitor(request, country)
    page = queries.page_of_catalogue(visitor, Wanted(q, family, kind, platform), Place(after=cursor), size=limit)
    offers = queries.offers_in([sheet.product.pk for sheet in page.rows], visitor.on, currency)
    items = [ProductRow(**_row(sheet, offers[sheet.product.pk])) for sheet in page.rows]
    return ProductPage(items=items, next=page.next or None)


@router.get("/catalogue/{code}", response={200: ProductOut, **PUBLIC_PROBLEMS}, operation_id="public_product", auth=None)
@public_operation
def product(request: GateRequest, code: str, currency: Currency = "", country: Country = "") -> ProductOut:
    """One product, also one that is no longer sold."""
    visitor = _visitor(request, country)
    sheet = queries.sheet(visitor, code)
    offers = queries.offers_in([sheet.product.pk] if sheet.sold else [], visitor.on, currency)
    return ProductOut(
        **_row(sheet, offers.get(sheet.product.pk, [])),
        sold=sheet.sold,
        description=list(sheet.description),
        features=list(sheet.features),
        why_not=[told.words for told in sheet.reasons],
    )


def _visitor(request: GateRequest, country: str) -> Visitor:
    chosen = country or settings.VENDOR.country
    if not is_country(chosen):
        raise Refused("country_unknown", params={"country": country}, field="country", status=422)
    language = get_language() or settings.LANGUAGE_CODE
    return Visitor(chosen, currency_of(chosen, request.today), language, request.today)


def _row(sheet: Sheet, offers: list[OffersIn]) -> dict[str, Any]:
    return {
        "code": sheet.product.code,
        "name": sheet.product.name,
        "family": sheet.product.family,
        "kind": sheet.product.kind,
        "summary": sheet.summary,
        "platforms": list(sheet.platforms),
        "prices": [price for each in offers for price in _prices(each)],
        "promotions": [PromotionOut(label=each.label, until=each.until) for each in sheet.promotions],
    }


def _prices(found: OffersIn) -> list[PriceOut]:
    return [
        PriceOut(
            currency=found.currency,
            term=offer.term.value,
            new_price=str(offer.new),
            renewal_price=None if offer.renewal is None else str(offer.renewal),
            per_month=str(offer.monthly),
            compared=None
            if offer.shorter is None
            else ComparedOut(
                term=offer.shorter.value,
                times=offer.times,
                total=str(offer.shorter_total),
                saved=None if offer.saved is None else str(offer.saved),
            ),
        )
        for offer in found.offers
    ]
