"""Rights to use a product elsewhere than at work, or in a previous version, and the desk's exceptions to how old it may be."""

from django.db import models
from django.db.models import F, Q

from comptoir.catalogue.models import Product
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription

from ..rules.use_rights import UseKind

KINDS = [(kind.value, kind.value) for kind in UseKind]


class UseRight(models.Model):
    """A home-use licence, or a licence of a previous version, of one member, from `given_on` up to, not on, `ends_on`.

    It may stop counting before, by what its subscription and its person are on a day: `rules.use_rights` says so, no job.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="use_rights")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)  # the subscription's: one licence per person and product
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    kind = models.TextField(choices=KINDS)
    version = models.TextField(blank=True)  # of a previous version
    country = models.TextField(blank=True)  # where the home is
    number = models.TextField(blank=True)  # the serial number or key; it stays with the person
    given_on = models.DateField()
    ends_on = models.DateField()  # the first day without it
    closed = models.BooleanField(default=False, db_default=False)  # ended early, or another one came after it

    class Meta:
        constraints = [
            in_customer("useright"),
            models.UniqueConstraint(
                fields=["organisation", "membership", "product", "kind", "version"],
                name="one_use_right_each",
                condition=Q(closed=False),
            ),
            models.CheckConstraint(name="use_right_ends_after_it_was_given", condition=Q(ends_on__gte=F("given_on"))),
            models.CheckConstraint(
                name="use_right_says_where_or_which",
                condition=Q(kind="home", version="") & ~Q(country="") | Q(kind="previous", country="") & ~Q(version=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "membership"], name="useright_of_member"),
            models.Index(fields=["organisation", "subscription", "given_on", "id"], name="useright_in_order"),
        ]


class VersionException(models.Model):
    """The desk allows a version that is too old for everybody else, from `given_on` up to, not on, `ends_on`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False)
    version = models.TextField()
    reason = models.TextField()
    given_on = models.DateField()
    ends_on = models.DateField()  # the first day without it
    closed = models.BooleanField(default=False, db_default=False)  # ended early, or another one came after it

    class Meta:
        constraints = [
            in_customer("versionexception"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "version"], name="one_exception_per_version", condition=Q(closed=False)
            ),
            models.CheckConstraint(name="exception_ends_after_it_was_given", condition=Q(ends_on__gte=F("given_on"))),
        ]
