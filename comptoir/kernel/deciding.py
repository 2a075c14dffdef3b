"""Who may answer which stored request: whoever may run its verb there, and did not ask for it themselves (rules 7)."""

from collections import defaultdict
from dataclasses import replace

from django.db.models import Q

from comptoir.permissions import Can, Permission

from .action import VERBS
from .actor import Actor
from .errors import Refused
from .models import AskedVerb
from .ports import not_allowed


def refuse_undecidable(actor: Actor, asked: AskedVerb) -> None:
    """Raise Refused `request_of_own`, or `not_allowed` for who may not run its verb."""
    if asked.asked_by_id == actor.membership_id:
        raise Refused("request_of_own")
    if not may_decide(actor, asked):
        raise not_allowed(actor, VERBS[asked.verb].can, asked.contract_id)


def may_decide(actor: Actor, asked: AskedVerb) -> bool:
    """Whether the actor may answer it: whoever may run the verb there, and did not ask for it themselves (rules 7)."""
    if asked.verb not in VERBS or asked.asked_by_id == actor.membership_id:
        return False
    able = replace(actor, scopes=None).may(VERBS[asked.verb].can, asked.contract_id)
    return able and actor.may(Can.DECIDE_REQUESTS, asked.contract_id)


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
        if contracts is None:
            found |= Q(verb__in=names)
        elif contracts:
            found |= Q(verb__in=names, contract_id__in=contracts)
    return found
