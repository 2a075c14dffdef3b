"""Reads of products, the price book, promotions and terms of sale. All of it is public."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.paging import PAGE_SIZE, Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.refusals import Told, tell
from comptoir.kernel.searching import Typed

from .models import Price, Product, ProductPlatform, ProductText, Promotion, Terms
from .rules import Prices, TermOffer, cheapest_month, compare_terms


def prices_of(product_id: int, term: Term, currency: str) -> list[Price]:
    """The pages of the price book for one thing to buy, the latest first."""
    return _PRICES.all(product=product_id, term=term.value, currency=currency)


_PRICES: Prepared[Price] = Prepared(
    lambda product, term, currency: Price.objects.filter(product_id=product, term=term, currency=currency).order_by(
        "-valid_from"
    ),
    product=int,
    term=str,
    currency=str,
)


def valid_on(prices: Iterable[Price], on: date) -> Price | None:
    """Of such pages the one valid on that day (rules 2), or None where the book has none."""
    return max((price for price in prices if price.valid_from <= on), key=lambda price: price.valid_from, default=None)


def product(code: str) -> Product:
    """One product by its code. Raises Product.DoesNotExist."""
    return Product.objects.get(code=code)


def products(codes: Iterable[str]) -> dict[str, Product]:
    """These products by code; what is not there is missing."""
    return {row.code: row for row in Product.objects.filter(code__in=set(codes))}


@dataclass(frozen=True, slots=True)
class Visitor:
    """For whom the catalogue is shown: prices and promotions follow the country, texts the language."""

    country: str
    currency: str
    language: str
    on: date
    customer: str = ""  # the name of the reader's only customer, whose prices are shown

    @property
    def served(self) -> bool:
        """Whether the vendor sells there by itself (rules 8)."""
        return self.country not in settings.COUNTRIES_NOT_SERVED


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor looks for. Every part may be missing."""

    words: str = ""
    family: str = ""
    kind: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class OpenPromotion:
    """A promotion that needs no code, as the visitor reads it; `until` is its last day."""

    label: str
    until: date


@dataclass(frozen=True, slots=True)
class Sheet:
    """A product as the catalogue shows it to one visitor."""

    product: Product
    summary: str
    description: tuple[str, ...]
    features: tuple[str, ...]
    platforms: tuple[str, ...]
    offers: tuple[TermOffer, ...]
    promotions: tuple[OpenPromotion, ...]
    reasons: tuple[Told, ...]  # why it can't be bought here, and whom to ask

    @property
    def sold(self) -> bool:
        """Whether it is sold at all: to somebody, somewhere."""
        return self.product.status == Product.Status.ACTIVE

    @property
    def from_month(self) -> Money | None:
        """The least that a seat costs a month."""
        return cheapest_month(self.offers)


def page_of_catalogue(visitor: Visitor, wanted: Wanted, place: Place, *, size: int = PAGE_SIZE) -> Page[Sheet]:
    """One page of what is sold, by name. Five queries, however many products."""
    page = page_of(_wanted(wanted).values("id", "name"), [Key("name", str), Key("id", int)], place, size=size)
    found = Product.objects.in_bulk([row["id"] for row in page.rows])
    sheets = _sheets(visitor, [found[row["id"]] for row in page.rows])
    return Page(sheets, previous=page.previous, next=page.next)


def sheet(visitor: Visitor, code: str) -> Sheet:
    """One product, also one that is no longer sold. Raises Product.DoesNotExist."""
    return _sheets(visitor, [product(code)])[0]


@dataclass(frozen=True, slots=True)
class OffersIn:
    """The terms of one product in one currency, the shortest first."""

    currency: str
    offers: tuple[TermOffer, ...]


def offers_in(ids: Sequence[int], on: date, currency: str = "") -> dict[int, list[OffersIn]]:
    """The prices of these products on that day, by currency; of one currency alone, if it is named. One query."""
    rows = Price.objects.filter(product__in=ids, valid_from__lte=on).order_by("valid_from")
    rows = rows.filter(currency=currency) if currency else rows
    books: dict[int, dict[str, dict[Term, Prices]]] = {pk: {} for pk in ids}
    for row in rows:  # later pages replace earlier ones
        books[row.product_id].setdefault(row.currency, {})[Term(row.term)] = Prices(row.new, row.renewal)
    return {
        pk: [OffersIn(code, offers) for code, book in sorted(by_currency.items()) if (offers := compare_terms(book))]
        for pk, by_currency in books.items()
    }


MOST_NAMES = 5000  # of products that a search reads


def products_named(typed: Typed, limit: int) -> dict[int, str]:
    """The products, also those no longer sold, with these words in name or code: names by id, in their order. One query."""
    rows = Product.objects.order_by("name", "code").values_list("pk", "name", "code")[:MOST_NAMES]
    return dict([(pk, name) for pk, name, code in rows if typed.within(f"{name} {code}")][:limit])


def families() -> list[str]:
    """The families of what is sold, by name."""
    rows = Product.objects.filter(status=Product.Status.ACTIVE).exclude(family="")
    return list(rows.order_by("family").values_list("family", flat=True).distinct())


def kind_words() -> dict[str, str]:
    """Each kind of product as people say it."""
    return {"desktop": _("Installed on a computer"), "cloud": _("Used in the browser"), "suite": _("Several products in one")}


def platform_words() -> dict[str, str]:
    """Each platform as people say it."""
    return {**dict(ProductPlatform.Platform.choices), "web": _("Web browser")}


