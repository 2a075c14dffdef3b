"""The door: the one way to change state.

`@action(Can.X)` gives every verb the same guarantees: allowed, once, one transaction, target locked, recorded. There is no
opt-out. `@step` marks a part that runs only inside an action. See `ARCHITECTURE.md`, "The door".
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models, transaction

from comptoir.events import Events
from comptoir.permissions import Permission

from .actor import Actor, ActorKind
from .clock import now
from .errors import HouseRule, Refused
from .failpoints import failpoint
from .models import AskedVerb, RequestKey
from .ports import not_allowed
from .prepared import Prepared
from .recording import Running, chain_of, label, record, running, write_events

P = ParamSpec("P")
T = TypeVar("T", bound=models.Model)
S = TypeVar("S")
R = TypeVar("R", bound=models.Model | None)

STEP_UP_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Verb:
    """One action as the kernel knows it: by name, so that it can be stored and run later."""

    name: str
    can: Permission
    step_up: bool
    run: Callable[..., Any]
    anywhere: bool = False


VERBS: dict[str, Verb] = {}


def action(
    can: Permission, *, step_up: bool = False, anywhere: bool = False
) -> Callable[[Callable[Concatenate[Actor, T, P], R]], Callable[Concatenate[Actor, T, P], R]]:
    """Make a verb of a function `(actor, target, *, ...)`.

    With `anywhere` it is about the whole customer, and for who may on at least one of its contracts.
    Raises Refused `not_allowed`, `step_up_needed`, `request_key_reused`, and what the verb itself refuses.
    """

    def decorate(body: Callable[Concatenate[Actor, T, P], R]) -> Callable[Concatenate[Actor, T, P], R]:
        name = f"{body.__module__.split('.')[1]}.{body.__name__}"
        if name in VERBS and VERBS[name].run.__module__ != body.__module__:
            raise HouseRule(f"two verbs are called {name}: a stored one could not be told from the other")

        @wraps(body)
        def run(actor: Actor, target: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if args:
                raise HouseRule(f"{name} takes its arguments by name")
            if running.get() is not None:
                raise HouseRule(f"{name} is an action inside an action: share a step instead")
            _allow(actor, can, target, step_up=step_up, anywhere=anywhere)
            token = running.set(Running(actor))
            try:
                with transaction.atomic():
                    return _once(actor, name, target, kwargs, lambda: _act(actor, VERBS[name], body, target, kwargs))
            finally:
                running.reset(token)

        run.permission = can  # type: ignore[attr-defined]
        run.verb = name  # type: ignore[attr-defined]
        VERBS[name] = Verb(name, can, step_up, run, anywhere)
        return run

    return decorate


def step(body: Callable[P, S]) -> Callable[P, S]:
    """Part of an action: it runs inside one, in its transaction and under its permission."""

    @wraps(body)
    def run(*args: P.args, **kwargs: P.kwargs) -> S:
        if running.get() is None:
            raise HouseRule(f"{body.__name__} is a step: call it from an action")
        return body(*args, **kwargs)

    return run


def heartbeat(can: Permission) -> Callable[[Callable[Concatenate[Actor, T, P], S]], Callable[Concatenate[Actor, T, P], S]]:
    """Make a sign of life of a function `(actor, target, *, ...)`: allowed, one transaction, and no event.

    For when something was last seen and that it is still in use, which would drown the log; what changes anything else is an
    action. Nothing is locked and no request key is claimed: sent twice it says the same. Raises Refused as `action`.
    """

    def decorate(body: Callable[Concatenate[Actor, T, P], S]) -> Callable[Concatenate[Actor, T, P], S]:
        @wraps(body)
        def run(actor: Actor, target: T, /, *args: P.args, **kwargs: P.kwargs) -> S:
            if running.get() is not None:
                raise HouseRule(f"{body.__name__} is a sign of life: share a step instead")
            _allow(actor, can, target, step_up=False, anywhere=False)
            current = Running(actor)
            token = running.set(current)
            try:
                with transaction.atomic():
                    result = body(actor, target, *args, **kwargs)
                    if current.events:
                        raise HouseRule(f"{body.__name__} recorded an event: make an action of it")
                    return result
            finally:
                running.reset(token)

        run.permission = can  # type: ignore[attr-defined]
        return run

    return decorate


def _allow(actor: Actor, can: Permission, target: models.Model, *, step_up: bool, anywhere: bool) -> None:
    owner = getattr(target, "organisation_id", None)
    stranger = actor.organisation_id is not None and owner != actor.organisation_id
    homeless = actor.organisation_id is None and owner is not None and actor.person_id is not None
    somebody_else = owner is None and actor.person_id is not None and getattr(target, "person_id", None) != actor.person_id
    if stranger or homeless or somebody_else:
        raise ObjectDoesNotExist(f"{label(target)} is not within the wall of {actor.log_name}")
    if not actor.may(can, getattr(target, "contract_id", None), anywhere=anywhere):
        raise not_allowed(actor, can, getattr(target, "contract_id", None))
    if step_up:
        refuse_stale(actor)


def refuse_stale(actor: Actor) -> None:
    """Raise Refused `step_up_needed` for who has not shown within 15 minutes who they are."""
    if actor.kind == ActorKind.OPERATOR:  # whoever runs the machine has no session to prove themselves in
        return
    if actor.stepped_up_at is None or now() - actor.stepped_up_at > STEP_UP_FOR:
        raise Refused("step_up_needed", status=403)


def _act(actor: Actor, verb: Verb, body: Callable[..., R], target: T, kwargs: dict[str, Any]) -> R:
    locked = _locked(target)
    # again: since the target was read it may have moved to another contract
    _allow(actor, verb.can, locked, step_up=verb.step_up, anywhere=verb.anywhere)
    asked = None if actor.answering is None else _asked(actor.answering, verb.name, locked)
    failpoint("door.locked")
    result = body(actor, locked, **kwargs)
    if asked is not None:
        _answer(actor, asked, result)
    failpoint("door.acted")
    current = running.get()
    if current is None or not current.events:
        raise HouseRule(f"{verb.name} changed state but recorded no event")
    write_events(current.events)
    failpoint("door.recorded")
    return result


def _locked(target: T) -> T:
    """The target, locked and read again."""
    if type(target.pk) is not int:
        return type(target)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=target.pk)
    return cast(T, _locking(type(target)).get(pk=target.pk))


@cache
def _locking(model: type[models.Model]) -> Prepared[Any]:
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    return Prepared(lambda pk: rows.filter(pk=pk), pk=int)


def _asked(asked_id: int, name: str, target: models.Model) -> AskedVerb:
    """The stored request that this action answers, locked while it is open."""
    asked = AskedVerb.objects.select_for_update(no_key=True).get(pk=asked_id)
    if asked.state != AskedVerb.State.OPEN:
        raise Refused("request_already_decided", params={"state": asked.state})
    if (asked.verb, asked.target) != (name, label(target)):
        raise HouseRule(f"request {asked_id} asks for {asked.verb} on {asked.target}, not for {name} on {label(target)}")
    return asked


def _answer(actor: Actor, asked: AskedVerb, result: models.Model | None) -> None:
    """Close the stored request, in the transaction of the action that answers it."""
    asked.state, asked.decided_at = AskedVerb.State.APPROVED, now()
    asked.decided_by_id, asked.result = actor.membership_id, stored(result)
    asked.save()
    record(Events.VERB_APPROVED, asked, asker=asked.asked_by_id, verb=asked.verb)


def _once(actor: Actor, name: str, target: models.Model, kwargs: dict[str, Any], act: Callable[[], R]) -> R:
    if actor.request_key is None:
        return act()
    owner = chain_of(actor.organisation_id, actor.person_id)
    fingerprint = _fingerprint(actor, name, target, kwargs)
    if _claimed(actor, owner, fingerprint):
        failpoint("door.claimed")
        result = act()
        _keep(owner, actor, stored(result))
        return result
    twin = RequestKey.objects.get(owner=owner, actor=actor.log_name, key=actor.request_key)
    if twin.fingerprint != fingerprint:
        raise Refused("request_key_reused", status=422)
    found: R = restored(twin.result)
    return found


def _keep(owner: str, actor: Actor, result: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_requestkey SET result = %s WHERE owner = %s AND actor = %s AND key = %s",
            [None if result is None else json.dumps(result), owner, actor.log_name, actor.request_key],
        )


def result_of_key(actor: Actor, key: str) -> Any:
    """The row that an earlier call of the actor's with this request key got; None where there was none."""
    used = RequestKey.objects.filter(owner=chain_of(actor.organisation_id, actor.person_id), actor=actor.log_name, key=key)
    return restored(used.values_list("result", flat=True).first())


