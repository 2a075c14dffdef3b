"""Two accounts of one person merged at the desk: only after a check that is told, once, with a mail to both."""

from dataclasses import replace

import pytest
from django.test import Client

from comptoir.identity.actions.merging import merge_at_desk
from comptoir.identity.models import Merge, OldSignIn, Person, StaffRole
from comptoir.identity.queries import by_sign_in_name, signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from comptoir.subscriptions.tests.nights import run_queue
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, words_of
from tests.visitor import visited

PAGE, CHECKED = "/desk/merging/", "Called back at the number of the register."
BOTH = {"kept": "Emil.Larsen@example.com", "closed": "OOST7", "checked": CHECKED}


@pytest.fixture
def cast(db: None) -> Cast:
    return with_old_id(raise_curtain())


def with_old_id(cast: Cast) -> Cast:
    with wall_opened(person=cast.oskar.person_id):
        OldSignIn.objects.create(person_id=cast.oskar.person_id, old_id="oost7")
    return cast


@pytest.fixture
def ada(cast: Cast) -> Client:
    return at_desk(staff_member("Ada", "Sommer", "administrator"))


def merges() -> list[tuple[int, int, str]]:
    with signing_in():
        return list(Merge.objects.order_by("pk").values_list("kept_id", "closed_id", "checked"))


def test_after_a_look_and_a_click_both_are_one_and_both_addresses_hear_of_it(cast: Cast, ada: Client) -> None:
    seen = words_of(ada.post(PAGE, BOTH))
    for told in ("Emil Larsen", "Atelier Nord", "Oskar Ost", "Studio Est", "oost7", CHECKED, "Close oskar.ost@example.com?"):
        assert told in seen
    assert merges() == []
    theirs = signed_in(cast.oskar)
    assert ada.post(PAGE, {**BOTH, "sure": "yes"}).headers["Location"] == PAGE
    assert merges() == [(cast.emil.person_id, cast.oskar.person_id, CHECKED)]
    assert theirs.get("/profile/").status_code == 302  # signed out
    run_queue("organisations", "identity")
    assert CHECKED in words_of(ada.get(PAGE))
    with wall_opened(read=[cast.est.pk]):
        assert Membership.objects.get(pk=cast.oskar.pk).person_id == cast.emil.person_id
    with signing_in():
        assert by_sign_in_name("oost7") == Person.objects.get(pk=cast.emil.person_id)
        assert Merge.objects.get().done_on == TODAY
    for who in (cast.emil, cast.oskar):
        with wall_opened(person=who.person_id):
            (mail,) = Message.objects.filter(person_id=who.person_id, once__startswith="merged:")
            assert "has checked who you are" in mail.text
            assert CHECKED not in mail.text
    with wall_opened(house=True):
        (event,) = Event.objects.filter(kind="accounts.merged_at_desk")
        assert event.actor.startswith("staff:")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"checked": "ok"}, "in 20 characters or more"),
        ({"closed": "nobody@example.com"}, "Nobody signs in as nobody@example.com."),
        ({"closed": "emil.larsen@example.com"}, "Both names sign in to the same account."),
        ({"closed": "ada.sommer@vendor.example"}, "works at the vendor’s desk"),
        ({"kept": ""}, "Name the account."),
    ],
)
def test_what_can_not_be_is_said_and_nothing_is_merged(cast: Cast, ada: Client, wrong: dict[str, str], said: str) -> None:
    given = ada.post(PAGE, {**BOTH, **wrong, "sure": "yes"})
    assert given.status_code in {403, 409, 422}
    assert said in words_of(given)
    assert merges() == []


def test_only_support_and_administrators_who_have_just_shown_who_they_are_merge(cast: Cast) -> None:
    for role in ("finance", "catalogue"):
        somebody = at_desk(staff_member("Some", role.title(), role))
        assert somebody.get(PAGE).status_code == somebody.post(PAGE, {**BOTH, "sure": "yes"}).status_code == 404
    assert signed_in(cast.camille).get(PAGE).status_code == 404
    sami = staff_member("Sami", "Haddad", "support_agent")
    stale = at_desk(sami, fresh=False)
    for answer in (stale.get(PAGE), stale.post(PAGE, {**BOTH, "sure": "yes"})):
        assert answer.headers["Location"].startswith("/sign-in/again/")
    assert merges() == []
    seen = words_of(at_desk(sami).post(PAGE, BOTH))  # whoever sees no customers reads no names of them
    assert "in 1 company" in seen
    assert "Atelier Nord" not in seen
    assert at_desk(sami).post(PAGE, {**BOTH, "sure": "yes"}).status_code == 302
    with signing_in():
        assert Merge.objects.get().by == sami


def test_who_works_at_the_desk_is_merged_by_nobody(cast: Cast, ada: Client) -> None:
    with wall_opened(desk=True, house=True):
        StaffRole.objects.create(person_id=cast.emil.person_id, name="Emil", role="finance", given_on=TODAY)
    assert "works at the vendor’s desk" in words_of(ada.post(PAGE, {**BOTH, "sure": "yes"}))
    assert merges() == []


def test_the_second_of_two_clicks_at_once_hears_that_it_is_done(cast: Cast) -> None:
    ada = staff_member("Ada", "Sommer", "administrator")
    actor = replace(Actor.staff(ada.pk, [Role.ADMINISTRATOR], None), request_key="one click", stepped_up_at=now())
    told = {"kept": cast.emil.person_id, "closed": cast.oskar.person_id, "checked": CHECKED}
    with wall_opened(person=ada.pk, desk=True, house=True):
        done = [merge_at_desk(actor, the_house(), **told, on=TODAY) for _click in range(2)]
    assert done == [the_house()] * 2
    assert len(merges()) == 1


@pytest.mark.parametrize("failpoint", ["merge.asked:kill", "gate.after_commit:kill"])
def test_a_kill_merges_once_or_not_at_all_and_the_second_click_finds_it_done(
    fresh_database: FreshDatabase, failpoint: str
) -> None:
    with_old_id(raise_curtain())
    ada = staff_member("Ada", "Sommer", "administrator")
    proof = {"account_authentication_methods": [{"method": "password", "at": now().timestamp()}]}
    session = {**proof, "account_authentication_methods_user": str(ada.pk)}
    form = {**BOTH, "sure": "yes", "request_key": "the same click"}

    def click(failpoint: str = "") -> int:
        return visited(ada.pk, PAGE, form, fresh_database.app_url, failpoint, session=session).returncode

    assert click(failpoint) == -9
    assert len(merges()) == ("after_commit" in failpoint)
    for _again in range(2):
        assert click() == 0
    assert len(merges()) == 1
    with wall_opened(house=True):
        assert Event.objects.filter(kind="accounts.merged_at_desk").count() == 1
