"""The only code that writes products and prices."""

from collections.abc import Iterable

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing

from .models import Price, Product


@step
def import_products(products: Iterable[Product]) -> Added:
    """Add the products that are not here yet, by code."""
    return add_missing(Product, ["code"], products)


@step
def import_prices(prices: Iterable[Price]) -> Added:
    """Add the prices that are not here yet, by product, term, currency and first day."""
    return add_missing(Price, ["product_id", "term", "currency", "valid_from"], prices)
