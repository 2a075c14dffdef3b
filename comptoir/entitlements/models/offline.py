"""What signed licence files stand on: the keys that sign them, and the number of each file."""

from django.db import models
from django.db.models import F, Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription

from .leases import Lease
from .licences import Device


class SigningKey(models.Model):
    """A key that licence files are signed with: of the vendor, for all customers. It is public before it signs."""

    kid = models.TextField(unique=True)  # the thumbprint of RFC 7638
    public = models.TextField()  # Ed25519: 32 bytes, base64 for addresses, as a JWK writes it
    private = models.TextField()  # sealed: `kernel.sealing`
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()  # until the next key does
    withdrawn_at = models.DateTimeField(null=True)  # somebody else may have it: nothing that it signed counts
    withdrawn_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="key_is_made_before_it_signs", condition=Q(signs_from__gte=F("made_at"))),
            models.CheckConstraint(
                name="key_is_withdrawn_with_a_reason",
                condition=Q(withdrawn_at=None, withdrawn_because="") | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because=""),
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class FileNumber(models.Model):
    """The number of one licence file, of all customers together: it says when it ends, not whose it is.

    The list of revoked files and the time for which a key stays public are read from here, outside of every wall.
    """

    number = models.TextField(unique=True)  # 128 random bits: `jti`
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT)
    issued_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="file_ends_after_it_was_issued", condition=Q(ends_at__gt=F("issued_at"))),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="file_number_revoked", condition=Q(revoked_at__isnull=False)),
            models.Index(fields=["key", "ends_at"], name="file_number_of_key"),
        ]

    def __str__(self) -> str:
        return self.number


class LicenceFile(models.Model):
    """A signed file with which a product runs on one device without a network, up to, not on, `ends_on`.

    One that was renewed has ended here, and still opens the device until its own end: the number says whether it is revoked.
    """

    class Ended(models.TextChoices):
        RENEWED = "renewed"
        SEAT = "seat"  # the seat was taken, or there is none any more
        LEFT = "left"  # the person has left the customer
        DEVICE = "device"
        KEY = "key"  # the licence key that it stood on
        LEASE = "lease"
        SUBSCRIPTION = "subscription"
        SIGNING_KEY = "signing_key"  # the key that signed it was withdrawn

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="licence_files")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, db_constraint=False, related_name="licence_files")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)  # null: by a key
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="licence_files")
    number = models.OneToOneField(FileNumber, on_delete=models.PROTECT)
    text = models.TextField()  # the file itself, a compact JWS
    issued_on = models.DateField()
    ends_on = models.DateField()  # the first day without it
    ended_at = models.DateTimeField(null=True)
    why = models.TextField(choices=Ended.choices, blank=True)

    class Meta:
        constraints = [
            in_customer("licencefile"),
            models.UniqueConstraint(
                fields=["organisation", "device"], name="one_licence_file_per_device", condition=Q(ended_at=None)
            ),
            models.CheckConstraint(name="licence_file_lasts_a_day", condition=Q(ends_on__gt=F("issued_on"))),
            models.CheckConstraint(
                name="licence_file_ended_for_a_reason",
                condition=Q(ended_at=None, why="") | Q(ended_at__isnull=False) & ~Q(why=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "subscription", "ends_on"], name="licencefile_of_subscription"),
            models.Index(fields=["organisation", "membership", "ends_on"], name="licencefile_of_member"),
        ]
