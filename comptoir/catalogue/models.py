"""What the vendor sells, and for how much. Public: no customer's row is here."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money

SHARING = [("named", "named"), ("multi_user", "multi_user")]


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
    # each seat has a name, or a licence is shared by many; a subscription may say its own (rules 9)
    sharing = models.TextField(choices=SHARING, default="named", db_default="named")

    def __str__(self) -> str:
        return self.name


class ProductText(models.Model):
    """What the public catalogue says of a product, in one language."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="texts")
    language = models.TextField()
    summary = models.TextField()  # one sentence
    description = models.TextField(blank=True)  # paragraphs, parted by empty lines
    features = models.TextField(blank=True)  # one a line

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "language"], name="one_text_per_language")]


class ProductPlatform(models.Model):
    """Where a product runs."""

    class Platform(models.TextChoices):
        WINDOWS = "windows", "Windows"
        MACOS = "macos", "macOS"
        LINUX = "linux", "Linux"
        WEB = "web", "Web"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="platforms")
    platform = models.TextField(choices=Platform.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "platform"], name="platform_named_once")]


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
                condition=~Q(term="month") | Q(renewal_minor=F("new_minor")),
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


class Promotion(models.Model):
    """Less than the new price, for some days: a percentage, or an amount per seat. Never on a renewal price (rules 2, P8).

    What is not named is not narrowed: no product means every product. With a code it holds for whoever gives the code.
    """

    code = models.TextField(blank=True)  # as people type it, in any case; empty: it holds by itself
    percent_basis_points = models.PositiveIntegerField(null=True)  # 1500 is 15 %
    amount_minor = models.BigIntegerField(null=True)  # off each seat, minor units of `currency`
    currency = models.CharField(max_length=3, blank=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="promotions")
    term = models.TextField(choices=[(term.value, term.value) for term in Term], null=True)
    country = models.CharField(max_length=2, null=True)  # ISO 3166
    valid_from = models.DateField()
    valid_to = models.DateField()  # the last day on which it holds
    label_en = models.TextField()
    label_fr = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="promotion_code_once", condition=~Q(code="")),
            models.CheckConstraint(
                name="promotion_is_percent_or_amount",
                condition=Q(percent_basis_points__isnull=False, amount_minor=None, currency="")
                | (Q(percent_basis_points=None, amount_minor__isnull=False) & ~Q(currency="")),
            ),
            models.CheckConstraint(
                name="promotion_takes_something_off",
                condition=(Q(percent_basis_points=None) | Q(percent_basis_points__range=(1, 10_000)))
                & (Q(amount_minor=None) | Q(amount_minor__gte=1)),
            ),
            models.CheckConstraint(name="promotion_ends_after_start", condition=Q(valid_to__gte=F("valid_from"))),
        ]

    def __str__(self) -> str:
        return self.code or self.label_en

    @property
    def amount(self) -> Money | None:
        """What it takes off each seat; None where it is a percentage."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    def label(self, language: str) -> str:
        """What people read, in their language or in English."""
        return self.label_fr if language == "fr" else self.label_en

    def holds_on(self, day: date) -> bool:
        """Whether that day is one of its days."""
        return self.valid_from <= day <= self.valid_to


class Terms(models.Model):
    """One version of the vendor's terms of sale. The newest that is valid is the one that a buyer accepts."""

    version = models.TextField(unique=True)
    valid_from = models.DateField(unique=True)

    def __str__(self) -> str:
        return self.version


class TermsText(models.Model):
    """The terms of sale in one language."""

    terms = models.ForeignKey(Terms, on_delete=models.CASCADE, related_name="texts")
    language = models.TextField()
    text = models.TextField()  # paragraphs, parted by empty lines; a line alone that starts with a number is a heading

    class Meta:
        constraints = [models.UniqueConstraint(fields=["terms", "language"], name="one_terms_text_per_language")]
