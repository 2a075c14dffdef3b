"""The keys of licence files at the desk: seen, followed by the next, withdrawn with all that they signed."""

import json
from datetime import timedelta
from signal import SIGKILL

import pytest
import time_machine
from django.test import Client

from comptoir.entitlements.actions.signing import rotate_signing_key
from comptoir.entitlements.models import FileNumber, SigningKey
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.house import the_house
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import at_desk, raise_curtain, staff_member, words_of
from tests.visitor import visited

KEYS = "/desk/signing-keys/"


@pytest.fixture
def ada(db: None) -> Client:
    raise_curtain()
    return at_desk(staff_member("Ada", "Admin", "administrator"))


def made() -> SigningKey:
    with wall_opened(house=True):
        return rotate_signing_key(Actor.operator(), the_house())


def signs_files(key: SigningKey, count: int, days: int = 30) -> None:
    at = now()
    for nth in range(count):
        number, until = f"{key.kid}{nth}", at + timedelta(days=days)
        FileNumber.objects.create(number=number, key=key, issued_at=at, ends_at=until)


def log() -> list[str]:
    with wall_opened(house=True):
        return list(
            Event.objects.filter(chain="h", kind__startswith="signing_key").order_by("seq").values_list("kind", flat=True)
        )


def public(browser: Client) -> list[str]:
    return [key["kid"] for key in json.loads(browser.get("/.well-known/comptoir-licence-keys.json").content)["keys"]]


def test_the_first_key_signs_at_once_and_the_next_one_a_day_later(ada: Client) -> None:
    assert "No key signs licence files yet" in words_of(ada.get(KEYS))
    assert ada.post(KEYS).status_code == 302
    first = SigningKey.objects.get()
    signs_files(first, 2)
    assert "2 licence files for work without a network can be used now. These keys have signed them." in words_of(ada.get(KEYS))
    said = words_of(ada.post(KEYS, follow=True))
    second = SigningKey.objects.exclude(pk=first.pk).get()
    assert f"The key {second.kid[:8]}… is made and public." in said
    assert "The next key is made already" in said
    assert public(ada) == [first.kid, second.kid]
    again = ada.post(KEYS)  # a key that is to come is not overtaken
    assert (again.status_code, SigningKey.objects.count()) == (409, 2)
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        said = words_of(at_desk(staff_member("Ben", "Admin", "administrator")).get(KEYS))
        assert said.index("Signs from") < said.index("Public, until its last file has ended from")
    with time_machine.travel(now() + timedelta(days=32), tick=False):
        assert "No longer public" in words_of(at_desk(staff_member("Cleo", "Admin", "administrator")).get(KEYS))
    assert log() == ["signing_key.made", "signing_key.made"]


def test_withdrawing_shows_what_stops_before_it_does(ada: Client) -> None:
    key = made()
    signs_files(key, 3)
    page = f"{KEYS}{key.kid}/withdrawal/"
    said = words_of(ada.get(page))
    assert "3 licence files stop working." in said
    assert "Another key is made, which signs at once." in said
    assert (log(), SigningKey.objects.count()) == (["signing_key.made"], 1)
    empty = ada.post(page, {"reason": " "})
    assert (empty.status_code, FileNumber.objects.filter(revoked_at=None).count()) == (422, 3)
    assert "Say why" in words_of(empty)
    done = words_of(ada.post(page, {"reason": "A laptop was stolen"}, follow=True))
    assert "is withdrawn, and what it signed." in done
    assert "A laptop was stolen" in done
    assert not FileNumber.objects.filter(revoked_at=None).exists()
    assert public(ada) == [SigningKey.objects.exclude(pk=key.pk).get().kid]
    assert log() == ["signing_key.made", "signing_key.withdrawn"]
    assert ada.get(page).status_code == 404  # nothing is left to be withdrawn
    assert ada.post(page, {"reason": "again"}).status_code == 404


def test_the_next_key_signs_at_once_where_the_one_that_signs_is_withdrawn(ada: Client) -> None:
    first, second = made(), made()
    page = f"{KEYS}{first.kid}/withdrawal/"
    assert f"The next key, {second.kid}, signs at once." in words_of(ada.get(page))
    ada.post(page, {"reason": "Lost"})
    second.refresh_from_db()
    assert second.signs_from <= now()
    # and never an earlier one again
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        third = made()
    with time_machine.travel(now() + timedelta(hours=26), tick=False):
        ben = at_desk(staff_member("Ben", "Admin", "administrator"))
        assert "Another key is made, which signs at once." in words_of(ben.get(f"{KEYS}{third.kid}/withdrawal/"))
        ben.post(f"{KEYS}{third.kid}/withdrawal/", {"reason": "Lost too"})
        assert public(ben) == [SigningKey.objects.latest("pk").kid]
        assert SigningKey.objects.count() == 4


