"""Who tries what."""

from django.db import models
from django.db.models import F, Q

from comptoir.catalogue.models import Product
from comptoir.identity.models import Person
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class Trial(models.Model):
    """A product that somebody tries, from `started_on` up to, not on, `ends_on`: no job ends it (rules 9)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)  # whoever has several customers tries once
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    started_on = models.DateField()
    ends_on = models.DateField()
    bought_on = models.DateField(null=True)  # the customer bought the product

    class Meta:
        constraints = [
            in_customer("trial"),
            models.UniqueConstraint(fields=["person", "product"], name="one_trial_each"),
            models.CheckConstraint(name="trial_lasts_a_day", condition=Q(ends_on__gt=F("started_on"))),
            models.CheckConstraint(
                name="trial_bought_after_it_began", condition=Q(bought_on=None) | Q(bought_on__gte=F("started_on"))
            ),
        ]
        indexes = [models.Index(fields=["organisation", "product"], name="trial_of_product")]
