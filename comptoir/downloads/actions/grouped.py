"""Who joins a group that is asked to install something is asked too, and hears of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.kernel.recording import record
from comptoir.organisations.models import Group
from comptoir.organisations.ports import GivenToGroup

from ..models import Installed
from ..queries.entitled import entitled_members
from ..queries.reminding import living_assignments


class Grouped:
    """Fills `organisations.Grouped`, beside entitlements, which gives newcomers their seats first."""

    def given(self, actor: Actor, groups: Collection[int], on: date) -> Mapping[int, Sequence[GivenToGroup]]:
        """Nothing that one has: what a group is asked for is no gift."""
        return {}

    @step
    def joined(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """Note whom it asks anew: those who may have the product and have not installed it."""
        asked = list(living_assignments([actor.customer_id]).select_related("release__product").filter(group_id=group_id))
        group = Group.objects.get(organisation_id=actor.customer_id, pk=group_id) if asked else None
        for one in asked:
            may = entitled_members(actor, one.release.product_id, on).filter(pk__in=memberships).values_list("pk", flat=True)
            have = Installed.objects.filter(organisation_id=actor.customer_id, release=one.release, membership_id__in=memberships)
            whom = sorted(set(may) - set(have.values_list("membership_id", flat=True)))
            if whom and group:
                told: dict[str, Any] = {"code": one.release.product.code, "version": one.release.version, "count": len(whom)}
                members = ",".join(map(str, whom))
                record(Events.UPDATE_BY_GROUP, group, on=on, group=group.name, group_id=group.pk, members=members, **told)

    @step
    def left(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """Who is asked follows from who is inside."""

    @step
    def ended(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """The same."""
