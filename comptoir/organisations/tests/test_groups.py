"""Groups of people: who makes them, who is in them on which day, who may for their own groups only, what above hears."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import Running, running
from comptoir.organisations.actions import (
    FormerGroup,
    end_group,
    import_groups,
    join_group,
    leave_group,
    make_group,
    rename_group,
)
from comptoir.organisations.models import Group, GroupMember, Membership, RoleGrant
from comptoir.organisations.ports import Ports
from tests.cast import TODAY, Cast, raise_curtain

from .stage import acting, told

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture(autouse=True)
def nothing_is_given_to_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "grouped", ())


def drawing(cast: Cast, *members: Membership) -> Group:
    made = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    if members:
        join_group(acting(cast.camille), made, members=[member.pk for member in members], on=TODAY)
    return made


def looks_after(cast: Cast, member: Membership, group: Group) -> None:
    RoleGrant.objects.create(organisation=cast.nord, membership=member, role="access_manager", group=group, given_on=TODAY)


def inside(group: Group, on: date) -> set[str]:
    rows = GroupMember.objects.filter(group=group, joined_on__lte=on).select_related("membership")
    return {row.membership.name for row in rows if row.left_on is None or row.left_on > on}


def test_who_was_in_a_group_on_any_day_is_told_by_the_days(cast: Cast) -> None:
    group = drawing(cast, cast.emil, cast.rita)
    leave_group(acting(cast.sofia), group, members=[cast.emil.pk], on=TODAY + DAY)
    join_group(acting(cast.sofia), group, members=[cast.emil.pk, cast.rita.pk], on=TODAY + 3 * DAY)
    assert inside(group, TODAY) == {"Emil Larsen", "Rita Nielsen"}
    assert inside(group, TODAY + 2 * DAY) == {"Rita Nielsen"}
    assert inside(group, TODAY + 3 * DAY) == {"Emil Larsen", "Rita Nielsen"}
    both = f"{cast.rita.pk},{cast.emil.pk}" if cast.rita.pk < cast.emil.pk else f"{cast.emil.pk},{cast.rita.pk}"
    assert [detail["members"] for detail in told("group.joined")] == [both, str(cast.emil.pk)]
    assert [detail["members"] for detail in told("group.left")] == [str(cast.emil.pk)]


def test_a_name_is_taken_while_its_group_lives_whatever_its_case(cast: Cast) -> None:
    group = drawing(cast)
    for name in ("Drawing", "  dRAWING "):
        with pytest.raises(Refused, match="group_name_taken"):
            make_group(acting(cast.camille), cast.nord, name=name, on=TODAY)
    rename_group(acting(cast.camille), group, name="DRAWING")  # its own name is free for itself
    end_group(acting(cast.camille), group, on=TODAY)
    make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    assert Group.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_group_needs_a_name_that_can_be_read(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="group_name_missing"):
        make_group(acting(cast.camille), cast.nord, name=name, on=TODAY)
    assert not Group.objects.exists()


def test_an_ended_group_holds_nobody_and_no_role_and_takes_nobody(cast: Cast) -> None:
    group = drawing(cast, cast.emil)
    looks_after(cast, cast.rita, group)
    end_group(acting(cast.camille), group, on=TODAY + DAY)
    assert inside(group, TODAY) == {"Emil Larsen"}
    assert inside(group, TODAY + DAY) == set()
    assert not RoleGrant.objects.filter(group=group).exists()
    for verb in (join_group, leave_group):
        with pytest.raises(Refused, match="group_has_ended"):
            verb(acting(cast.camille), group, members=[cast.emil.pk], on=TODAY + DAY)
    with pytest.raises(Refused, match="group_has_ended"):
        end_group(acting(cast.camille), group, on=TODAY + DAY)


def test_who_looks_after_a_group_changes_its_members_and_no_other_group(cast: Cast) -> None:
    own, other = drawing(cast), make_group(acting(cast.camille), cast.nord, name="Site", on=TODAY)
    looks_after(cast, cast.emil, own)
    join_group(acting(cast.emil), own, members=[cast.rita.pk], on=TODAY)
    assert inside(own, TODAY) == {"Rita Nielsen"}
    for refused in (
        lambda: join_group(acting(cast.emil), other, members=[cast.rita.pk], on=TODAY),
        lambda: leave_group(acting(cast.emil), other, members=[cast.rita.pk], on=TODAY),
        lambda: rename_group(acting(cast.emil), own, name="Mine"),
        lambda: end_group(acting(cast.emil), own, on=TODAY),
        lambda: make_group(acting(cast.emil), cast.nord, name="More", on=TODAY),
        lambda: join_group(acting(cast.rita), own, members=[cast.emil.pk], on=TODAY),  # in it, but looks after nothing
    ):
        with pytest.raises(Refused, match="not_allowed"):
            refused()
    assert inside(other, TODAY) == set()


def test_a_former_member_and_another_customers_join_no_group(cast: Cast) -> None:
    group = drawing(cast)
    for stranger in (cast.gaston, cast.oskar):
        with pytest.raises(Refused, match="member_not_here"):
            join_group(acting(cast.camille), group, members=[cast.emil.pk, stranger.pk], on=TODAY)
    assert inside(group, TODAY) == set()


class Heard:
    """A context above that has something to give to groups."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, set[int]]] = []

    def joined(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        self.lines.append(("joined", set(memberships)))

    def left(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        self.lines.append(("left", set(memberships)))

    def ended(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        self.lines.append(("ended", set(memberships)))


def test_what_lies_above_hears_of_each_change_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(Ports, "grouped", (heard,))
    group = drawing(cast, cast.emil, cast.rita)
    with pytest.raises(Refused, match="nobody_chosen"):
        join_group(acting(cast.camille), group, members=[cast.emil.pk], on=TODAY)  # is in it
    leave_group(acting(cast.camille), group, members=[cast.emil.pk, cast.sofia.pk], on=TODAY)  # Sofia is not in it
    end_group(acting(cast.camille), group, on=TODAY)
    emil, rita = cast.emil.pk, cast.rita.pk
    assert heard.lines == [("joined", {emil, rita}), ("left", {emil}), ("ended", {rita})]


def test_old_labels_become_groups_once_and_what_changed_here_stays(cast: Cast) -> None:
    actor = acting(cast.camille)
    running.set(Running(actor))
    told = [
        FormerGroup(organisation_id=cast.nord.pk, name="CAD Nord ", since=TODAY, members=(cast.emil.pk, cast.rita.pk)),
        FormerGroup(organisation_id=cast.nord.pk, name="cad nord", since=TODAY - DAY, members=(cast.emil.pk,)),
        FormerGroup(organisation_id=cast.nord.pk, name="Old", since=TODAY, members=()),
        FormerGroup(organisation_id=cast.nord.pk, name="  ", since=TODAY, members=(cast.emil.pk,)),
    ]
    try:
        ids = import_groups(told)
        assert set(ids) == {(cast.nord.pk, "CAD Nord "), (cast.nord.pk, "cad nord"), (cast.nord.pk, "Old")}
        Group.objects.filter(name="Old").update(ended_on=TODAY)
        GroupMember.objects.filter(membership=cast.rita).update(left_on=TODAY)
        again = import_groups(told)
    finally:
        running.set(None)
    assert set(again) == {(cast.nord.pk, "CAD Nord "), (cast.nord.pk, "cad nord")}
    assert Group.objects.count() == 2
    assert list(GroupMember.objects.filter(left_on=None).values_list("membership_id", flat=True)) == [cast.emil.pk]
