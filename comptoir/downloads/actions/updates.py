"""Updates: who is to hear of them, who is to install them by when, who has."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from comptoir.events import Events
from comptoir.identity.models import Person
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Group, Membership, Organisation
from comptoir.permissions import Can

from ..models import AssignedUpdate, Installed, News, NewsChoice, Release
from ..queries.entitled import entitled_members, refuse_without_right
from ..queries.overseeing import not_looked_after, oversight
from ..queries.releases import published_release


@action(Can.CHOOSE_NEWS)
def choose_news(actor: Actor, person: Person, *, when: str) -> NewsChoice:
    """Choose how to hear of updates by mail: at once, daily, weekly or never."""
    choice, _new = NewsChoice.objects.update_or_create(person=person, defaults={"when": NewsChoice.When(when)})
    record(Events.NEWS_CHOSEN, person, when=when)
    return choice


@action(Can.TELL_NEWS)
def note_news(actor: Actor, organisation: Organisation, *, release: int, on: date) -> Organisation:
    """Note everybody of a customer who is to hear of a release; who was noted before is not noted again."""
    wanted = Release.objects.select_related("product").get(pk=release)
    people = entitled_members(actor, wanted.product_id, on).order_by("pk").values_list("pk", flat=True)
    rows = [News(organisation=organisation, membership_id=pk, release=wanted, on=on) for pk in people]
    News.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    told: dict[str, Any] = {"code": wanted.product.code, "version": wanted.version, "count": len(people)}
    record(Events.NEWS_NOTED, organisation, on=on, **told)
    return organisation


@action(Can.TELL_NEWS)
def note_told(actor: Actor, organisation: Organisation, *, news: Sequence[int], people: int, on: date) -> Organisation:
    """Note that mails about these were written, in the transaction that wrote them."""
    News.objects.filter(organisation=organisation, pk__in=news, told_at=None).update(told_at=now())
    record(Events.NEWS_TOLD, organisation, on=on, count=people)
    return organisation


@action(Can.ASSIGN_UPDATES, anywhere=True)
def assign_update(
    actor: Actor,
    organisation: Organisation,
    *,
    release: int,
    members: Sequence[int] = (),
    groups: Sequence[int] = (),
    deadline: date | None = None,
    on: date,
) -> Organisation:
    """Ask members, groups or, where none is named, everybody entitled to install a release, by the end of `deadline`.

    Raises Refused `deadline_in_the_past`, `not_entitled`, `update_assigned_already`, `not_looked_after`, Release.DoesNotExist.
    """
    wanted = published_release(release, on)
    over = oversight(actor, wanted.product_id, on)
    # everybody is asked by who looks after everybody
    if not over or not (members or groups or over.everybody) or not over.reaches((), groups):
        raise not_looked_after(actor, wanted.product)
    if deadline is not None and deadline < on:
        raise Refused("deadline_in_the_past", params={"today": on}, field="deadline", status=422)
    _refuse_who_may_not(actor, wanted, members, on)
    if not over.reaches(members, ()):
        raise not_looked_after(actor, wanted.product)
    known = set(Group.objects.filter(organisation=organisation, ended_on=None, pk__in=groups).values_list("pk", flat=True))
    told = {"organisation": organisation, "release": wanted, "deadline": deadline, "assigned_by_id": actor.member_id}
    everybody = [] if members or groups else [AssignedUpdate(**told, assigned_on=on)]
    people = [AssignedUpdate(**told, assigned_on=on, membership_id=pk) for pk in sorted(set(members))]
    rows = [*everybody, *people, *(AssignedUpdate(**told, assigned_on=on, group_id=pk) for pk in sorted(known))]
    before = _living(organisation, wanted).count()
    AssignedUpdate.objects.bulk_create(rows, ignore_conflicts=True)
    added = _living(organisation, wanted).count() - before
    if not added:
        raise Refused("update_assigned_already")
    until = {"deadline": deadline.isoformat()} if deadline else {}
    said: dict[str, Any] = {"code": wanted.product.code, "version": wanted.version, "count": added, **until}
    record(Events.UPDATE_ASSIGNED, organisation, on=on, **said)
    return organisation


@action(Can.ASSIGN_UPDATES, anywhere=True)
def take_back_update(actor: Actor, assigned: AssignedUpdate, *, on: date) -> AssignedUpdate:
    """Nobody waits any more for its installation. Raises Refused `not_looked_after`."""
    release = Release.objects.select_related("product").get(pk=assigned.release_id)
    if not oversight(actor, release.product_id, on).reaches_assigned(assigned):
        raise not_looked_after(actor, release.product)
    if assigned.ended_on is None:
        assigned.ended_on = on
        assigned.save(update_fields=["ended_on"])
    record(Events.UPDATE_TAKEN_BACK, assigned, on=on, code=release.product.code, version=release.version)
    return assigned


@action(Can.MARK_INSTALLED, anywhere=True)
def mark_installed(actor: Actor, organisation: Organisation, *, release: int, members: Sequence[int], on: date) -> Organisation:
    """Note that members have a release: oneself, or, for who looks after the product, anybody entitled.

    Raises Refused `nobody_chosen`, `not_looked_after`, `not_entitled`, `download_not_yours`, Release.DoesNotExist.
    """
    wanted = published_release(release, on)
    others = set(members) - {actor.member_id}
    if not members:
        raise Refused("nobody_chosen", status=422)
    if actor.member_id in members:
        refuse_without_right(actor, wanted.product, on)
    if others:
        if not oversight(actor, wanted.product_id, on).reaches(others, ()):
            raise not_looked_after(actor, wanted.product)
        _refuse_who_may_not(actor, wanted, sorted(others), on)
    own = {"organisation": organisation, "release": wanted, "how": Installed.How.MARK}
    rows = [Installed(**own, membership_id=pk, on=on, marked_by_id=actor.member_id) for pk in sorted(set(members))]
    Installed.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    told: dict[str, Any] = {"code": wanted.product.code, "version": wanted.version, "count": len(rows)}
    record(Events.UPDATE_INSTALLED, organisation, on=on, **told)
    return organisation


def _living(organisation: Organisation, release: Release) -> QuerySet[AssignedUpdate]:
    return AssignedUpdate.objects.filter(organisation=organisation, release=release, ended_on=None)


def _refuse_who_may_not(actor: Actor, release: Release, members: Sequence[int], on: date) -> None:
    entitled = entitled_members(actor, release.product_id, on).filter(pk__in=members)
    strangers = set(members) - set(entitled.values_list("pk", flat=True))
    if strangers:
        found = Membership.objects.filter(organisation_id=actor.customer_id, pk__in=strangers)
        raise Refused("not_entitled", params={"names": list(found.values_list("name", flat=True))}, field="members", status=422)
