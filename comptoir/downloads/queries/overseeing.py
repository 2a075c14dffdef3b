"""Whose updates somebody looks after: everybody's of a product in their care, else those of their own groups (rules 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import Ports
from comptoir.organisations.models import GroupMember
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription

from ..models import AssignedUpdate
from .entitled import looked_after, seated_products


@dataclass(frozen=True, slots=True)
class Oversight:
    """How far somebody looks after the updates of a product: `everybody`, or these groups and the members in them today."""

    everybody: bool = False
    groups: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everybody or bool(self.groups)

    def reaches(self, members: Iterable[int], groups: Iterable[int]) -> bool:
        """Whether all these may be asked to install."""
        return self.everybody or (set(members) <= self.members and set(groups) <= self.groups)

    def reaches_assigned(self, assigned: AssignedUpdate) -> bool:
        """Whether that may be taken back: what asks everybody only by who looks after everybody."""
        told = [assigned.membership_id] if assigned.membership_id else []
        groups = [assigned.group_id] if assigned.group_id else []
        return self.everybody or (bool(told or groups) and self.reaches(told, groups))


def oversight(actor: Actor, product_id: int, on: date) -> Oversight:
    """How far the actor looks after the updates of a product on that day. At most two queries."""
    if actor.may(Can.ASSIGN_UPDATES, anywhere=True) and product_id in looked_after(actor, on):
        return Oversight(everybody=True)
    groups = own_groups(actor)
    if not groups:
        return Oversight()
    return Oversight(False, groups, frozenset(stays_in(actor, groups, on).values_list("membership_id", flat=True)))


def not_looked_after(actor: Actor, product: Product) -> Refused:
    """That the actor looks after the updates of nobody, or not of all these, with who does."""
    names = Ports.grants.who_may(actor, Can.ASSIGN_UPDATES, None)
    return Refused("not_looked_after", params={"product": product.name, "who_may": names})


def own_groups(actor: Actor) -> frozenset[int]:
    """The groups whose people the actor asks to install updates."""
    if actor.lacks_scope(Can.ASSIGN_UPDATES):
        return frozenset()
    held = [grant for grant in actor.grants if Can.ASSIGN_UPDATES.reach_of[grant.role] == Reach.GROUPS]
    return frozenset(grant.group_id for grant in held if grant.group_id is not None)


def stays_in(actor: Actor, groups: Iterable[int], on: date) -> QuerySet[GroupMember]:
    """Who is in these groups on that day."""
    rows = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=list(groups), membership__left_on=None)
    return rows.filter(Q(left_on=None) | Q(left_on__gt=on), joined_on__lte=on)


def products_of_groups(actor: Actor, on: date) -> set[int]:
    """What the people in the actor's own groups have a seat of."""
    groups = own_groups(actor)
    if not groups:
        return set()
    return seated_products(actor, stays_in(actor, groups, on).values_list("membership_id", flat=True), on)


def of_seen_products(actor: Actor, field: str) -> Q:
    """Rows whose `field` is a product under a contract whose downloads the actor sees, or one that the customer has under none.

    What is tried before it is bought would otherwise be seen by nobody where each manages a contract of their own.
    """
    had = Subscription.objects.filter(organisation_id=actor.customer_id)
    seen = within(actor, Can.SEE_DOWNLOADS, had).values("product_id")
    return Q(**{f"{field}__in": seen}) | ~Q(Exists(had.filter(product_id=OuterRef(field))))