def term_words() -> dict[str, str]:
    """Each term as people say it."""
    return {Term.MONTH: _("Monthly"), Term.YEAR: _("Yearly"), Term.THREE_YEARS: _("3-yearly")}


class TermsOfSale:
    """Fills `organisations.TermsOfSale`."""

    def current(self, on: date) -> str:
        """The version that holds on that day; empty where there is none."""
        found = Terms.objects.filter(valid_from__lte=on).order_by("-valid_from").values_list("version", flat=True).first()
        return found or ""


def current_terms(on: date) -> Terms | None:
    """The terms of sale that hold on that day, with their texts; None where the vendor has published none."""
    return Terms.objects.filter(valid_from__lte=on).order_by("-valid_from").prefetch_related("texts").first()


def terms_text(terms: Terms, language: str) -> str:
    """The terms in that language, or in English, or in whatever language there is."""
    texts = {row.language: row.text for row in terms.texts.all()}
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph of a text, or a heading in it."""

    text: str
    heading: bool


def parts_of(text: str) -> list[Part]:
    """The paragraphs of the terms of sale; one that starts with a number and a point is a heading."""
    return [Part(part, part.partition(".")[0].isdigit()) for part in _paragraphs(text)]


def promotions_on(on: date, product_ids: Iterable[int], *, country: str, code: str = "") -> list[Promotion]:
    """The promotions of that day for these products in that country: those that hold by themselves, and that of the code."""
    named = Q(code="") | (Q(code__iexact=code.strip()) if code.strip() else Q(pk=None))
    rows = Promotion.objects.filter(named, valid_from__lte=on, valid_to__gte=on)
    rows = rows.filter(Q(product=None) | Q(product__in=set(product_ids)), Q(country=None) | Q(country=country))
    return list(rows.order_by("id"))


def _wanted(wanted: Wanted) -> QuerySet[Product]:
    rows = Product.objects.filter(status=Product.Status.ACTIVE)
    for word in wanted.words.split()[:8]:
        said = ProductText.objects.filter(Q(summary__icontains=word) | Q(features__icontains=word), product=OuterRef("pk"))
        rows = rows.filter(Q(name__icontains=word) | Q(family__icontains=word) | Q(code__iexact=word) | Exists(said))
    if wanted.family:
        rows = rows.filter(family=wanted.family)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.platform:
        rows = rows.filter(Exists(ProductPlatform.objects.filter(product=OuterRef("pk"), platform=wanted.platform)))
    return rows


def _sheets(visitor: Visitor, found: Sequence[Product]) -> list[Sheet]:
    ids = [row.pk for row in found]
    texts: dict[int, dict[str, ProductText]] = {pk: {} for pk in ids}
    for text in ProductText.objects.filter(product__in=ids):
        texts[text.product_id][text.language] = text
    platforms: dict[int, list[str]] = {pk: [] for pk in ids}
    words = platform_words()
    for row in ProductPlatform.objects.filter(product__in=ids).order_by("id"):
        platforms[row.product_id].append(words[row.platform])
    book, promotions = _book(visitor, ids), promotions_on(visitor.on, ids, country=visitor.country)
    return [_sheet(visitor, row, texts[row.pk], platforms[row.pk], book[row.pk], promotions) for row in found]


def _sheet(
    visitor: Visitor,
    row: Product,
    texts: Mapping[str, ProductText],
    platforms: Sequence[str],
    book: Mapping[Term, Prices],
    promotions: Sequence[Promotion],
) -> Sheet:
    text = texts.get(visitor.language) or texts.get("en") or next(iter(texts.values()), None)
    sold = row.status == Product.Status.ACTIVE
    offers = compare_terms(book) if sold else ()
    terms = {offer.term for offer in offers}
    theirs = tuple(
        OpenPromotion(each.label(visitor.language), each.valid_to)
        for each in promotions
        if each.product_id in (None, row.pk)
        and (each.term is None or Term(each.term) in terms)
        and each.currency in ("", visitor.currency)
    )
    return Sheet(
        product=row,
        summary=text.summary if text else "",
        description=tuple(_paragraphs(text.description)) if text else (),
        features=tuple(text.features.splitlines()) if text else (),
        platforms=tuple(platforms),
        offers=offers,
        promotions=theirs if offers else (),
        reasons=tuple(_reasons(visitor, row, priced=bool(offers))),
    )


def _reasons(visitor: Visitor, row: Product, *, priced: bool) -> Iterable[Told]:
    # of rules 8, what does not depend on who buys, in its order
    if not visitor.served:
        yield tell(Refused("country_not_served", params={"country": visitor.country}))
    if row.status == Product.Status.RETIRED:
        yield tell(Refused("product_retired", params={"product": row.name}))
    elif not priced:
        yield tell(Refused("price_missing", params={"product": row.name}))


def _book(visitor: Visitor, ids: Sequence[int]) -> dict[int, dict[Term, Prices]]:
    rows = Price.objects.filter(product__in=ids, currency=visitor.currency, valid_from__lte=visitor.on).order_by("valid_from")
    book: dict[int, dict[Term, Prices]] = {pk: {} for pk in ids}
    for row in rows:  # later pages replace earlier ones
        book[row.product_id][Term(row.term)] = Prices(row.new, row.renewal)
    return book


def _paragraphs(text: str) -> Iterable[str]:
    return (" ".join(part.split()) for part in text.split("\n\n") if part.strip())
