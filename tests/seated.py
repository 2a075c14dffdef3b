"""What is given to groups, and benefits: a row of each, for the tests of the tables."""

from datetime import date

from comptoir.entitlements.models import BenefitChoice, Bundle, BundleItem, GroupSeat
from comptoir.organisations.models import Group
from tests import activated, lent, offline
from tests.cast import Cast


def one_row_each(cast: Cast, day: date) -> None:
    """A row in every table, home use and exceptions among them, for Atelier Nord, whose wall is open and which has a group."""
    nord, group = {"organisation": cast.nord}, Group.objects.get(organisation=cast.nord)
    GroupSeat.objects.create(**nord, group=group, subscription=cast.subscription, given_on=day)
    bundle = Bundle.objects.create(**nord, name="Drawing", made_on=day)
    BundleItem.objects.create(**nord, bundle=bundle, subscription=cast.subscription, added_on=day)
    BenefitChoice.objects.create(**nord, group=group, benefit="training", given=True, since=day)
    lent.one_row_each(cast, day)
    offline.one_row_each(cast, day)
    activated.one_row_each(cast, day)
