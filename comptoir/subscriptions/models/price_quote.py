"""Baskets whose prices are kept for some days: price quotes."""

from django.db import models
from django.db.models import F, Q

from comptoir.catalogue.models import Product
from comptoir.contracts.models import Contract
from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation

from .order import Order
from .subscription import TERMS


class PriceQuote(models.Model):
    """What a basket costs, kept until a day. Accepted once: by an order that has not failed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False, null=True)  # null: a new one
    number = models.TextField()
    made_on = models.DateField()  # business day
    made_by_id = models.BigIntegerField()  # a membership
    expires_on = models.DateField()  # the last day on which it can be accepted
    currency = models.CharField(max_length=3)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, null=True)

    class Meta:
        constraints = [
            in_customer("pricequote"),
            models.UniqueConstraint(fields=["organisation", "number"], name="price_quote_number_once"),
            models.UniqueConstraint(
                fields=["organisation", "order"], name="order_of_one_price_quote", condition=Q(order__isnull=False)
            ),
            models.CheckConstraint(name="price_quote_holds_a_day", condition=Q(expires_on__gte=F("made_on"))),
        ]

    def __str__(self) -> str:
        return self.number


class PriceQuoteLine(models.Model):
    """One wish with the price that was promised: never changed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    price_quote = models.ForeignKey(PriceQuote, on_delete=models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    term = models.TextField(choices=TERMS)
    seats = models.PositiveIntegerField()
    unit_minor = models.BigIntegerField()  # per seat and term, after a promotion
    list_minor = models.BigIntegerField(null=True)  # before it; null: no promotion
    promotion = models.TextField(blank=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            in_customer("pricequoteline"),
            models.UniqueConstraint(fields=["organisation", "price_quote", "position"], name="price_quote_position_once"),
        ]

    @property
    def unit_price(self) -> Money:
        """Per seat and full term."""
        return Money(self.unit_minor, self.currency)

    @property
    def list_price(self) -> Money | None:
        """What it was before the promotion."""
        return None if self.list_minor is None else Money(self.list_minor, self.currency)
