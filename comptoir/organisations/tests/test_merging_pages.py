"""Merging two accounts in a browser: both proved, what moves is shown, guesses are counted; afterwards both names sign in."""

import json
import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from comptoir.identity.models import OldSignIn, Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import Belonging
from comptoir.permissions import Role
from tests.cast import PASSWORD, Cast, member, raise_curtain, seat, words_of

pytestmark = pytest.mark.django_db
OTHER, CODE, MERGE = "/profile/other-account/", "/profile/other-account/code/", "/profile/other-account/merge/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def entered(who: Membership) -> Client:
    """A browser in which somebody has just signed in with their password."""
    browser = Client()
    assert browser.post("/sign-in/", {"login": who.email, "password": PASSWORD}).status_code == 302
    return browser


def work(*names: str) -> None:
    """What a worker does with the jobs of these names."""
    with connection.cursor() as cursor:
        told = "DELETE FROM procrastinate_jobs WHERE args->>'name' = ANY(%s) RETURNING args::text"
        cursor.execute(told, [list(names)])
        waiting = [json.loads(args) for (args,) in cursor.fetchall()]
    for args in waiting:
        customer = args["organisation_id"]
        with wall_opened(read=[customer] if customer else [], write=customer):
            JOBS[args["name"]][0](Actor.job(args["name"], customer), **args["arguments"])


def mails(who: Membership) -> list[Message]:
    with wall_opened(person=who.person_id):
        return list(Message.objects.filter(person_id=who.person_id, organisation_id=None).order_by("-id"))


def code_for(who: Membership) -> str:
    work("identity.mail_code")
    found = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mails(who)[0].text, re.MULTILINE)
    assert found is not None
    return found[0]


def proved(browser: Client, other: Membership) -> str:
    """Show the other account by its password; gives the words of the preview."""
    shown = browser.post(OTHER, {"name": other.email, "password": PASSWORD})
    assert shown.headers["Location"] == MERGE
    return words_of(browser.get(MERGE))


def confirm(browser: Client, other: Membership) -> object:
    return browser.post(MERGE, {"other": other.person_id, "request_key": "k"})


def test_by_a_mailed_code_two_accounts_become_one_and_both_names_sign_in(cast: Cast) -> None:
    with wall_opened(person=cast.oskar.person_id):
        OldSignIn.objects.create(person_id=cast.oskar.person_id, old_id="oost7")
    theirs, browser = entered(cast.oskar), entered(cast.emil)
    assert browser.post(OTHER, {"name": "OOST7", "password": ""}).headers["Location"] == CODE
    assert browser.post(CODE, {"code": code_for(cast.oskar)}).headers["Location"] == MERGE
    words = words_of(browser.get(MERGE))
    for told in ("Studio Est", "Oskar Ost", "Contract manager", "oost7", "oskar.ost@example.com"):
        assert told in words
    assert confirm(browser, cast.oskar).headers["Location"] == "/profile/"
    assert "being brought over" in words_of(browser.get("/profile/"))
    assert theirs.get("/profile/").headers["Location"].startswith("/sign-in/")  # its sessions have ended
    work("organisations.bring_over", "identity.tell_merged")
    profile = words_of(browser.get("/profile/"))
    assert "being brought over" not in profile
    assert "oskar.ost@example.com" in profile
    assert "oost7" in profile
    assert browser.get("/c/5200002/").status_code == 200
    for name in ("oskar.ost@example.com", "oost7", "emil.larsen@example.com"):
        again = Client()
        assert again.post("/sign-in/", {"login": name, "password": PASSWORD}).status_code == 302
        assert again.get("/c/5200001/").status_code == again.get("/c/5200002/").status_code == 200
    for who in (cast.emil, cast.oskar):  # both hear, each in their own mailbox
        assert mails(who)[0].to == who.email
        assert "emil.larsen@example.com" in mails(who)[0].text


def test_a_code_to_sign_in_by_the_other_name_goes_to_the_account_that_stays(cast: Cast) -> None:
    browser = entered(cast.emil)
    proved(browser, cast.oskar)
    confirm(browser, cast.oskar)
    for page, typed in (("/sign-in/code/", "/sign-in/code/confirm/"), ("/password/forgotten/", None)):
        again = Client()
        asked = again.post(page, {"email": cast.oskar.email})
        shown = words_of(again.get(asked.headers["Location"]))
        assert cast.emil.email not in shown  # whoever types the one name does not learn the other
        code = code_for(cast.emil)
        if typed:
            assert again.post(typed, {"code": code}).headers["Location"] == "/"
            assert again.get("/profile/").status_code == 200
        else:
            assert again.post(asked.headers["Location"], {"code": code}).status_code == 302
    assert [each for each in mails(cast.oskar) if "code" in each.subject] == []


