"""Products, prices, releases and resellers of an export."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.cutover.rules import layout
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.finding import shown
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.reading import Reading, usable_email
from comptoir.cutover.rules.rows import (
    PRODUCT_KINDS,
    PRODUCT_STATUSES,
    RELEASE_KINDS,
    TERMS,
    PriceRow,
    ProductRow,
    ReleaseRow,
    ResellerRow,
)

MOST_PREVIOUS_VERSIONS = 99


def judge_products(book: Book) -> tuple[Known, tuple[ProductRow, ...]]:
    """Products by code."""
    known = Known("product", layout.PRODUCTS, "code")

    def read(row: Reading) -> ProductRow:
        return ProductRow(
            file=row.file,
            line=row.line,
            code=row.key("code"),
            name=row.named("name"),
            family=row.text("family"),
            kind=row.choice("kind", PRODUCT_KINDS),
            status=row.choice("status", PRODUCT_STATUSES),
            self_service=row.flag("self_service"),
            home_use=row.flag("home_use"),
            previous_versions=row.integer("previous_versions", 0, MOST_PREVIOUS_VERSIONS),
        )

    return known, tuple(book.take_named(known, read).values())


def read_currency(row: Reading, exponents: Mapping[str, int]) -> str:
    """The currency's code; unknown ones are a fault."""
    currency = row.raw("currency").upper()
    if currency not in exponents:
        written = shown(row.raw("currency")) if currency else "empty"
        row.fault("unknown_currency", f"currency is {written}; write a code of ISO 4217, such as EUR, CHF or JPY.")
    return currency


def judge_prices(book: Book, products: Known, exponents: Mapping[str, int]) -> tuple[PriceRow, ...]:
    """Prices by product, term, currency and first day (rules 2). An empty price means that there is none."""

    def read(row: Reading) -> PriceRow:
        currency = read_currency(row, exponents)
        new, renewal = (row.price(column, exponents.get(currency, 2)) for column in ("new_price", "renewal_price"))
        if not row.raw("new_price") and not row.raw("renewal_price"):
            row.fault("missing_value", "new_price and renewal_price are both empty; at least one is needed.")
        return PriceRow(
            file=row.file,
            line=row.line,
            product_code=row.refer("product_code", products),
            term=row.choice("term", TERMS),
            currency=currency,
            new_price=new,
            renewal_price=renewal,
            valid_from=row.day("valid_from"),
        )

    known = Known("price", layout.PRICES)
    rows = book.take(known, read, lambda row: (row.product_code, row.term, row.currency, row.valid_from))
    return tuple(rows.values())


def judge_releases(book: Book, products: Known) -> tuple[ReleaseRow, ...]:
    """Releases by product and version."""

    def read(row: Reading) -> ReleaseRow:
        return ReleaseRow(
            file=row.file,
            line=row.line,
            product_code=row.refer("product_code", products),
            version=row.key("version"),
            kind=row.choice("kind", RELEASE_KINDS),
            released_on=row.day("released_on"),
            title=row.text("title"),
        )

    rows = book.take(Known("release", layout.RELEASES), read, lambda row: (row.product_code, row.version))
    return tuple(rows.values())


def judge_resellers(book: Book) -> tuple[Known, tuple[ResellerRow, ...]]:
    """Resellers by number. One whose e-mail cannot be used is imported without it."""
    known = Known("reseller", layout.RESELLERS, "reseller_number")

    def read(row: Reading) -> ResellerRow:
        email = row.raw("email").lower()
        if email and not usable_email(email):
            row.adjust("unusable_address", f"email {shown(row.raw('email'))} is no usable address; it was left out.")
            email = ""
        return ResellerRow(
            file=row.file,
            line=row.line,
            reseller_number=row.key("reseller_number"),
            name=row.named("name"),
            email=email,
            phone=row.text("phone", 64),
        )

    return known, tuple(book.take_named(known, read).values())
