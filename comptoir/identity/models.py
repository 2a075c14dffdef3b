"""People, and how they sign in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from comptoir.permissions import STAFF_ROLES


class PersonManager(BaseUserManager["Person"]):
    """People by the address that they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this e-mail, whatever its case. Raises Person.DoesNotExist."""
        # folded as `one_person_per_email` folds it
        return self.alias(spelt=Lower("email")).get(spelt=Lower(models.Value(username)))


class Person(AbstractBaseUser):
    """Somebody who signs in. One sign-in, several customers, different roles per contract."""

    email = models.EmailField(max_length=254)
    first_name = models.TextField(blank=True)
    last_name = models.TextField(blank=True)
    language = models.TextField(default="en")  # as told; one without texts is kept and shown in English
    language_confirmed_at = models.DateTimeField(null=True)
    time_zone = models.TextField(blank=True, default="", db_default="")  # in which times are told; empty: the vendor's
    tour_step = models.PositiveSmallIntegerField(default=0, db_default=0)  # of the tour, where it was left
    tour_ended_at = models.DateTimeField(null=True)  # gone through or dismissed: it is not offered again
    is_active = models.BooleanField(default=True)
    created_on = models.DateField()

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_email")]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def person_id(self) -> int:
        """What the door asks of a target that belongs to a person."""
        return int(self.pk)

    @property
    def has_old_password(self) -> bool:
        """Whether the password is still kept as the old centre kept it."""
        return self.password.startswith("old_")

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    # allauth asks these of a user model
    def get_full_name(self) -> str:
        """Same as `full_name`."""
        return self.full_name

    def has_perm(self, *_: Any) -> bool:
        """Nobody holds permissions of Django's: `comptoir.permissions` is the only table."""
        return False


class StaffRole(models.Model):
    """What somebody does for the vendor, at the desk. The history stays: who was staff, and when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="staff_roles")
    name = models.TextField()  # the person's, kept here so that colleagues see it without seeing the person
    role = models.TextField(choices=[(role.value, role.value) for role in sorted(STAFF_ROLES)])
    given_on = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="staff_role_given_once", condition=models.Q(ended_on=None)),
            models.CheckConstraint(
                name="staff_role_ends_after_it_began",
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("given_on")),
            ),
        ]


class OldSignIn(models.Model):
    """A user id of the old centre. A person who had several keeps them all."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="old_sign_ins")
    old_id = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("old_id"), name="old_id_once")]


class Merge(models.Model):
    """Two accounts of one person became one: `closed` leads to `kept`, and nobody signs in as `closed` any more.

    Where an account is closed that others were merged into, they lead to where it leads: one look always finds who is meant.
    """

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    closed = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="merged")
    on = models.DateField()  # business day
    asked_at = models.DateTimeField(auto_now_add=True)
    # ids of customers in which something of `closed` waits to be brought over, each by a job of its own
    customers = ArrayField(models.BigIntegerField(), default=list)
    done_on = models.DateField(null=True)  # business day; all is brought over
    # where the vendor's staff merged them: who, and how it was checked that both are one person's
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    checked = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="merge_at_desk_was_checked",
                condition=models.Q(by=None, checked="") | models.Q(by__isnull=False) & ~models.Q(checked=""),
            ),
            models.CheckConstraint(name="merge_of_two", condition=~models.Q(kept=models.F("closed"))),
            models.CheckConstraint(
                name="merge_done_when_nothing_waits", condition=models.Q(done_on=None) | models.Q(customers=[])
            ),
        ]
