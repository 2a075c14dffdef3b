"""The only code that writes products, prices, what is said of them, promotions and terms of sale."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import Added, add_missing
from comptoir.kernel.calendar import Term
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from .models import Price, Product, ProductPlatform, ProductText, Promotion, Terms, TermsText
from .queries import prices_of, valid_on
from .rules import NewLine, refuse_wrong_line


@step
def import_products(products: Iterable[Product]) -> Added:
    """Add the products that are not here yet, by code."""
    return add_missing(Product, ["code"], products)


@step
def import_prices(prices: Iterable[Price]) -> Added:
    """Add the prices that are not here yet, by product, term, currency and first day."""
    return add_missing(Price, ["product_id", "term", "currency", "valid_from"], prices)


@action(Can.FILL_SANDBOX)
def fill_sandbox_catalogue(
    actor: Actor,
    house: House,
    *,
    products: Mapping[str, Mapping[str, Any]],
    promotions: Sequence[Mapping[str, Any]],
    terms: Sequence[Mapping[str, Any]],
) -> House:
    """Give the demo's products texts and platforms, and the sandbox promotions and terms of sale. What is there stays."""
    ids = dict(Product.objects.filter(code__in=products).values_list("code", "pk"))
    known = {code: told for code, told in products.items() if code in ids}
    texts = [
        ProductText(product_id=ids[code], language=language, **{part: text.strip() for part, text in told[language].items()})
        for code, told in known.items()
        for language in ("en", "fr")
    ]
    platforms = [
        ProductPlatform(product_id=ids[code], platform=name) for code, told in known.items() for name in told["platforms"]
    ]
    add_missing(ProductText, ["product_id", "language"], texts)
    add_missing(ProductPlatform, ["product_id", "platform"], platforms)
    add_missing(Promotion, ["label_en"], (_promotion(told, ids) for told in promotions))
    _add_terms(terms)
    record(Events.SANDBOX_FILLED, house, products=len(known), promotions=len(promotions))
    return house


def _promotion(told: Mapping[str, Any], ids: Mapping[str, int]) -> Promotion:
    plain = {name: value for name, value in told.items() if name not in {"product", "en", "fr"}}
    product = told.get("product")
    return Promotion(product_id=ids.get(product) if product else None, label_en=told["en"], label_fr=told["fr"], **plain)


def _add_terms(versions: Sequence[Mapping[str, Any]]) -> None:
    rows = add_missing(Terms, ["version"], (Terms(version=one["version"], valid_from=one["valid_from"]) for one in versions))
    texts = [
        TermsText(terms_id=rows.ids[(one["version"],)], language=language, text=one[language].strip())
        for one in versions
        for language in ("en", "fr")
    ]
    add_missing(TermsText, ["terms_id", "language"], texts)


@action(Can.SET_PRICE, step_up=True)
def set_price(
    actor: Actor,
    product: Product,
    *,
    term: str,
    currency: str,
    new_minor: int | None,
    renewal_minor: int | None,
    valid_from: date,
    on: date,
) -> Price:
    """Write a line of the price book: both prices of a seat, in minor units, from a day on.

    Raises Refused `price_needs_an_amount`, `price_in_the_past`, `price_of_month_differs`, `price_day_taken` and
    `renewal_price_needs_lead` (rules 2).
    """
    pages = prices_of(product.pk, Term(term), currency)
    before = valid_on(pages, valid_from)
    line = NewLine(Term(term), new_minor, renewal_minor, valid_from)
    refuse_wrong_line(line, before.renewal_minor if before else None, [page.valid_from for page in pages], on)
    told = {"new_minor": new_minor, "renewal_minor": renewal_minor, "valid_from": valid_from}
    price = Price.objects.create(product=product, term=term, currency=currency, **told)
    told_of: dict[str, Any] = {"term": term, "new": price.new or "", "renewal": price.renewal or "", "since": valid_from}
    record(Events.PRICE_SET, product, on=on, code=product.code, currency=currency, **told_of)
    return price


SET_AT_DESK = ("status", "self_service", "home_use", "sharing")


@action(Can.SET_PRODUCT)
def set_product(
    actor: Actor,
    product: Product,
    *,
    status: str,
    self_service: bool,
    home_use: bool | None = None,
    sharing: str = "",
    on: date,
) -> Product:
    """Say whether a product is still sold, whether customers manage it themselves, and what home use needs (rules 9).

    `home_use` None and an empty `sharing` leave those as they are.
    """
    before = {f"{name}_before": getattr(product, name) for name in SET_AT_DESK}
    product.status, product.self_service = status, self_service
    product.home_use = product.home_use if home_use is None else home_use
    product.sharing = sharing or product.sharing
    product.save(update_fields=SET_AT_DESK)
    now: dict[str, Any] = {name: getattr(product, name) for name in SET_AT_DESK}
    record(Events.PRODUCT_SET, product, on=on, code=product.code, **now, **before)
    return product
