"""Where the door's guarantees are tried: the cast's people as actors, a verb that counts, threads and a worker."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from subprocess import CompletedProcess

from django.core.management import call_command
from django.db import connections, transaction

from comptoir.events import Kind
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Event, RequestKey
from comptoir.kernel.ports import Ports
from comptoir.kernel.recording import record
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AccessToken, Membership
from comptoir.permissions import SCOPES, Can
from comptoir.subscriptions.models import Subscription
from tests.forking import forked

GROWN = Kind("test.grown", "{actor} tried the door")
PATIENCE = 20  # seconds that a thread or a process gets before a test gives up


@action(Can.ADD_SEATS)
def grow(actor: Actor, subscription: Subscription, *, by: int, then: Callable[[], None] | None = None) -> Subscription:
    """A verb that counts: each time that it is carried out shows in `seats_now`."""
    seats = subscription.seats_now
    if then is not None:
        then()
    subscription.seats_now = seats + by
    subscription.save(update_fields=["seats_now"])
    record(GROWN, subscription, add=by, before=seats, after=seats + by)
    return subscription


@contextmanager
def inside(member: Membership, *, key: str | None = None, person_id: int | None = None) -> Iterator[Actor]:
    """A transaction inside the member's customer, as the gate opens it; gives the actor."""
    with transaction.atomic():
        with wall_opened(person=member.person_id):
            visit = Ports.grants.visit(member.person_id, member.organisation.number)
        assert visit is not None, f"{member} is not inside {member.organisation}"
        with wall_opened(read=[member.organisation_id], write=member.organisation_id, person=person_id or member.person_id):
            yield visit.actor.with_key(key)


@contextmanager
def looking(organisation_id: int) -> Iterator[None]:
    """A transaction that may read one customer."""
    with wall_opened(read=[organisation_id]):
        yield


def seats_of(subscription: Subscription) -> int:
    """The seats that are really there now."""
    with looking(subscription.organisation_id):
        return Subscription.objects.get(pk=subscription.pk).seats_now


def kinds_of_events(organisation_id: int) -> list[str]:
    """What a customer's log says, oldest first."""
    with looking(organisation_id):
        return list(Event.objects.filter(organisation_id=organisation_id).order_by("seq").values_list("kind", flat=True))


def keys_of(organisation_id: int) -> list[str]:
    """The request keys that a customer's people have used."""
    with looking(organisation_id):
        return sorted(RequestKey.objects.values_list("key", flat=True))


def stepped_up(actor: Actor, at: object) -> Actor:
    """The same actor, who proved who they are at that time."""
    return replace(actor, stepped_up_at=at)  # type: ignore[arg-type]


def at_once(number: int, do: Callable[[int], object]) -> list[object]:
    """What `do(0)`, `do(1)` ... give (or raise), each in a thread with a connection of its own, all let go together."""
    start = threading.Barrier(number)
    answers: list[object] = [None] * number

    def run(index: int) -> None:
        try:
            start.wait(PATIENCE)
            answers[index] = do(index)
        except Exception as error:
            answers[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return answers


def meeting(number: int, patience: float = 0.3) -> Callable[[], None]:
    """A point where `number` threads meet, if nothing keeps them apart; each goes on alone after `patience` seconds."""
    point = threading.Barrier(number)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            point.wait(patience)

    return meet


def work(url: str, **environment: str) -> "CompletedProcess[str]":
    """A worker of its own process that runs the jobs that are ready, then stops."""
    return forked(lambda: call_command("work", "--until-empty"), url, **environment)


def token_of(member: Membership, *, scopes: Iterable[str] = SCOPES, **more: object) -> str:
    """A secret of the API that acts as the member, for every scope unless told otherwise."""
    secret = secrets.token_urlsafe(16)
    with wall_opened(read=[member.organisation_id], write=member.organisation_id):
        AccessToken.objects.create(
            organisation_id=member.organisation_id,
            membership=member,
            name="test",
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            hint=secret[:4],
            scopes=list(scopes),
            **more,
        )
    return secret
