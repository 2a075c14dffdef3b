"""Agreements with customers: plan, channel, support level."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation, Reseller


class Contract(models.Model):
    """One agreement, under which subscriptions stand."""

    class Plan(models.TextChoices):
        SUBSCRIPTION = "subscription"
        MAINTENANCE = "maintenance"

    class Channel(models.TextChoices):
        DIRECT = "direct"
        RESELLER = "reseller"
        STORE = "store"

    class SupportLevel(models.TextChoices):
        BASIC = "basic"
        ADVANCED = "advanced"
        PRIORITY = "priority"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    number = models.TextField()
    plan = models.TextField(choices=Plan.choices)
    channel = models.TextField(choices=Channel.choices)
    reseller = models.ForeignKey(Reseller, on_delete=models.PROTECT, null=True)
    support_level = models.TextField(choices=SupportLevel.choices)
    started_on = models.DateField()

    class Meta:
        constraints = [
            in_customer("contract"),
            models.UniqueConstraint(fields=["organisation", "number"], name="contract_number_once"),
            models.CheckConstraint(
                name="reseller_contract_names_reseller", condition=~Q(channel="reseller") | Q(reseller__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def contract_id(self) -> int:
        """What the door asks of a target that stands under a contract."""
        return int(self.pk)
