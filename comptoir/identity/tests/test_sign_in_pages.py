"""Signing in, end to end: codes and new passwords by mail, the sessions and their end."""

import json
import re

import pytest
from django.db import connection
from django.test import Client

from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests.cast import PASSWORD, TODAY, Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
NEW = "an entirely new password"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def jobs() -> list[dict[str, object]]:
    """What waits for a worker to mail a code, oldest first: the arguments of each job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->'arguments')::text FROM procrastinate_jobs WHERE args->>'name' = 'identity.mail_code' ORDER BY id"
        )
        return [json.loads(told) for (told,) in cursor.fetchall()]


def mails_to(who: Membership) -> list[Message]:
    """The mails that wait for somebody once a worker has done its work, the newest first."""
    for told in jobs():
        JOBS["identity.mail_code"][0](Actor.job("identity.mail_code", None), **told)
    with wall_opened(person=who.person_id):
        return list(Message.objects.filter(person_id=who.person_id).order_by("-id"))


def code_for(who: Membership) -> str:
    """The code that was mailed last."""
    found = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mails_to(who)[0].text, re.MULTILINE)
    assert found is not None
    return found[0]


def test_a_code_by_mail_signs_in(cast: Cast) -> None:
    browser = Client()
    asked = browser.post("/sign-in/code/", {"email": cast.emil.email})
    assert asked.headers["Location"] == "/sign-in/code/confirm/"
    assert cast.emil.email in words_of(browser.get("/sign-in/code/confirm/"))
    entered = browser.post("/sign-in/code/confirm/", {"code": code_for(cast.emil)})
    assert entered.headers["Location"] == "/"
    inside = browser.get("/", follow=True)
    assert inside.redirect_chain == [("/c/5200001/", 302)]
    assert "signed in as" not in words_of(inside), "the frame says who one is"


def test_a_wrong_code_does_not(cast: Cast) -> None:
    browser = Client()
    browser.post("/sign-in/code/", {"email": cast.emil.email})
    code_for(cast.emil)
    assert browser.post("/sign-in/code/confirm/", {"code": "AAAA-AAAA"}).status_code == 200
    assert browser.get("/profile/").status_code == 302


@pytest.mark.parametrize("like", ["emıl.larsen@example.com", "emil.larſen@example.com"])
def test_an_address_that_looks_like_another_one_is_another_one(cast: Cast, like: str) -> None:
    with signing_in():  # it was there first: a lookup that takes both finds it
        Person.objects.create(pk=0, email=like, first_name="Emil", last_name="Larsen", password="!", created_on=TODAY)
    browser = Client()
    assert browser.post("/sign-in/", {"login": cast.emil.email.upper(), "password": PASSWORD}).status_code == 302
    assert str(cast.emil.person_id) == browser.session["_auth_user_id"]
    test_a_code_by_mail_signs_in(cast)
    test_a_forgotten_password_is_chosen_anew_with_a_code(cast)
    before = len(mails_to(cast.emil))
    for address in ("/sign-in/code/", "/password/forgotten/"):
        assert Client().post(address, {"email": like}).status_code == 302
    assert len(mails_to(cast.emil)) == before


def test_nobody_learns_who_has_an_account(cast: Cast) -> None:
    known, unknown = Client(), Client()
    for address in ("/sign-in/code/", "/password/forgotten/"):
        answers = [
            browser.post(address, {"email": email})
            for browser, email in ((known, cast.emil.email), (unknown, "nobody@example.com"))
        ]
        assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1


def test_a_forgotten_password_is_chosen_anew_with_a_code(cast: Cast) -> None:
    browser = Client()
    assert browser.post("/password/forgotten/", {"email": cast.emil.email}).headers["Location"] == "/password/forgotten/code/"
    assert cast.emil.email in words_of(browser.get("/password/forgotten/code/"))
    confirmed = browser.post("/password/forgotten/code/", {"code": code_for(cast.emil)})
    assert confirmed.headers["Location"] == "/password/forgotten/new/"
    chosen = browser.post("/password/forgotten/new/", {"password1": NEW, "password2": NEW}, follow=True)
    assert (chosen.status_code, chosen.redirect_chain[-1][0]) == (200, "/password/forgotten/done/")
    for password, there in ((PASSWORD, "/sign-in/?next=/profile/"), (NEW, "")):
        again = Client()
        again.post("/sign-in/", {"login": cast.emil.email, "password": password})
        assert again.get("/profile/").headers.get("Location", "") == there


def test_mails_speak_the_persons_language_and_name_the_vendor(cast: Cast) -> None:
    signed_in(cast.emil, "fr")  # has confirmed French
    Client().post("/sign-in/code/", {"email": cast.emil.email})
    mail = mails_to(cast.emil)[0]
    assert mail.subject == "Votre code de connexion à Atelier Sculpt"
    assert mail.text.startswith("Bonjour Emil Larsen,\n")
    assert mail.text.rstrip().endswith("8000")
    assert mail.secret
    assert "-" not in mail.subject  # the code itself is in the text, which goes once it was handed over


def test_a_changed_password_is_told_by_mail_and_ends_the_other_sessions(cast: Cast) -> None:
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
        assert browser.get("/profile/").status_code == 200
    changed = here.post("/profile/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}, follow=True)
    assert changed.status_code == 200
    mail = mails_to(cast.emil)[0]
    assert mail.subject == "Your password at Atelier Sculpt was changed"
    assert "from the address 127.0.0.1" in mail.text
    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302


def test_other_sessions_are_listed_and_ended(cast: Cast) -> None:
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
        browser.get("/profile/")
    assert "You are signed in on 2 browsers." in words_of(here.get("/profile/sessions/"))
    here.post("/profile/sessions/")
    assert "You are signed in on this browser only." in words_of(here.get("/profile/sessions/"))
    assert elsewhere.get("/profile/").status_code == 302


def test_an_evil_name_stays_text_in_mails_and_pages(cast: Cast) -> None:
    with signing_in():
        type(cast.emil.person).objects.filter(pk=cast.emil.person_id).update(first_name="<b>O'Neil</b>")
    Client().post("/sign-in/code/", {"email": cast.emil.email})
    assert mails_to(cast.emil)[0].text.startswith("Hello <b>O'Neil</b> Larsen,")  # plain text: as it is
    page = signed_in(cast.emil).get("/profile/").content.decode()
    assert "<b>O" not in page
    assert "&lt;b&gt;O&#x27;Neil&lt;/b&gt; Larsen" in page
    assert "&amp;#x27;" not in page


def test_the_address_has_one_name_on_all_pages_before_one_is_inside() -> None:
    for address in ("/sign-in/code/", "/password/forgotten/"):
        said = words_of(Client().get(address, headers={"accept-language": "fr"}))
        assert "E-mail" in said
        assert "Courriel" not in said
