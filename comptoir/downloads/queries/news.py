"""Who is to be told of which releases now. In jobs: the wall of one customer is open."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from comptoir.entitlements.queries.benefits import withheld_among
from comptoir.entitlements.rules import Benefit
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.organisations.models import Membership

from ..models import News, NewsChoice, Release
from .entitled import entitled_members


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to write to, and of what."""

    membership: Membership
    releases: Sequence[Release]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some people to write to. `news`: the rows that are dealt with then; `last`: where the next batch begins, if any."""

    readers: Sequence[Reader] = ()
    news: Sequence[int] = field(default_factory=tuple)
    last: int | None = None


def to_tell(
    actor: Actor,
    when: Collection[str],
    *,
    after: int,
    most: int,
    on: date,
    release_id: int | None = None,
    before: date | None = None,
) -> Batch:
    """The next people, by membership, who like to hear like that and have not heard. Who lost the product is not written to.

    `before`: of what came out before that day. Five queries and one a product.
    """
    rows = _untold(actor, when).filter(membership_id__gt=after)
    if release_id is not None:
        rows = rows.filter(release_id=release_id)
    if before is not None:
        rows = rows.filter(on__lt=before)
    members = list(rows.order_by("membership_id").values_list("membership_id", flat=True).distinct()[:most])
    found = list(rows.filter(membership_id__in=members).select_related("release__product").order_by("release__released_on"))
    entitled = {pk: _entitled(actor, pk, members, on) for pk in {row.release.product_id for row in found}}
    theirs: dict[int, list[Release]] = defaultdict(list)
    without = withheld_among(actor, members, Benefit.UPDATES, on)
    for row in found:
        wanted = row.release.kind == Release.Kind.RELEASE or row.membership_id not in without
        out = wanted and row.release.state == Release.State.PUBLISHED
        if out and row.membership_id in entitled[row.release.product_id]:
            theirs[row.membership_id].append(row.release)
    people = Membership.objects.select_related("person").filter(pk__in=theirs, left_on=None).order_by("pk")
    readers = [Reader(person, theirs[person.pk]) for person in people]
    return Batch(readers, [row.pk for row in found], members[-1] if len(members) == most else None)


def _entitled(actor: Actor, product_id: int, members: Collection[int], on: date) -> set[int]:
    return set(entitled_members(actor, product_id, on).filter(pk__in=members).values_list("pk", flat=True))


def _untold(actor: Actor, when: Collection[str]) -> QuerySet[News]:
    rows = News.objects.filter(organisation_id=actor.customer_id, told_at=None)
    return _liking(rows, when)


def _liking(rows: QuerySet[News], when: Collection[str]) -> QuerySet[News]:
    chosen = NewsChoice.objects.filter(person=OuterRef("membership__person")).values("when")
    told = rows.annotate(when=Coalesce(Subquery(chosen), Value(NewsChoice.When.AT_ONCE.value, output_field=TextField())))
    return told.filter(when__in=[NewsChoice.When(each).value for each in when])


def waiting_customers(ids: Collection[int]) -> set[int]:
    """Those of these customers where somebody is still to be told by mail: their walls are open."""
    by_mail = set(NewsChoice.When) - {NewsChoice.When.NEVER}
    rows = _liking(News.objects.filter(organisation_id__in=ids, told_at=None), by_mail)
    return set(rows.values_list("organisation_id", flat=True).distinct())


def choice_of(person_id: int) -> str:
    """How somebody likes to hear of updates. Needs the person's wall."""
    found = NewsChoice.objects.filter(person_id=person_id).values_list("when", flat=True).first()
    return found or NewsChoice.When.AT_ONCE.value


def person_of(person_id: int) -> Person:
    """The person themselves. Needs the person's wall."""
    return Person.objects.get(pk=person_id)
