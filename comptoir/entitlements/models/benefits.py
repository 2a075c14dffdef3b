"""Benefits that were given to somebody, or withheld."""

from django.db import models
from django.db.models import F, Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Group, Membership, Organisation

from ..rules.benefits import Benefit

BENEFITS = [(benefit.value, benefit.value) for benefit in Benefit]


class BenefitChoice(models.Model):
    """One benefit given to, or withheld from, one member or one group, from `since` up to, not on, `ended_on`.

    Where there is none the default counts: whoever has a seat has it (rules 9).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_constraint=False, null=True)
    benefit = models.TextField(choices=BENEFITS)
    given = models.BooleanField()
    since = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            in_customer("benefitchoice"),
            models.UniqueConstraint(
                fields=["organisation", "membership", "group", "benefit"],
                name="one_choice_of_a_benefit",
                condition=Q(ended_on=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="benefit_of_a_person_or_a_group",
                condition=Q(membership__isnull=False, group=None) | Q(membership=None, group__isnull=False),
            ),
            models.CheckConstraint(name="benefit_ends_after_it_began", condition=Q(ended_on=None) | Q(ended_on__gte=F("since"))),
        ]
        indexes = [models.Index(fields=["organisation", "group"], name="benefit_of_group", condition=Q(ended_on=None))]
