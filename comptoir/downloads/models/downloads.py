"""Who downloaded what, and the secret addresses that machines download from."""

from django.db import models
from django.db.models import F, Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation

from .releases import ReleaseFile


class Download(models.Model):
    """One download of one file: begun, and, once all its bytes were sent in however many parts, finished."""

    class How(models.TextChoices):
        BROWSER = "browser"
        MACHINES = "machines"  # by a secret address: a script, a package manager, the product itself
        API = "api"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT)
    link = models.TextField()  # tells the parts of one download from another one's
    how = models.TextField(choices=How.choices)
    trial = models.BooleanField(default=False)
    on = models.DateField()  # business day
    at = models.DateTimeField(auto_now_add=True)
    sent = models.BigIntegerField(default=0)  # bytes from the beginning, without a gap
    elsewhere = models.BooleanField(default=False)  # an object store sends it: how much is not known
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            in_customer("download"),
            models.UniqueConstraint(fields=["organisation", "link", "file"], name="one_download_per_link"),
            models.CheckConstraint(name="download_sent_not_negative", condition=Q(sent__gte=0)),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="download_newest"),
            models.Index(fields=["organisation", "membership", "file"], name="download_of_member"),
        ]


class SecretAddress(models.Model):
    """A secret in an address, by which machines find files and updates: never more than its owner may at that moment."""

    class Purpose(models.TextChoices):
        MACHINES = "machines"  # all that its owner looks after
        OWN = "own"  # what its owner uses

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    name = models.TextField()
    purpose = models.TextField(choices=Purpose.choices)
    digest = models.TextField(unique=True)  # SHA-256 of the secret, which is long and random
    made_on = models.DateField()
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("secretaddress"),
            models.CheckConstraint(
                name="secret_address_ends_after_it_began", condition=Q(revoked_on=None) | Q(revoked_on__gte=F("made_on"))
            ),
        ]
        indexes = [models.Index(fields=["organisation", "membership"], name="secret_address_of_member")]
