"""Reads of products and the price book."""

from datetime import date

from comptoir.kernel.calendar import Term

from .models import Price, Product


def price_on(product_id: int, term: Term, currency: str, on: date) -> Price | None:
    """The price valid on that day (rules 2), or None where the book has none."""
    return (
        Price.objects.filter(product_id=product_id, term=term, currency=currency, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )


def product(code: str) -> Product:
    """One product by its code. Raises Product.DoesNotExist."""
    return Product.objects.get(code=code)
