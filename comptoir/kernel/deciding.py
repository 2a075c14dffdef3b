"""Who may answer which stored request: whoever may run its verb there, and did not ask for it themselves (rules 7).

Who looks after groups of people answers those of their people that they may run in their groups.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q

from comptoir.permissions import Can, Permission, Reach

from .action import VERBS
from .actor import Actor
from .errors import Refused
from .models import AskedVerb
from .ports import Ports, not_allowed


def refuse_undecidable(actor: Actor, asked: AskedVerb) -> None:
    """Raise Refused `request_of_own`, or `not_allowed` for who may not run its verb."""
    if asked.asked_by_id == actor.membership_id:
        raise Refused("request_of_own")
    if not may_decide(actor, asked):
        raise not_allowed(actor, VERBS[asked.verb].can, asked.contract_id)


def may_decide(actor: Actor, asked: AskedVerb) -> bool:
    """Whether the actor may answer it: whoever may run the verb there, and did not ask for it themselves (rules 7)."""
    return asked.pk in decidable(actor, [asked])


def decidable(actor: Actor, rows: Sequence[AskedVerb]) -> frozenset[int]:
    """Those of these requests, by id, that the actor may answer. One query for who looks after groups, none for others."""
    others = [row for row in rows if row.verb in VERBS and row.asked_by_id != actor.membership_id]
    direct = {row.pk for row in others if _may_run(actor, row)}
    by_group = {row for row in others if row.pk not in direct and _groups(actor, VERBS[row.verb].can)}
    if by_group:
        askers = {row.asked_by_id for row in by_group}
        own = {can: set(_people(actor, can, askers)) for can in {VERBS[row.verb].can for row in by_group}}
        direct |= {row.pk for row in by_group if row.asked_by_id in own[VERBS[row.verb].can]}
    return frozenset(direct)


def _may_run(actor: Actor, asked: AskedVerb) -> bool:
    able = replace(actor, scopes=None).may(VERBS[asked.verb].can, asked.contract_id)
    return able and actor.may(Can.DECIDE_REQUESTS, asked.contract_id)


def _groups(actor: Actor, can: Permission) -> frozenset[int]:
    """The groups in which the actor may both run what `can` allows and answer requests."""
    if actor.lacks_scope(Can.DECIDE_REQUESTS):
        return frozenset()
    both = (can, Can.DECIDE_REQUESTS)
    held = [grant for grant in actor.grants if all(each.reach_of[grant.role] == Reach.GROUPS for each in both)]
    return frozenset(grant.group_id for grant in held if grant.group_id is not None)


def _people(actor: Actor, can: Permission, among: set[int]) -> Sequence[int]:
    return list(Ports.grants.in_groups(actor, _groups(actor, can)).filter(pk__in=among).values_list("pk", flat=True))


def decided_by(actor: Actor) -> Q:
    """The requests whose verb the actor may run, as a condition; their own are among them."""
    found = Q(pk__in=[])
    if not actor.may(Can.DECIDE_REQUESTS, anywhere=True):
        return found
    verbs: dict[Permission, list[str]] = defaultdict(list)
    for verb in VERBS.values():
        verbs[verb.can].append(verb.name)
    for can, names in verbs.items():
        contracts = replace(actor, scopes=None).contracts(can)
        answered = actor.contracts(Can.DECIDE_REQUESTS)
        if contracts is None and answered is None:
            found |= Q(verb__in=names)
            continue
        if both := _both(contracts, answered):
            found |= Q(verb__in=names, contract_id__in=both)
        if groups := _groups(actor, can):
            found |= Q(verb__in=names, asked_by_id__in=Ports.grants.in_groups(actor, groups).values("pk"))
    return found


def _both(these: frozenset[int] | None, those: frozenset[int] | None) -> frozenset[int]:
    if these is None or those is None:
        return these or those or frozenset()
    return these & those
