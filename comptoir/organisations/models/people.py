"""Who belongs to a customer, with which roles and limits, and the tokens that act for them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from comptoir.identity.models import Person
from comptoir.kernel.walls import in_customer
from comptoir.permissions import CUSTOMER_ROLES

from .groups import Group
from .organisation import Organisation


class Membership(models.Model):
    """A person in a customer. Seats, roles and cases point here, never to the person."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    name = models.TextField()  # the person's, kept here so that lists sort within one customer by one index
    sort_name = models.TextField()  # last name first, lower case, without accents
    email = models.TextField()  # the person's, for the same reason
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    # who was invited comes in once they have accepted; until then the name is what was typed here, not the person's own
    active = models.BooleanField(default=True, db_default=True)
    invited_until = models.DateTimeField(null=True)  # the newest invitation's link is good until then; null: none was sent

    class Meta:
        constraints = [
            in_customer("membership"),
            models.UniqueConstraint(fields=["organisation", "person"], name="one_membership_each"),
            models.CheckConstraint(
                name="membership_left_after_joining", condition=Q(left_on=None) | Q(left_on__gte=models.F("joined_on"))
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "sort_name", "id"], name="membership_by_name"),
            # how many there are, told from the index alone: its wall reads the person
            models.Index(fields=["organisation", "person"], name="membership_here", condition=Q(left_on=None)),
            # the few who were invited, and those of the past, by name
            models.Index(
                fields=["organisation", "sort_name", "id"],
                name="membership_awaited",
                condition=Q(active=False, left_on=None),
            ),
            models.Index(
                fields=["organisation", "sort_name", "id"], name="membership_former", condition=Q(left_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MemberWord(models.Model):
    """One word of a member's name or address, folded, by whose beginning they are found. The database writes it itself."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False, related_name="words")
    word = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "membership", "word"], name="member_word_once"),
        ]
        indexes = [models.Index("organisation", Collate("word", "C"), "membership", name="memberword_beginning")]


class RoleGrant(models.Model):
    """One role of one member: on one contract, on one group, or (neither) on the whole customer."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False, related_name="roles")
    role = models.TextField(choices=[(role.value, role.value) for role in sorted(CUSTOMER_ROLES)])
    contract_id = models.BigIntegerField(null=True)  # contracts lies above: the foreign key is in its migration
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_constraint=False, null=True)
    given_on = models.DateField()

    class Meta:
        constraints = [
            in_customer("rolegrant"),
            models.UniqueConstraint(
                fields=["organisation", "membership", "role", "contract_id", "group"],
                name="role_given_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="role_on_contract_or_group", condition=Q(contract_id=None) | Q(group=None)),
        ]
        indexes = [
            models.Index(fields=["organisation", "membership"], name="rolegrant_of_member"),
            models.Index(fields=["organisation", "contract_id", "role"], name="rolegrant_of_contract"),
            models.Index(fields=["organisation", "role", "membership"], name="rolegrant_by_role"),
        ]


class SpendingLimit(models.Model):
    """The most, without tax, that one member may order at once without another manager's approval; or everybody in a role.

    The member's own limit counts before that of a role.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False, null=True)
    role = models.TextField(choices=[(role.value, role.value) for role in sorted(CUSTOMER_ROLES)], blank=True)
    amount_minor = models.BigIntegerField()  # in the customer's currency, so in its minor units

    class Meta:
        constraints = [
            in_customer("spendinglimit"),
            models.UniqueConstraint(
                fields=["organisation", "membership", "role"], name="one_spending_limit_each", nulls_distinct=False
            ),
            models.CheckConstraint(name="spending_limit_not_negative", condition=Q(amount_minor__gte=0)),
            models.CheckConstraint(
                name="spending_limit_of_member_or_role",
                condition=Q(membership__isnull=False, role="") | (Q(membership=None) & ~Q(role="")),
            ),
        ]


class AcceptedTerms(models.Model):
    """The vendor's terms of sale, as a member accepted them for the customer. Each order names its version as well."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    version = models.TextField()
    on = models.DateField()  # business day
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            in_customer("acceptedterms"),
            models.UniqueConstraint(fields=["organisation", "membership", "version"], name="terms_accepted_once"),
        ]


class AccessToken(models.Model):
    """A secret with which a program acts as a member, never beyond the member's roles. Only its digest is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    name = models.TextField()
    digest = models.TextField(unique=True)  # SHA-256 of the secret, which is long and random
    hint = models.TextField()  # the first characters, so that people can tell tokens apart
    scopes = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [in_customer("accesstoken")]
