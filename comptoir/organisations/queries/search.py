"""People and groups, looked for by how the words of their names begin."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy, ngettext

from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed, any_of, beginning, each_at_most, first_of
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart

from ..models import GroupMember, MemberWord
from .groups import groups_seen
from .people import state_of, state_words

MOST_GROUPS = 2000  # that are read: groups are few, people are many


def search_people(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The members with a name or address of which each word begins a word. One query, two over several customers."""
    seen = any_of(_seen_words(actor) for actor in actors).filter(membership__left_on=None)
    for word in typed.words[1:]:
        same = {"organisation_id": OuterRef("organisation_id"), "membership_id": OuterRef("membership_id")}
        seen = seen.filter(Exists(beginning(MemberWord.objects.filter(**same), "word", word)))
    fields = {name: F(f"membership__{name}") for name in ("name", "email", "active", "invited_until", "left_on")}
    rows = seen.values("pk", "organisation_id", "membership_id", **fields)
    way = beginning(rows, "word", typed.words[0])
    # several words of one person may begin so: there are more rows than people
    found = first_of(rows, [way], "membership_id", 3 * limit, [actor.customer_id for actor in actors])
    states = state_words()
    return [
        Hit(
            row["organisation_id"],
            row["name"],
            row["email"] if row["active"] else f"{row['email']} · {states[state_of(row)]}",
            "member",
            {"member": row["membership_id"]},
        )
        for row in each_at_most(found, "organisation_id", limit)
    ]


def _seen_words(actor: Actor) -> QuerySet[MemberWord]:
    rows = MemberWord.objects.filter(organisation_id=actor.customer_id)
    own = actor.groups(Can.SEE_PEOPLE)
    if own is None:
        return rows
    inside = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=own, left_on=None)
    return rows.filter(membership_id__in=inside.values("membership_id"))


def search_groups(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The groups with a name of which each word begins a word. Two queries."""
    customers = [actor.customer_id for actor in actors]
    named = any_of(groups_seen(actor) for actor in actors).order_by("name").values("pk", "organisation_id", "name")
    called = [row for row in named[: MOST_GROUPS * len(actors)] if typed.within(row["name"])]
    found = each_at_most(called, "organisation_id", limit)
    stays = GroupMember.objects.filter(organisation_id__in=customers, group_id__in=[row["pk"] for row in found], left_on=None)
    inside = dict(stays.values_list("group_id").annotate(n=Count("id"))) if found else {}
    return [
        Hit(
            row["organisation_id"],
            row["name"],
            ngettext("%(n)s person", "%(n)s people", n) % {"n": n},
            "group",
            {"pk": row["pk"]},
        )
        for row in found
        for n in (inside.get(row["pk"], 0),)
    ]


PEOPLE = SearchPart(
    "people", "user", gettext_lazy("People"), gettext_lazy("people by name or e-mail"), Can.SEE_PEOPLE, search_people
)
GROUPS = SearchPart("groups", "users", gettext_lazy("Groups"), gettext_lazy("groups by name"), Can.SEE_PEOPLE, search_groups)
