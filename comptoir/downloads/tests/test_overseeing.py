"""Who looks after a product asks anybody to install an update, an access manager the people of their groups (rules 7)."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client

from comptoir.downloads.models import AssignedUpdate, Installed, Release
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Group, GroupMember, RoleGrant
from comptoir.permissions import Role
from tests.cast import TODAY, Cast, member, raise_curtain, seat, signed_in, words_of
from tests.released import file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/updates/"
SOON = TODAY + timedelta(days=5)


@pytest.fixture
def cast() -> Cast:
    """Emil has a seat and is drawn by Grete's group; Grete has none."""
    made = raise_curtain()
    seat(made.subscription, made.emil)
    return made


@pytest.fixture
def update(cast: Cast) -> Release:
    out = release(cast.sculpt, "2027", date(2026, 3, 24))
    file(out)
    return out


@pytest.fixture
def drawing(cast: Cast) -> Group:
    return group_of(cast, "Drawing", cast.emil.pk)


@pytest.fixture
def grete(cast: Cast, drawing: Group) -> Client:
    """Looks after the group, and has no seat herself."""
    grete = member(cast.nord, "Grete", "Holm", (Role.END_USER, None))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"organisation": cast.nord, "membership": grete, "role": Role.ACCESS_MANAGER, "group": drawing}
        RoleGrant.objects.create(**told, given_on=TODAY)
    return signed_in(grete)


def group_of(cast: Cast, name: str, *members: int) -> Group:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        made = Group.objects.create(organisation=cast.nord, name=name, made_on=TODAY)
        for pk in members:
            GroupMember.objects.create(organisation=cast.nord, group=made, membership_id=pk, joined_on=TODAY)
    return made


def asked(client: Client, update: Release, **told: object) -> int:
    return client.post(f"{PAGE}{update.pk}/assignment/", {"deadline": SOON.isoformat(), "to": "some", **told}).status_code


def assignments(cast: Cast) -> list[tuple[int | None, int | None]]:
    with wall_opened(read=[cast.nord.pk]):
        return list(AssignedUpdate.objects.filter(ended_on=None).order_by("id").values_list("membership_id", "group_id"))


def test_an_access_manager_asks_the_people_and_groups_they_look_after(
    cast: Cast, update: Release, grete: Client, drawing: Group
) -> None:
    assert "Sculpt LT 2027 Sculpt LT, 2027 New version 24 March 2026" in words_of(grete.get(PAGE))
    page = words_of(grete.get(f"{PAGE}{update.pk}/"))
    assert "0 of 1 person has it." in page
    assert "Emil Larsen" in page
    assert "Camille Morel" not in page  # who looks after the product may install it, and is in no group of hers
    assert "Ask everybody" not in page
    assert asked(grete, update, members=[cast.emil.pk]) == 302
    assert asked(grete, update, groups=[drawing.pk]) == 302
    assert assignments(cast) == [(cast.emil.pk, None), (None, drawing.pk)]
    said = words_of(signed_in(cast.emil).get(f"{PAGE}{update.pk}/"))
    assert "Grete Holm asks you to install it by 26 November 2026." in said


def test_an_access_manager_asks_nobody_else(cast: Cast, update: Release, grete: Client) -> None:
    seat(cast.subscription, cast.rita)
    other = group_of(cast, "Others", cast.rita.pk)
    assert asked(grete, update, members=[cast.rita.pk]) == 409
    assert asked(grete, update, members=[cast.emil.pk, cast.rita.pk]) == 409
    assert asked(grete, update, groups=[other.pk]) == 409
    assert asked(grete, update, to="everybody") == 409
    assert assignments(cast) == []
    grete.post(f"{PAGE}{update.pk}/installation/", {"members": [cast.rita.pk]})
    with wall_opened(read=[cast.nord.pk]):
        assert not Installed.objects.exists()
    assert grete.post(f"{PAGE}{update.pk}/installation/", {"members": [cast.emil.pk]}).status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        assert Installed.objects.get().marked_by.name == "Grete Holm"


def test_who_left_the_group_is_out_of_its_managers_reach(cast: Cast, update: Release, grete: Client, drawing: Group) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        GroupMember.objects.filter(group=drawing).update(left_on=TODAY)
    assert asked(grete, update, members=[cast.emil.pk]) == 409
    assert "Sculpt LT 2027" not in words_of(grete.get(PAGE))
    assert assignments(cast) == []


