"""A second pair of eyes: what the desk does over a limit is stored, and a colleague runs it (see `asking.py`).

The verb itself calls `second_pair`: without a colleague's look it refuses, with one it closes the look in its own transaction.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models

from comptoir.events import Events
from comptoir.permissions import Can

from .action import VERBS, action, plain, restored, step
from .actor import Actor, ActorKind
from .clock import now
from .errors import HouseRule, Refused
from .models import SecondLook
from .money import Money, exponent
from .recording import label, record


def limit_in(currency: str) -> Money:
    """From which amount on a colleague looks too, in that currency."""
    return Money(settings.SECOND_PAIR_FROM * 10 ** exponent(currency), currency)


def look_of(actor: Actor, pk: int) -> SecondLook:
    """One stored verb of the actor's customer. Raises SecondLook.DoesNotExist."""
    return SecondLook.objects.get(organisation_id=actor.customer_id, pk=pk)


@step
def second_pair(actor: Actor, target: models.Model, *, verb: str, amount: Money) -> None:
    """Let the verb go on below the limit, or with the look of a colleague, which is closed.

    Raises Refused `second_pair_needed`, and `second_look_by_another` where the colleague is who asked.
    """
    if actor.kind != ActorKind.STAFF or abs(amount.minor) < limit_in(amount.currency).minor:
        return
    if actor.looked_at is None:
        raise Refused("second_pair_needed", params={"limit": _text(limit_in(amount.currency)), "amount": _text(amount)})
    look = SecondLook.objects.select_for_update(no_key=True).get(pk=actor.looked_at)
    if look.state != SecondLook.State.OPEN:
        raise Refused("request_already_decided", params={"state": look.state})
    if (look.verb, look.target) != (verb, label(target)):
        raise HouseRule(f"look {look.pk} is about {look.verb} on {look.target}, not about {verb} on {label(target)}")
    if look.asked_by_id == actor.id:
        raise Refused("second_look_by_another", status=403)
    _close(actor, look, SecondLook.State.APPROVED)


def _text(amount: Money) -> str:
    return f"{amount} {amount.currency}"


@action(Can.LOOK_TWICE)
def ask_colleague(
    actor: Actor, target: models.Model, *, verb: str, arguments: Mapping[str, object], amount: str, reason: str = "", on: date
) -> SecondLook:
    """Store a verb of the desk for a colleague. `amount` is text such as "1000.00 EUR".

    Raises Refused `second_look_asked_already`.
    """
    if SecondLook.objects.filter(verb=verb, target=label(target), state=SecondLook.State.OPEN).exists():
        raise Refused("second_look_asked_already")
    decimal, _space, currency = amount.partition(" ")
    look = SecondLook.objects.create(
        organisation_id=actor.customer_id,
        verb=verb,
        target=label(target),
        target_number=str(getattr(target, "number", "") or ""),
        arguments=plain(dict(arguments)),
        amount_minor=Money.parse(decimal, currency).minor,
        currency=currency,
        reason=reason.strip(),
        asked_by_id=actor.id or 0,
        asked_on=on,
    )
    record(Events.SECOND_LOOK_ASKED, look, on=on, verb=verb, number=look.target_number, total=amount)
    return look


def approve(actor: Actor, look: SecondLook, **fresh: Any) -> Any:
    """Run the stored verb as the colleague, through the same door; it closes the look. Raises whatever the verb refuses."""
    return VERBS[look.verb].run(replace(actor, looked_at=look.pk), restored(look.target), **look.arguments, **fresh)


@action(Can.LOOK_TWICE)
def decline_look(actor: Actor, look: SecondLook) -> SecondLook:
    """Say no, or take back what one asked for oneself. Raises Refused `request_already_decided`."""
    if look.state != SecondLook.State.OPEN:
        raise Refused("request_already_decided", params={"state": look.state})
    return _close(actor, look, SecondLook.State.DECLINED)


def _close(actor: Actor, look: SecondLook, state: SecondLook.State) -> SecondLook:
    look.state, look.decided_by_id, look.decided_at = state, actor.id, now()
    look.save(update_fields=["state", "decided_by_id", "decided_at"])
    kind = Events.SECOND_LOOK_APPROVED if state == SecondLook.State.APPROVED else Events.SECOND_LOOK_DECLINED
    record(kind, look, verb=look.verb, total=_text(Money(look.amount_minor, look.currency)))
    return look