def _claimed(actor: Actor, owner: str, fingerprint: str) -> bool:
    """Whether this request is the first with its key. A twin waits here until the first has ended."""
    organisation = actor.organisation_id
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_requestkey (owner, organisation_id, person_id, actor, key, fingerprint, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (owner, actor, key) DO NOTHING",
            [
                owner,
                organisation,
                actor.person_id if organisation is None else None,
                actor.log_name,
                actor.request_key,
                fingerprint,
                now(),
            ],
        )
        claimed: bool = cursor.rowcount == 1
        return claimed


def _fingerprint(actor: Actor, name: str, target: models.Model, kwargs: dict[str, Any]) -> str:
    # the same wish previewed again, or sent again when the business day is another one, is the same request
    told = {key: value for key, value in kwargs.items() if key not in {"quote", "on"}}
    # two stored requests may ask for the very same thing, and still are two
    answering = [] if actor.answering is None else [actor.answering]
    text = json.dumps([name, label(target), plain(told), *answering], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Arguments as JSON holds them: dates as ISO text, rows as their label."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case models.Model():
            return label(value)
        case date() | datetime():
            return value.isoformat()
        case str() | int() | bool() | None:
            return value
    raise HouseRule(f"{value!r} can't be an argument of a verb: it can't be stored")


def stored(result: models.Model | None) -> str | None:
    """A result as a request key or a stored request keeps it."""
    return None if result is None else label(result)


def restored(kept: str | None) -> Any:
    """The row that was kept as a result."""
    if kept is None:
        return None
    model, _, key = kept.rpartition(":")
    return apps.get_model(model)._default_manager.get(pk=key)