def test_what_asks_everybody_is_taken_back_by_who_looks_after_everybody(
    cast: Cast, update: Release, grete: Client, drawing: Group
) -> None:
    assert asked(signed_in(cast.sofia), update, to="everybody") == 302
    assert asked(grete, update, groups=[drawing.pk]) == 302
    with wall_opened(read=[cast.nord.pk]):
        everybodys, hers = AssignedUpdate.objects.order_by("id").values_list("pk", flat=True)
    page = words_of(grete.get(f"{PAGE}{update.pk}/"))
    assert "Everybody 26 November 2026, in 5 days Sofia Costa 21 Nov 2026 The group Drawing" in page  # without a button
    for pk in (everybodys, hers):
        grete.post(f"/c/5200001/assigned-updates/{pk}/withdrawal/")
    assert assignments(cast) == [(None, None)]


def test_the_api_tells_who_has_it_and_what_may_be_taken_back(cast: Cast, update: Release, grete: Client, drawing: Group) -> None:
    asked(signed_in(cast.sofia), update, to="everybody")
    asked(grete, update, groups=[drawing.pk])
    with wall_opened(read=[cast.nord.pk]):
        hers = RoleGrant.objects.get(group=drawing).membership
    headers, base = {"authorization": f"Bearer {token_of(hers)}"}, f"/api/v1/customers/5200001/updates/{update.pk}"
    told = Client().get(f"{base}/standing", headers=headers).json()
    assert (told["people"], told["installed"]) == (1, 0)
    assert [(one["group"], one["assigned_by"], one["may_take_back"]) for one in told["assigned"]] == [
        (None, "Sofia Costa", False),
        ("Drawing", "Grete Holm", True),
    ]
    people = Client().get(f"{base}/people", headers=headers).json()
    assert [(one["name"], one["have"], one["asked"]) for one in people["items"]] == [("Emil Larsen", "", True)]
    emil = {"authorization": f"Bearer {token_of(cast.emil)}"}
    assert Client().get(f"{base}/people", headers=emil).status_code in {403, 404}
    anton = {"authorization": f"Bearer {token_of(cast.anton)}"}  # looks after another contract
    assert Client().get(f"{base}/people", headers=anton).json()["items"] == []
    assert Client().get(f"{base}/standing", headers=anton).json() == {"people": 0, "installed": 0, "assigned": []}
    everybody = {**headers, "content-type": "application/json"}
    assert Client().post(f"{base}/assignment", {}, content_type="application/json", headers=everybody).status_code == 409


def test_who_has_what_leaves_as_a_file(cast: Cast, update: Release, grete: Client) -> None:
    sofia = signed_in(cast.sofia)
    sofia.post(f"{PAGE}{update.pk}/installation/", {"members": [cast.emil.pk]})
    answer = sofia.get(f"{PAGE}{update.pk}/?download=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["name"] for row in rows] == ["Sofia Costa", "Emil Larsen", "Camille Morel"]
    assert rows[1] | {"email": ""} == {
        "product": "SCLT",
        "version": "2027",
        "name": "Emil Larsen",
        "email": "",
        "state": "installed",
        "on": "2026-11-21",
        "noted_by": "Sofia Costa",
        "asked": "no",
    }
    assert grete.get(f"{PAGE}{update.pk}/?download=csv").content.decode().count("\n") == 2  # the head, and Emil
    assert sofia.get(f"{PAGE}{update.pk}/?download=xlsx").content[:2] == b"PK"
    assert signed_in(cast.emil).get(f"{PAGE}{update.pk}/?download=csv").status_code == 404


def test_a_withdrawn_release_says_so_to_who_has_it_and_what_to_take_instead(cast: Cast, update: Release) -> None:
    emil = signed_in(cast.emil)
    emil.post(f"{PAGE}{update.pk}/installation/")
    newer = release(cast.sculpt, "2027.1", date(2026, 11, 1), "update")
    Release.objects.filter(pk=update.pk).update(state="withdrawn", withdrawn_because="It eats files.")
    assert "24 March 2026, 7 months ago Withdrawn" in words_of(emil.get(PAGE))
    page = words_of(emil.get(f"{PAGE}{update.pk}/"))
    assert "It eats files. You have it: install another version in its place. Take Sculpt LT 2027.1" in page
    assert "I have installed it" not in page
    assert asked(signed_in(cast.sofia), update, to="everybody") == 404
    seat(cast.subscription, cast.rita)
    assert "Withdrawn" not in words_of(signed_in(cast.rita).get(PAGE))  # never had it
    assert newer.pk != update.pk


def test_a_draft_has_no_page_for_anybody(cast: Cast) -> None:
    draft = release(cast.sculpt, "2028", TODAY, state="draft")
    for who in (cast.emil, cast.sofia):
        assert signed_in(who).get(f"{PAGE}{draft.pk}/").status_code == 404
