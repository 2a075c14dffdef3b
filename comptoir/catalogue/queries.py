"""Reads of products and the price book."""

from collections.abc import Iterable
from datetime import date

from comptoir.kernel.calendar import Term

from .models import Price, Product


def prices_of(product_id: int, term: Term, currency: str) -> list[Price]:
    """The pages of the price book for one thing to buy, the latest first."""
    return list(Price.objects.filter(product_id=product_id, term=term, currency=currency).order_by("-valid_from"))


def valid_on(prices: Iterable[Price], on: date) -> Price | None:
    """Of such pages the one valid on that day (rules 2), or None where the book has none."""
    return max((price for price in prices if price.valid_from <= on), key=lambda price: price.valid_from, default=None)


def product(code: str) -> Product:
    """One product by its code. Raises Product.DoesNotExist."""
    return Product.objects.get(code=code)