def test_who_has_not_just_shown_who_they_are_is_asked_again_and_others_find_nothing(ada: Client) -> None:
    key = made()
    stale = at_desk(staff_member("Ben", "Admin", "administrator"), fresh=False)
    others = [at_desk(staff_member(role.title(), "Else", role)) for role in ("catalogue", "finance", "support_agent")]
    for page, told in ((KEYS, {}), (f"{KEYS}{key.kid}/withdrawal/", {"reason": "Lost"})):
        assert stale.get(page).status_code == 200
        assert stale.post(page, told).headers["Location"].startswith("/sign-in/again/")
        assert [other.get(page).status_code for other in others] == [404, 404, 404]
        assert Client().get(page).status_code == 302
    assert (SigningKey.objects.filter(withdrawn_at=None).count(), log()) == (1, ["signing_key.made"])


def test_the_page_speaks_french(ada: Client) -> None:
    signs_files(made(), 1)
    benoit = staff_member("Benoît", "Admin", "administrator")
    with signing_in():
        Person.objects.filter(pk=benoit.pk).update(language="fr")
    said = words_of(at_desk(benoit).get(KEYS))
    assert "Clés de signature" in said
    assert "Signe" in said


@pytest.mark.parametrize("point", ["signing_key.made", "gate.before_commit", "gate.after_commit"])
def test_killed_while_a_key_is_made_there_is_one_or_none_and_the_same_click_makes_no_second(
    fresh_database: FreshDatabase, point: str
) -> None:
    raise_curtain()
    ada = staff_member("Ada", "Admin", "administrator")
    proof = {"account_authentication_methods": [{"method": "password", "at": now().timestamp()}]}
    session = {**proof, "account_authentication_methods_user": str(ada.pk)}
    died = visited(ada.pk, KEYS, {"request_key": "one"}, fresh_database.app_url, f"{point}:kill", session=session)
    assert died.returncode == -SIGKILL, died.stderr
    assert SigningKey.objects.count() == len(log()) == (1 if point == "gate.after_commit" else 0)
    again = visited(ada.pk, KEYS, {"request_key": "one"}, fresh_database.app_url, session=session)
    assert json.loads(again.stdout)["status"] == 302
    assert SigningKey.objects.count() == len(log()) == 1


def test_killed_while_a_key_is_withdrawn_its_files_go_with_it_or_stay_with_it(fresh_database: FreshDatabase) -> None:
    raise_curtain()
    ada, key = staff_member("Ada", "Admin", "administrator"), made()
    signs_files(key, 2)
    proof = {"account_authentication_methods": [{"method": "password", "at": now().timestamp()}]}
    session = {**proof, "account_authentication_methods_user": str(ada.pk)}
    page, told = f"{KEYS}{key.kid}/withdrawal/", {"request_key": "one", "reason": "Lost"}
    died = visited(ada.pk, page, told, fresh_database.app_url, "signing_key.withdrawn:kill", session=session)
    assert died.returncode == -SIGKILL, died.stderr
    assert FileNumber.objects.filter(revoked_at=None).count() == 2
    assert SigningKey.objects.filter(withdrawn_at=None).get() == key
    visited(ada.pk, page, told, fresh_database.app_url, session=session)
    assert FileNumber.objects.filter(revoked_at=None).count() == 0
    assert SigningKey.objects.filter(withdrawn_at=None).exclude(pk=key.pk).count() == 1


def test_of_many_rotations_at_once_one_makes_a_key(fresh_database: FreshDatabase) -> None:
    answers = in_threads(8, lambda _nth: made())
    first = [answer for answer in answers if isinstance(answer, SigningKey)]
    # the very first signs at once, so that one more may follow it; nobody makes a third
    assert SigningKey.objects.count() == len(first) == 2
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"key_to_come"}
    assert len([answer for answer in answers if isinstance(answer, Refused)]) == 6
    assert len(log()) == 2
