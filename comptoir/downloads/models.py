"""What the vendor has published. Public: no customer's row is here."""

from django.db import models

from comptoir.catalogue.models import Product


class Release(models.Model):
    """A version of a product, or an update to one."""

    class Kind(models.TextChoices):
        RELEASE = "release"
        UPDATE = "update"
        ENHANCEMENT = "enhancement"

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    version = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    released_on = models.DateField()
    title = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "version"], name="one_release_per_version")]
