"""What the vendor sells, and for how much. Public: no customer's row is here."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money


class Product(models.Model):
    """Something that can be subscribed to."""

    class Kind(models.TextChoices):
        DESKTOP = "desktop"
        CLOUD = "cloud"
        SUITE = "suite"

    class Status(models.TextChoices):
        ACTIVE = "active"
        RETIRED = "retired"

    code = models.TextField(unique=True)
    name = models.TextField()
    family = models.TextField(blank=True)
    kind = models.TextField(choices=Kind.choices)
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE)
    self_service = models.BooleanField(default=True)
    home_use = models.BooleanField(default=False)
    previous_versions = models.PositiveSmallIntegerField(default=0)  # how many back may be installed

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one seat costs for one term from a day on, without tax. Two prices, both stored (rules 2).

    A price that is missing is not zero: without a new price it is not sold, without a renewal price not renewed.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    term = models.TextField(choices=[(term.value, term.value) for term in Term])
    currency = models.CharField(max_length=3)
    new_minor = models.BigIntegerField(null=True)  # minor units; null: not sold
    renewal_minor = models.BigIntegerField(null=True)  # minor units; null: not renewed
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "term", "currency", "valid_from"], name="one_price_per_day"),
            models.CheckConstraint(name="prices_not_negative", condition=Q(new_minor__gte=0, renewal_minor__gte=0)),
            models.CheckConstraint(
                name="at_least_one_price", condition=Q(new_minor__isnull=False) | Q(renewal_minor__isnull=False)
            ),
            models.CheckConstraint(
                name="monthly_term_has_no_advantage",
                condition=~Q(term="month") | Q(renewal_minor=models.F("new_minor")),
            ),
        ]

    @property
    def new(self) -> Money | None:
        """The price for a new seat; None: not sold."""
        return None if self.new_minor is None else Money(self.new_minor, self.currency)

    @property
    def renewal(self) -> Money | None:
        """The price for a seat renewed before expiry; None: not renewed."""
        return None if self.renewal_minor is None else Money(self.renewal_minor, self.currency)
