"""Somebody unknown confirms an address and asks to join; nothing is told before, and nobody joins alone (F5.5)."""

import re

import pytest
from django.test import Client

from comptoir.identity.models import Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions import list_domain
from comptoir.organisations.models import JoinRequest, Membership
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

from .stage import acting
from .test_merging_pages import work

pytestmark = pytest.mark.django_db
NEW = {"email": "nadia.neuf@example.com", "first_name": "Nadia", "last_name": "Neuf", "language": "fr"}
ASK, CODE = "/access/newcomer/", "/access/newcomer/code/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def listed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comptoir.organisations.actions.joining.is_public", lambda _domain: False)
    list_domain(acting(cast.camille), cast.nord, domain="example.com", on=TODAY)


def mail_to(email: str) -> Message:
    work("identity.mail_registration")
    with signing_in():
        person = Person.objects.get(email=email)
    with wall_opened(person=person.pk):
        return Message.objects.filter(person_id=person.pk, organisation_id=None).latest("id")


def code() -> str:
    found = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mail_to(NEW["email"]).text, re.MULTILINE)
    assert found is not None
    return found[0]


def test_a_newcomer_confirms_their_address_asks_and_is_let_in_by_a_click(cast: Cast, listed: None) -> None:
    browser = Client()
    assert browser.post(ASK, NEW).headers["Location"] == CODE
    answer = browser.post(CODE, {"code": code()})
    assert answer.headers["Location"] == "/access/request/?asked=yes"
    assert "est en route" in words_of(browser.get(answer.headers["Location"]))  # in the language that they chose
    assert browser.get("/c/5200001/").status_code == 404  # nobody joins alone
    work("organisations.note_wish")
    work("organisations.tell_wish")
    with wall_opened(read=[cast.nord.pk]):
        wish = JoinRequest.objects.get()
        told = Message.objects.filter(once__startswith="wish:").values_list("to", flat=True)
        assert sorted(told) == ["anton.weber@example.com", "camille.morel@example.com", "sofia.costa@example.com"]
    assert (wish.name, wish.email) == ("Nadia Neuf", NEW["email"])
    assert signed_in(cast.sofia).post(f"/c/5200001/people/newcomers/{wish.pk}/approval/").status_code == 302
    assert browser.get("/c/5200001/").status_code == 200


@pytest.mark.parametrize("email", [NEW["email"], "nadia@nowhere.example", "emil.larsen@example.com"])
def test_neither_page_tells_which_domains_or_people_there_are(cast: Cast, listed: None, email: str) -> None:
    browser = Client()
    asked = browser.post(ASK, {**NEW, "email": email})
    assert (asked.status_code, asked.headers["Location"]) == (302, CODE)
    shown = words_of(browser.get(CODE)).replace(email, "…")
    other = Client()
    other.post(ASK, {**NEW, "email": "somebody@else.example"})
    assert shown == words_of(other.get(CODE)).replace("somebody@else.example", "…")
    mail_to(email)
    assert browser.post(CODE, {"code": "AAAA-AAAA"}).status_code == 422
    with wall_opened(read=[cast.nord.pk]):
        assert not JoinRequest.objects.exists()


def test_who_signs_in_already_is_told_by_mail_alone_and_gets_no_code(cast: Cast) -> None:
    browser = Client()
    browser.post(ASK, {**NEW, "email": cast.emil.email})
    mail = mail_to(cast.emil.email)
    assert "/access/request/" in mail.text
    assert not re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mail.text, re.MULTILINE)


def test_with_an_address_that_no_company_lists_one_is_a_person_who_belongs_nowhere(cast: Cast) -> None:
    browser = Client()
    browser.post(ASK, NEW)
    answer = browser.post(CODE, {"code": code()})
    assert answer.headers["Location"] == "/access/request/?asked=yes"
    work("organisations.note_wish")
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        assert not JoinRequest.objects.exists()
        assert not Membership.objects.filter(email=NEW["email"]).exists()


def test_after_three_wrong_codes_the_right_one_is_good_no_more(cast: Cast) -> None:
    browser = Client()
    browser.post(ASK, NEW)
    right = code()
    for _ in range(3):
        browser.post(CODE, {"code": "AAAA-AAAA"})
    assert browser.post(CODE, {"code": right}).headers["Location"] == ASK
    with signing_in():
        assert not Person.objects.get(email=NEW["email"]).is_active


def test_who_is_signed_in_asks_without_a_code(cast: Cast) -> None:
    assert signed_in(cast.oskar).get(ASK).headers["Location"] == "/access/request/"
    assert "/access/newcomer/" in Client().get("/access/").content.decode()
