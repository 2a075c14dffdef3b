"""Keys and devices with which the vendor's products ask whether they may run."""

from django.db import models
from django.db.models import F, Q

from comptoir.catalogue.models import Product
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription

from ..rules.licences import DEVICES_EACH

LIVING = Q(ended_at=None)
OF_A_PERSON = Q(ended_at=None, membership__isnull=False)
OF_A_KEY = Q(ended_at=None, membership=None)


class LicenceKey(models.Model):
    """A secret that is typed into a product: for one member's seat, or (none) for a machine that nobody signs in at.

    Only its digest is kept; who made it saw it once.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="licence_keys")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    name = models.TextField(blank=True)  # what it is for, as people call it
    digest = models.TextField(unique=True)  # SHA-256 of the key, which is long and random
    ending = models.TextField()  # its last four characters, so that people can tell keys apart
    made_on = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [in_customer("licencekey")]
        indexes = [
            models.Index(fields=["organisation", "subscription"], name="licencekey_of_subscription"),
            models.Index(fields=["organisation", "membership"], name="licencekey_of_member", condition=LIVING),
        ]


class Device(models.Model):
    """A product activated on one device, by a person who signed in or by a key. Rows end, they don't go.

    At most three live per person (or key) and product: each lives in a place of its own, 1 to 3, which two can't share.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    key = models.ForeignKey(LicenceKey, on_delete=models.PROTECT, db_constraint=False, null=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    place = models.PositiveSmallIntegerField()
    fingerprint = models.TextField()  # a digest that the product computes: the same device has the same
    name = models.TextField()
    platform = models.TextField(blank=True)
    version = models.TextField(blank=True)  # of the product, as it last said
    digest = models.TextField(unique=True)  # SHA-256 of the activation's secret
    activated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    in_use = models.BooleanField(default=False, db_default=False)  # until `used_at` is too long ago
    used_at = models.DateTimeField(null=True)  # the last sign of use
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            in_customer("device"),
            models.CheckConstraint(name="device_has_one_of_three_places", condition=Q(place__range=(1, DEVICES_EACH))),
            models.CheckConstraint(
                name="device_of_a_person_or_a_key", condition=Q(membership__isnull=False) | Q(key__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["organisation", "membership", "product", "place"], name="one_device_in_a_place", condition=OF_A_PERSON
            ),
            models.UniqueConstraint(
                fields=["organisation", "key", "product", "place"], name="one_device_of_a_key_in_a_place", condition=OF_A_KEY
            ),
            models.UniqueConstraint(
                fields=["organisation", "membership", "product", "fingerprint"],
                name="device_activated_once",
                condition=OF_A_PERSON,
            ),
            models.UniqueConstraint(
                fields=["organisation", "key", "product", "fingerprint"],
                name="device_of_a_key_activated_once",
                condition=OF_A_KEY,
            ),
            models.UniqueConstraint(
                fields=["organisation", "membership", "product"],
                name="one_device_in_use",
                condition=Q(in_use=True, membership__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organisation", "key", "product"],
                name="one_device_of_a_key_in_use",
                condition=Q(in_use=True, membership=None),
            ),
            models.CheckConstraint(
                name="device_in_use_lives", condition=Q(in_use=False) | Q(ended_at=None, used_at__isnull=False)
            ),
            models.CheckConstraint(
                name="device_ends_after_it_was_activated", condition=Q(ended_at=None) | Q(ended_at__gte=F("activated_at"))
            ),
        ]
