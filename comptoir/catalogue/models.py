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
    """What one seat costs for one term from a day on, without tax. Two prices, both stored (rules 2)."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    term = models.TextField(choices=[(term.value, term.value) for term in Term])
    currency = models.CharField(max_length=3)
    new_minor = models.BigIntegerField()  # minor units
    renewal_minor = models.BigIntegerField()  # minor units
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "term", "currency", "valid_from"], name="one_price_per_day"),
            models.CheckConstraint(name="prices_not_negative", condition=Q(new_minor__gte=0, renewal_minor__gte=0)),
            models.CheckConstraint(
                name="monthly_term_has_no_advantage",
                condition=~Q(term="month") | Q(renewal_minor=models.F("new_minor")),
            ),
        ]

    @property
    def new(self) -> Money:
        """The price for a new seat."""
        return Money(self.new_minor, self.currency)

    @property
    def renewal(self) -> Money:
        """The price for a seat renewed before expiry."""
        return Money(self.renewal_minor, self.currency)
