"""What a basket costs: for a visitor without tax, for a customer to the last cent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.rules import TaxTreatment, Totals, totals
from comptoir.catalogue.models import Price, Product
from comptoir.catalogue.queries import products, promotions_on
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.organisations.models import Organisation
from comptoir.ui.arithmetic import Sum, seats_for_a_term, seats_for_days, tax_at

from ..rules.basket import Basket, Wish, plan_basket, quote_of_lines
from ..rules.prices import PriceBook, PriceKind, PriceRow, Promotion, UnitPrice
from ..rules.purchase import PurchasePlan


@dataclass(frozen=True, slots=True)
class Priced:
    """One wish with its product and what it comes to; `renewal` is the price per seat that its renewal has today."""

    wish: Wish
    product: Product
    plan: PurchasePlan
    renewal: Money | None

    @property
    def sum(self) -> Sum:
        """The line in words."""
        line = self.plan.line
        return seats_for_days(
            line.quantity,
            line.unit_price,
            line.days,
            line.denominator,
            line.net,
            start=line.start,
            end=line.end,
            item=self.product.name,
            list_price=line.list_price,
            promotion=line.promotion,
        )

    @property
    def renews(self) -> Sum | None:
        """What its first renewal comes to at today's price, in words."""
        if self.renewal is None:
            return None
        seats = self.plan.seats
        said = seats_for_a_term(seats, self.renewal, self.renewal * seats)
        return Sum(_("%(product)s: %(sum)s") % {"product": self.product.name, "sum": said.words}, said.amount)


@dataclass(frozen=True, slots=True)
class PurchasePreview:
    """What buying would charge and leave behind, with the quote that holds it."""

    on: date
    lines: tuple[Priced, ...]
    treatment: TaxTreatment
    totals: Totals
    quote: str
    code: str = ""
    agreed: Sequence[UnitPrice] = field(default=())

    @property
    def sums(self) -> list[Sum]:
        """The lines in words."""
        return [line.sum for line in self.lines]

    @property
    def taxes(self) -> list[Sum]:
        """The tax in words."""
        return [tax_at(self.treatment.rate_basis_points, self.totals.tax, self.treatment.code)]

    @property
    def later(self) -> list[Sum]:
        """What the first renewals will cost at today's prices, in words."""
        return [line.renews for line in self.lines if line.renews is not None]

    @property
    def seats(self) -> int:
        """How many seats, of whatever."""
        return sum(line.plan.seats for line in self.lines)


def preview_purchase(
    organisation: Organisation,
    wishes: Sequence[Wish],
    on: date,
    *,
    code: str = "",
    agreed: Sequence[UnitPrice] = (),
    language: str = "",
) -> PurchasePreview:
    """What these wishes cost the customer today, with tax: the same under whichever contract.

    Promotions are named in `language`, or in the customer's; the quote is the same.

    Raises Refused `basket_empty`, `product_unknown`, `product_retired`, `price_missing`, `seats_out_of_range`,
    `promotion_code_unknown`, `tax_rate_missing`.
    """
    lines = priced(
        wishes,
        on,
        currency=organisation.currency,
        country=organisation.country,
        language=language or organisation.language,
        code=code,
        agreed=agreed,
    )
    treatment = treatment_for(organisation, on)
    summed = totals([line.plan.line.net for line in lines], treatment)
    quote = quote_of_lines([line.plan.line for line in lines], summed.tax, on)
    return PurchasePreview(on, lines, treatment, summed, quote, code, agreed)


def priced(
    wishes: Sequence[Wish],
    on: date,
    *,
    currency: str,
    country: str,
    language: str,
    code: str = "",
    agreed: Sequence[UnitPrice] = (),
) -> tuple[Priced, ...]:
    """Each wish with its price on that day, without tax. Raises Refused as `preview_purchase`, but for the tax."""
    found = products(wish.product for wish in wishes)
    for wish in wishes:
        if wish.product not in found:
            raise Refused("product_unknown", params={"product": wish.product}, field="product", status=422)
        # what was promised is kept, though it is no longer sold to others
        if found[wish.product].status == Product.Status.RETIRED and not agreed:
            raise Refused("product_retired", params={"product": found[wish.product].name})
    books = _books(list(found.values()), currency)
    codes = {row.pk: row.code for row in found.values()}
    basket = Basket(
        wishes=wishes,
        books=books,
        country=country,
        promotions=_promotions(codes, on, country=country, code=code, language=language),
        code=code,
        agreed=agreed,
    )
    plans = plan_basket(basket, on)
    return tuple(
        Priced(wish, found[wish.product], plan, books[wish.product].find(PriceKind.RENEWAL, wish.term, on))
        for wish, plan in zip(wishes, plans, strict=True)
    )


def names_of(wishes: Iterable[Wish]) -> dict[str, str]:
    """The names of the products that are wished for, by code; what is not there is missing."""
    return {code: row.name for code, row in products(wish.product for wish in wishes).items()}


def _books(found: Sequence[Product], currency: str) -> dict[str, PriceBook]:
    rows: dict[int, list[PriceRow]] = {row.pk: [] for row in found}
    for price in Price.objects.filter(product__in=list(rows), currency=currency):
        rows[price.product_id].append(PriceRow(Term(price.term), price.valid_from, price.new, price.renewal))
    return {row.code: PriceBook(row.name, currency, tuple(rows[row.pk])) for row in found}


def _promotions(codes: dict[int, str], on: date, *, country: str, code: str, language: str) -> list[Promotion]:
    return [
        Promotion(
            name=row.label(language),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            percent_basis_points=row.percent_basis_points,
            amount=row.amount,
            product=None if row.product_id is None else codes[row.product_id],
            term=None if row.term is None else Term(row.term),
            country=row.country,
            code=row.code,
        )
        for row in promotions_on(on, codes, country=country, code=code)
    ]
