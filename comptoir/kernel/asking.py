"""Asking is a stored verb: its name and arguments. Approving it runs that verb as the approver, through the same door."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from comptoir.events import Events
from comptoir.permissions import Can, Permission

from .action import VERBS, action, plain, restored, step
from .actor import Actor
from .clock import now
from .deciding import refuse_undecidable
from .errors import Refused
from .models import AskedVerb
from .ports import not_allowed
from .recording import label, record


@action(Can.ASK)
def ask(
    actor: Actor,
    target: models.Model,
    *,
    verb: str,
    arguments: Mapping[str, object],
    reason: str = "",
    on: date,
    beyond_me: bool = False,
    contract: int | None = None,
    apart: Sequence[str] = (),
) -> AskedVerb:
    """Store a verb with its arguments for somebody who may run it.

    `beyond_me`: the role allows it, but a limit of the actor's own does not. `contract`: which one it concerns, where the
    target stands under none; `apart`: the arguments by which two requests about one target differ. Raises Refused
    `not_allowed` when the actor may not ask for it, `no_need_to_ask` when there is no need to, and `request_already_open`
    while an earlier one of theirs about the same thing waits.
    """
    can = VERBS[verb].can
    contract_id = contract or getattr(target, "contract_id", None)
    _refuse_needless(actor, can, contract_id, beyond_me=beyond_me)
    by = json.dumps([arguments[name] for name in apart]) if apart else ""
    _refuse_a_second(actor, verb, target, by)
    asked = AskedVerb.objects.create(
        organisation_id=actor.customer_id,
        contract_id=contract_id,
        verb=verb,
        target=label(target),
        target_number=str(getattr(target, "number", target.pk)),
        apart=by,
        arguments=plain(dict(arguments)),
        reason=reason.strip(),
        asked_by_id=actor.member_id,
        asked_on=on,
    )
    record(Events.VERB_ASKED, asked, on=on, verb=verb, number=asked.target_number, **asked.arguments)
    return asked


def _refuse_needless(actor: Actor, can: Permission, contract_id: int | None, *, beyond_me: bool) -> None:
    may = actor.may(can, contract_id)
    if may and not beyond_me:
        raise Refused("no_need_to_ask")
    if not may and not actor.may_ask(can, contract_id):
        raise not_allowed(actor, can, contract_id)


def _refuse_a_second(actor: Actor, verb: str, target: models.Model, apart: str) -> None:
    # the door holds the target's lock, so no twin comes between this look and the new row
    mine = AskedVerb.objects.filter(organisation_id=actor.customer_id, asked_by_id=actor.member_id)
    if mine.filter(verb=verb, target=label(target), apart=apart, state=AskedVerb.State.OPEN).exists():
        raise Refused("request_already_open")


def approve(actor: Actor, asked: AskedVerb, **fresh: Any) -> Any:
    """Run the stored verb as the approver. `fresh` is what the approver saw: the quote and its day.

    Raises Refused `request_already_decided`, `request_of_own`, and whatever the verb refuses.
    """
    if asked.asked_by_id == actor.membership_id:
        raise Refused("request_of_own")
    return VERBS[asked.verb].run(replace(actor, answering=asked.pk), restored(asked.target), **asked.arguments, **fresh)


@action(Can.DECIDE_REQUESTS, anywhere=True)  # who may answer which one: `refuse_undecidable`
def decline(actor: Actor, asked: AskedVerb, *, answer: str = "") -> AskedVerb:
    """Say no, with an answer for whoever asked. Raises Refused `request_already_decided`, `not_allowed`, `request_of_own`."""
    refuse_undecidable(actor, asked)
    return _close(actor, asked, AskedVerb.State.DECLINED, answer)


@action(Can.WITHDRAW_REQUEST)
def withdraw(actor: Actor, asked: AskedVerb) -> AskedVerb:
    """Take one's own request back. Raises Refused `request_already_decided` and `not_allowed` (somebody else's)."""
    if asked.asked_by_id != actor.membership_id:
        raise Refused("not_allowed", params={"permission": Can.WITHDRAW_REQUEST.name}, status=403)
    return _close(actor, asked, AskedVerb.State.WITHDRAWN, "")


@step
def withdraw_all_of(actor: Actor, memberships: Collection[int]) -> None:
    """Close what these members still ask for, as they leave the customer."""
    left = AskedVerb.objects.filter(asked_by_id__in=memberships, organisation_id=actor.customer_id, state=AskedVerb.State.OPEN)
    for asked in left.order_by("pk").select_for_update(no_key=True):
        asked.state, asked.decided_by_id, asked.decided_at = AskedVerb.State.WITHDRAWN, asked.asked_by_id, now()
        asked.save(update_fields=["state", "decided_by_id", "decided_at"])
        record(Events.VERB_WITHDRAWN, asked, asker=asked.asked_by_id, verb=asked.verb)


@step
def hand_on_requests(organisation_id: int, closed: int, kept: int) -> None:
    """What one membership of somebody asked for is what their other one asked for; what both ask for waits once."""
    rows = AskedVerb.objects.filter(organisation_id=organisation_id)
    thing = {name: OuterRef(name) for name in ("verb", "target", "apart")}
    same = rows.filter(**thing, asked_by_id=kept, state=AskedVerb.State.OPEN)
    rows.filter(asked_by_id=closed).exclude(Exists(same), state=AskedVerb.State.OPEN).update(asked_by_id=kept)


def _close(actor: Actor, asked: AskedVerb, state: AskedVerb.State, answer: str) -> AskedVerb:
    if asked.state != AskedVerb.State.OPEN:
        raise Refused("request_already_decided", params={"state": asked.state})
    asked.state, asked.answer = state, answer.strip()
    asked.decided_by_id, asked.decided_at = actor.membership_id, now()
    asked.save()
    kind = Events.VERB_DECLINED if state == AskedVerb.State.DECLINED else Events.VERB_WITHDRAWN
    record(kind, asked, asker=asked.asked_by_id, verb=asked.verb)
    return asked