def test_in_the_same_company_what_is_had_twice_is_told(cast: Cast) -> None:
    emma = member(cast.nord, "Emma", "Larsen", (Role.PAYER, None))
    for who in (cast.emil, emma):
        seat(cast.subscription, who, given_on=date(2026, 5, 1))
    words = proved(entered(cast.emil), emma)
    assert "You stay as Emil Larsen" in words
    assert "you have it twice" in words
    assert "Payer" in words


@pytest.mark.parametrize("typed", ["nobody@example.com", "oskar.ost@example.com"])
def test_whether_there_is_such_an_account_is_not_told(cast: Cast, typed: str) -> None:
    browser = entered(cast.emil)
    asked = browser.post(OTHER, {"name": typed, "password": ""})
    assert asked.headers["Location"] == CODE
    work("identity.mail_code")
    wrong = browser.post(CODE, {"code": "AAAA-AAAA"})
    assert (wrong.status_code, "three tries" in words_of(wrong)) == (422, True)
    guessed = browser.post(OTHER, {"name": typed, "password": "wrong"})
    assert (guessed.status_code, "No account has this" in words_of(guessed)) == (422, True)
    assert browser.get(MERGE).headers["Location"] == OTHER


def test_after_three_wrong_codes_the_right_one_is_good_no_more(cast: Cast) -> None:
    browser = entered(cast.emil)
    browser.post(OTHER, {"name": cast.oskar.email, "password": ""})
    code = code_for(cast.oskar)
    for _ in range(3):
        assert browser.post(CODE, {"code": "AAAA-AAAA"}).status_code == 422
    assert browser.post(CODE, {"code": code}).headers["Location"] == OTHER
    assert browser.get(MERGE).headers["Location"] == OTHER


def test_codes_and_guesses_are_counted_by_the_account_whichever_name_is_typed(cast: Cast) -> None:
    with wall_opened(person=cast.oskar.person_id):
        OldSignIn.objects.create(person_id=cast.oskar.person_id, old_id="oost7")
    browser = entered(cast.emil)
    names = ["oost7", "OOST7", cast.oskar.email, "Oskar.Ost@example.com", cast.oskar.email]
    answers = [browser.post(OTHER, {"name": name, "password": ""}).status_code for name in names]
    assert answers == [302, 302, 302, 302, 422]
    guesses = [browser.post(OTHER, {"name": name, "password": "wrong"}) for name in names * 3]
    assert "Too many" in words_of(guesses[-1])
    right = browser.post(OTHER, {"name": cast.oskar.email, "password": PASSWORD})
    assert right.status_code == 422


def test_an_old_proof_and_one_of_another_tab_merge_nothing(cast: Cast) -> None:
    browser = entered(cast.emil)
    proved(browser, cast.oskar)
    proved(browser, cast.sofia)  # in another tab
    assert confirm(browser, cast.oskar).status_code == 409
    session = browser.session
    session["proved"] = {**session["proved"], "until": 0}
    session.save()
    assert confirm(browser, cast.sofia).status_code == 409
    assert browser.get(MERGE).headers["Location"] == OTHER
    with signing_in():
        assert not Person.objects.filter(merged__isnull=False).exists()


def test_who_signed_in_long_ago_shows_first_who_they_are(cast: Cast) -> None:
    browser = entered(cast.emil)
    proved(browser, cast.oskar)
    session = browser.session
    (signed_in,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**signed_in, "at": signed_in["at"] - 20 * 60}]
    session.save()
    asked = confirm(browser, cast.oskar)
    assert asked.headers["Location"].startswith("/sign-in/again/?next=")
    browser.post(asked.headers["Location"], {"password": PASSWORD})
    assert confirm(browser, cast.oskar).headers["Location"] == "/profile/"


def test_sent_twice_it_is_done_once_and_ones_own_account_is_refused(cast: Cast) -> None:
    browser = entered(cast.emil)
    assert "signed in with" in proved(browser, cast.emil)
    proved(browser, cast.oskar)
    assert confirm(browser, cast.oskar).status_code == 302
    assert confirm(browser, cast.oskar).status_code == 409
    with wall_opened(person=cast.oskar.person_id):
        assert Belonging().customers(cast.oskar.person_id) == [cast.est.pk]
