"""What administrators look at when they check who may do what (F1.6): facts only; their words are told above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.permissions import Can

from ..models import JoinRequest, Membership, RoleCheck
from .people import members, roles_with, seen_grants

IDLE_AFTER = timedelta(days=180)  # without a sign-in; real time
NAMED = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role, and when they last signed in (None: never here)."""

    member: int
    name: str
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """Who may do what, and what looks odd about it."""

    managers: Sequence[Holder]  # of contracts or of the whole customer; at most NAMED
    how_many_managers: int
    by_role: Mapping[str, int]  # people who hold each role
    idle: Sequence[Holder]  # hold a role and have not signed in for long; at most NAMED
    how_many_idle: int
    wishes: int  # people who ask to join
    ended: int  # invitations that ended without an answer
    checked: Mapping[str, date]  # what the actor said is right, and when


def role_facts(actor: Actor) -> RoleFacts:
    """What there is to check today. Seven statements."""
    held = seen_grants(actor).filter(membership__left_on=None)
    managing = held.filter(role__in=roles_with(Can.GIVE_ROLES)).values("membership_id")
    managers = members(actor).filter(pk__in=managing, active=True)
    long_ago = Q(person__last_login=None) | Q(person__last_login__lt=now() - IDLE_AFTER)
    idle = members(actor).filter(long_ago, pk__in=held.values("membership_id"), active=True)
    mine = RoleCheck.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    return RoleFacts(
        managers=_holders(managers),
        how_many_managers=managers.count(),
        by_role=dict(held.values_list("role").annotate(n=Count("membership_id", distinct=True)).order_by("role")),
        idle=_holders(idle),
        how_many_idle=idle.count(),
        wishes=JoinRequest.objects.filter(organisation_id=actor.customer_id, state=JoinRequest.State.OPEN).count(),
        ended=members(actor).filter(active=False, invited_until__lte=now()).count(),
        checked=dict(mine.values_list("item", "checked_on")),
    )


def _holders(rows: QuerySet[Membership]) -> list[Holder]:
    fields = ("pk", "name", "person__last_login")
    return [Holder(*row) for row in rows.order_by("sort_name", "pk").values_list(*fields)[:NAMED]]


def left_to_check(actor: Actor) -> int:
    """How many items the actor has not looked at yet."""
    mine = RoleCheck.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    return len(RoleCheck.Item.values) - mine.count()
