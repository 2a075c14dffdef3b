"""What guessing costs: whose tries are counted together, what a twin gets, what time tells."""

import json
import re
import runpy
from typing import Any

import pytest
from django.conf import settings as told
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.identity.adapters import SignIns, signing_in
from comptoir.identity.models import OldSignIn, Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, Message
from comptoir.kernel.tests.stage import at_once
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import PASSWORD, Cast, raise_curtain, words_of
from tests.sources import HOUSE

ASKING = ("/sign-in/code/", "/password/forgotten/")
TOO_MANY = "Too many failed"


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        return raise_curtain()


def guess(name: str, password: str = "wrong", **headers: str) -> str:
    """What the page says to one try; nothing where it lets in."""
    return words_of(Client().post("/sign-in/", {"login": name, "password": password}, headers=headers or None))


def jobs() -> list[dict[str, str]]:
    """The arguments of the jobs that look whether a code is to be mailed, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->'arguments')::text FROM procrastinate_jobs WHERE args->>'name' = 'identity.mail_code' ORDER BY id"
        )
        return [json.loads(arguments) for (arguments,) in cursor.fetchall()]


def work() -> None:
    """Do what a worker does with them."""
    for arguments in jobs():
        JOBS["identity.mail_code"][0](Actor.job("identity.mail_code", None), **arguments)


def mails(person_id: int) -> list[str]:
    with wall_opened(person=person_id):
        return list(Message.objects.order_by("id").values_list("text", flat=True))


# --- whose tries are counted together ------------------------------------------------------------------------------------


def test_behind_a_proxy_each_client_has_an_address_of_its_own(cast: Cast, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    said = [guess(f"nobody{number}@example.com", **{"x-forwarded-for": "6.6.6.6, 198.51.100.1"}) for number in range(12)]
    assert TOO_MANY in said[-1]
    assert TOO_MANY not in guess("nobody@example.com", **{"x-forwarded-for": "6.6.6.6, 198.51.100.2"})
    # what a client writes itself counts for nothing
    assert TOO_MANY in guess("nobody@example.com", **{"x-forwarded-for": "7.7.7.7, 198.51.100.1"})


@pytest.mark.parametrize(("proxy", "count"), [("1", 1), ("", 0)])
def test_a_proxy_is_trusted_where_the_operator_says_that_there_is_one(proxy: str, count: int, monkeypatch: Any) -> None:
    monkeypatch.setenv("COMPTOIR_BEHIND_PROXY", proxy)
    assert runpy.run_path(str(HOUSE / "settings.py"))["ALLAUTH_TRUSTED_PROXY_COUNT"] == count


def test_guesses_at_all_names_of_one_person_count_together(cast: Cast) -> None:
    with wall_opened(person=cast.emil.person_id):
        for old_id in ("SC00000001", "SC00000002"):
            OldSignIn.objects.create(person_id=cast.emil.person_id, old_id=old_id)
    for name in (cast.emil.email, "SC00000001", cast.emil.email.upper(), "sc00000002", "SC00000002"):
        assert TOO_MANY not in guess(name)
    for name in (cast.emil.email, "SC00000001", "sc00000002"):
        assert TOO_MANY in guess(name, PASSWORD)
    assert guess(cast.sofia.email, PASSWORD) == ""  # somebody else's are not theirs


def test_guesses_at_a_name_that_is_nobodys_count_by_the_name(cast: Cast) -> None:
    for _ in range(5):
        assert TOO_MANY not in guess("nobody@example.com")
    assert TOO_MANY in guess("Nobody@example.com")
    assert TOO_MANY not in guess("somebody@example.com")


def test_nobody_is_locked_out_by_a_name_that_looks_like_a_key(cast: Cast) -> None:
    for _ in range(6):
        guess(f"person:{cast.emil.person_id}")
    assert guess(cast.emil.email, PASSWORD) == ""


def test_a_flood_of_other_names_wipes_out_no_count(cast: Cast) -> None:
    for _ in range(5):
        guess(cast.emil.email)
    for number in range(320):
        cache.set(f"zz:{number}", number)
    assert TOO_MANY in guess(cast.emil.email, PASSWORD)


# --- what time tells -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ASKING)
def test_asking_for_a_code_costs_the_same_whether_or_not_there_is_an_account(address: str, cast: Cast) -> None:
    Client().post(address, {"email": "first@example.com"})  # from here on the address of the client is known
    asked = []
    for email in (cast.emil.email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            Client().post(address, {"email": email})
        asked.append([re.sub(r"'[^']*'|[\d.]+", "?", query["sql"]) for query in queries])
    assert asked[0] == asked[1]
    assert len(jobs()) == 3
    assert mails(cast.emil.person_id) == []  # until a worker looks


@pytest.mark.parametrize("address", ASKING)
def test_a_worker_mails_a_code_once_and_to_nobody_who_is_not_there(address: str, cast: Cast) -> None:
    Client().post(address, {"email": "nobody@example.com"})
    Client().post(address, {"email": cast.emil.email})
    work()
    work()
    (text,) = mails(cast.emil.person_id)
    assert re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", text, re.MULTILINE)
    assert [len(mails(person.person_id)) for person in (cast.camille, cast.sofia)] == [0, 0]


def test_neither_code_nor_address_stands_in_a_job(cast: Cast) -> None:
    Client().post("/sign-in/code/", {"email": cast.emil.email})
    (arguments,) = jobs()
    assert list(arguments) == ["ticket"]
    work()
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mails(cast.emil.person_id)[0], re.MULTILINE)
    assert code is not None
    assert code[0] not in arguments["ticket"]


# --- twins ---------------------------------------------------------------------------------------------------------------


def asked_for_a_code(cast: Cast) -> tuple[str, str]:
    """The cookie of a browser that asked for a code, and the code."""
    browser = Client()
    browser.post("/sign-in/code/", {"email": cast.emil.email})
    work()
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mails(cast.emil.person_id)[0], re.MULTILINE)
    assert code is not None
    return browser.cookies[told.SESSION_COOKIE_NAME].value, code[0]


def type_at_once(number: int, cookie: str, code: str) -> list[Any]:
    def type_it(_number: int) -> object:
        browser = Client()
        browser.cookies[told.SESSION_COOKIE_NAME] = cookie
        return browser.post("/sign-in/code/confirm/", {"code": code})

    return at_once(number, type_it)


def test_guesses_of_one_session_at_once_are_no_more_than_one_after_the_other(committed: Cast) -> None:
    cookie, code = asked_for_a_code(committed)
    answers = type_at_once(12, cookie, "AAAA-AAAA")
    tried = [answer for answer in answers if answer.status_code == 200]  # the form again
    gone = [answer for answer in answers if answer.status_code == 302]
    assert (len(tried), len(gone)) == (2, 10)
    (last,) = type_at_once(1, cookie, code)
    assert last.headers["Location"] == "/sign-in/code/"


def test_one_right_code_sent_four_times_at_once_makes_one_session(committed: Cast) -> None:
    cookie, code = asked_for_a_code(committed)
    answers = type_at_once(4, cookie, code)
    assert sorted(answer.headers["Location"] for answer in answers) == ["/", *["/sign-in/code/"] * 3]
    people = [session.get_decoded().get("_auth_user_id") for session in Session.objects.all()]
    assert people.count(str(committed.emil.person_id)) == 1


# --- what a sign-in leaves -----------------------------------------------------------------------------------------------


def test_a_sign_in_says_when_somebody_showed_who_they_are(cast: Cast, rf: Any) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
    request = rf.get("/")
    request.session = browser.session
    with signing_in():
        request.user = Person.objects.get(pk=cast.emil.person_id)
        colleague = Person.objects.get(pk=cast.sofia.person_id)
    at = SignIns().proved_at(request)
    assert at is not None
    assert abs(at.timestamp() - browser.session["account_authentication_methods"][0]["at"]) < 0.001
    browser.post("/sign-in/again/", {"password": PASSWORD})
    request.session = browser.session
    later = SignIns().proved_at(request)
    assert later is not None
    assert later > at
    request.user = colleague
    assert SignIns().proved_at(request) is None


def test_the_wrong_password_shows_nothing_anew(cast: Cast) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
    before = browser.session["account_authentication_methods"]
    assert browser.post("/sign-in/again/", {"password": "wrong"}).status_code == 200
    assert browser.session["account_authentication_methods"] == before


def test_the_log_says_once_that_the_password_of_the_old_centre_was_used(cast: Cast) -> None:
    guess(cast.emil.email)
    with wall_opened(person=cast.emil.person_id):
        assert not Event.objects.exists()
    for _ in range(2):
        assert guess(cast.emil.email, PASSWORD) == ""
    with wall_opened(person=cast.emil.person_id):
        event = Event.objects.get()
        assert (event.kind, event.chain, event.detail) == (
            "password.upgraded",
            f"p:{cast.emil.person_id}",
            {"was": "old_sha1"},
        )


def test_who_is_closed_out_keeps_the_old_password_and_leaves_no_line(cast: Cast) -> None:
    with signing_in():
        Person.objects.filter(pk=cast.emil.person_id).update(is_active=False)
    guess(cast.emil.email, PASSWORD)
    with signing_in():
        assert Person.objects.get(pk=cast.emil.person_id).has_old_password
    with wall_opened(person=cast.emil.person_id):
        assert not Event.objects.exists()
