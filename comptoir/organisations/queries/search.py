"""People and groups, looked for by how the words of their names begin."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy, ngettext

from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed, beginning
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart

from ..models import GroupMember, MemberWord
from .groups import groups_seen
from .people import state_of, state_words

MOST_GROUPS = 2000  # that are read: groups are few, people are many


def search_people(actor: Actor, typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The members with a name or address of which each word begins a word. One query."""
    rows = _seen_words(actor).filter(membership__left_on=None)
    for word in typed.words[1:]:
        others = MemberWord.objects.filter(organisation_id=actor.customer_id, membership_id=OuterRef("membership_id"))
        rows = rows.filter(Exists(beginning(others, "word", word)))
    fields = {name: F(f"membership__{name}") for name in ("name", "email", "active", "invited_until", "left_on")}
    found: dict[int, Mapping[str, Any]] = {}
    # several words of one person may begin so: there are more rows than people
    for row in beginning(rows, "word", typed.words[0]).values("membership_id", **fields)[: 3 * limit]:
        found.setdefault(row["membership_id"], row)
    states = state_words()
    return [
        Hit(
            row["name"],
            row["email"] if row["active"] else f"{row['email']} · {states[state_of(row)]}",
            "member",
            {"member": pk},
        )
        for pk, row in list(found.items())[:limit]
    ]


def _seen_words(actor: Actor) -> QuerySet[MemberWord]:
    rows = MemberWord.objects.filter(organisation_id=actor.customer_id)
    own = actor.groups(Can.SEE_PEOPLE)
    if own is None:
        return rows
    inside = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=own, left_on=None)
    return rows.filter(membership_id__in=inside.values("membership_id"))


def search_groups(actor: Actor, typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The groups with a name of which each word begins a word. Two queries."""
    names = groups_seen(actor).order_by("name").values_list("pk", "name")[:MOST_GROUPS]
    found = dict([(pk, name) for pk, name in names if typed.within(name)][:limit])
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=found, left_on=None)
    inside = dict(stays.values_list("group_id").annotate(n=Count("id"))) if found else {}
    return [
        Hit(name, ngettext("%(n)s person", "%(n)s people", n) % {"n": n}, "group", {"pk": pk})
        for pk, name in found.items()
        for n in (inside.get(pk, 0),)
    ]


PEOPLE = SearchPart(
    "people", "user", gettext_lazy("People"), gettext_lazy("people by name or e-mail"), Can.SEE_PEOPLE, search_people
)
GROUPS = SearchPart("groups", "users", gettext_lazy("Groups"), gettext_lazy("groups by name"), Can.SEE_PEOPLE, search_groups)
