"""The stage on which every verb is tried: who and what is there, and how somebody of it does something."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.urls import get_resolver

from comptoir.catalogue.models import Product
from comptoir.directory.models import Application, DeviceGrant
from comptoir.downloads.actions import sandbox as _sandbox  # noqa: F401 - a verb that only a command knows
from comptoir.downloads.models import Download, News
from comptoir.entitlements.models import Device, GroupSeat, Lease, SerialNumber
from comptoir.entitlements.queries.bearers import person_in
from comptoir.kernel.action import VERBS
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.gate import themselves
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import Opening, wall_opened
from comptoir.organisations.models import Group, Membership
from comptoir.organisations.tests.merging import merge
from comptoir.permissions import Role
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, member, product, seat, staff_member, subscribe
from tests.released import release
from tests.world import World, made


@dataclass
class Stage:
    """The world, and who and what is there besides."""

    world: World
    at: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """Somebody or something of the cast, or of what was added."""
        return self.at[name] if name in self.at else getattr(self.world.cast, name)


@dataclass(frozen=True)
class Call:
    """Who does it, on what, with which arguments."""

    who: str
    target: Callable[[Stage], models.Model]
    arguments: Callable[[Stage], dict[str, Any]] = lambda _stage: {}


@contextmanager
def called(stage: Stage, name: str, call: Call, key: str) -> Iterator[Callable[[], models.Model | None]]:
    """A transaction in which that verb can be called as its actor may, with a request key."""
    actor, opening = _actor(stage, call.who)
    with transaction.atomic(), wall_opened(**opening):
        target, arguments = call.target(stage), call.arguments(stage)
        yield lambda: VERBS[name].run(replace(actor, request_key=key or None, stepped_up_at=now()), target, **arguments)


def _actor(stage: Stage, who: str) -> tuple[Actor, Opening]:
    kind, _, name = who.rpartition(":")
    nord = stage.nord.pk
    if kind == "job":
        return Actor.job(name, nord), Opening(read=[nord], write=nord, person=stage.emil.person_id)
    if kind == "house":
        return Actor.job(name, None), Opening(house=True)
    if kind == "operator":
        return Actor.operator(), Opening(house=True)
    if kind in {"desk", "inside"}:
        person, roles = stage.at[name]
        actor = Actor.staff(person.pk, roles, nord if kind == "inside" else None)
        return actor, Opening(read=[nord], write=nord, person=person.pk) if kind == "inside" else Opening(
            person=person.pk, desk=True, house=True
        )
    somebody: Membership = getattr(stage, name)
    if kind == "self":
        return themselves(somebody.person_id), Opening(person=somebody.person_id)
    opening = Opening(read=[nord], write=nord, person=somebody.person_id)
    if kind == "product":
        return person_in(somebody), opening
    with wall_opened(person=somebody.person_id):
        visit = Ports.grants.visit(somebody.person_id, stage.nord.number)
    assert visit is not None
    return visit.actor, opening


def set_up() -> Stage:
    """The world of the walls, and what else verbs need."""
    get_resolver().url_patterns  # noqa: B018 - whatever a page or a call of the API does is a verb that is known
    world = made()
    stage = Stage(world, {})
    _sold(stage)
    _sat(stage)
    with wall_opened(read=[stage.nord.pk], write=stage.nord.pk):
        _come(stage)
        _activated(stage)
    _published(stage)
    stage.at["merge"] = merge(stage.emil, stage.twin)
    for name, role in (("karl", Role.CATALOGUE), ("ada", Role.ADMINISTRATOR)):
        stage.at[name] = staff_member(name.title(), "Lang", role.value), [role]
    return stage


def _sold(stage: Stage) -> None:
    """A second product, one whose seats float, and one that will have fewer seats than people."""
    start = TODAY.replace(month=4)
    stage.at["ask"] = product("ASK", "Ask", {"year": (100, 100)})
    stage.at["plan"] = product("PLAN", "Plan", {"year": (100, 100)}, sharing="multi_user")
    for number, (name, what) in enumerate((("other", "ask"), ("floating", "plan"), ("fewer", "ask")), start=560000003):
        stage.at[name] = subscribe(stage.contract, stage.at[what], str(number), seats=2, start=start)


def _sat(stage: Stage) -> None:
    """Who has a seat, and who waits for one."""
    for name in ("emma", "ines", "jonas", "twin"):
        stage.at[name] = member(stage.nord, name.title(), "Larsen")
    seated = [("subscription", "emil"), ("subscription", "emma"), ("other", "emil"), ("fewer", "sofia"), ("fewer", "rita")]
    for line, who in seated:
        seat(getattr(stage, line), getattr(stage, who))
    for who in ("ines", "jonas"):
        seat(stage.other, getattr(stage, who), waiting=True)


def _come(stage: Stage) -> None:
    """Ines is invited, a group has been given seats, a number is to be given, a download is half done."""
    nord, world = {"organisation": stage.nord}, stage.world
    stage.ines.active, stage.ines.invited_until = False, now() + timedelta(days=1)
    stage.ines.save()
    Subscription.objects.filter(pk=stage.fewer.pk).update(seats_now=1, seats_at_renewal=1)
    stage.at["spare"] = SerialNumber.objects.create(**nord, subscription=stage.subscription, number="S-SPARE")
    stage.at["note"] = News.objects.create(**nord, membership=stage.emil, release_id=world.released["out"], on=TODAY)
    stage.at["given"] = Group.objects.create(**nord, name="Given", made_on=TODAY)
    GroupSeat.objects.create(**nord, group=stage.given, subscription=stage.other, given_on=TODAY)
    told = {"membership": stage.emil, "file_id": world.released["file"], "link": "half", "how": "browser", "on": TODAY}
    stage.at["half"] = Download.objects.create(**nord, **told)


def _activated(stage: Stage) -> None:
    """Camille holds a floating seat on her laptop; Emil has a second device."""
    at = now()
    used = {"organisation": stage.nord, "activated_at": at, "last_seen_at": at}
    theirs = {"product": stage.plan, "place": 1, "fingerprint": "lent", "name": "Lent", "digest": "lent"}
    stage.at["laptop"] = Device.objects.create(**used, membership=stage.camille, **theirs)
    held: dict[str, Any] = {
        "taken_on": TODAY,
        "taken_at": at,
        "heard_on": TODAY,
        "heard_at": at,
        "free_at": at + timedelta(minutes=15),
    }
    held |= {"membership": stage.camille, "fingerprint": "lent", "device_name": "Lent", "number": "lent"}
    stage.at["lease"] = Lease.objects.create(organisation=stage.nord, subscription=stage.floating, **held)
    theirs = {"product": stage.sculpt, "place": 2, "fingerprint": "second", "name": "Second", "digest": "second"}
    stage.at["desk"] = Device.objects.create(**used, membership=stage.emil, **theirs)


def _published(stage: Stage) -> None:
    """More versions, of which one is too old; a device that shows a code, and an application with a secret."""
    Product.objects.filter(pk=stage.sculpt.pk).update(previous_versions=1, home_use=True, sharing="multi_user")
    stage.at["more"] = release(stage.sculpt, "2029", TODAY)
    release(stage.sculpt, "2019", TODAY.replace(year=2019))
    client = Application.objects.get(pk=stage.world.released["application"]).client_id
    shown = {"expires": now() + timedelta(minutes=9), "client_id": client}
    stage.at["waits"] = DeviceGrant.objects.create(device_code="a", user_code="b", **shown)
    told = {"name": "Confidential", "client_type": "confidential", "algorithm": "RS256", "client_secret": "hash"}
    told |= {"authorization_grant_type": "authorization-code", "redirect_uris": "https://x.example/back"}
    stage.at["secret"] = Application.objects.create(product=stage.sculpt, **told)
