"""A buyer unknown to us registers a new customer (P13); nobody joins an existing one this way (F5.5)."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from comptoir.catalogue.models import Terms
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AcceptedTerms, Membership, Organisation, RoleGrant
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
NEW = "nadia.neuf@neuf.example"
TOLD = {
    "email": NEW,
    "first_name": "Nadia",
    "last_name": "Neuf",
    "name": "Neuf SARL",
    "country": "FR",
    "street": "1 rue Neuve",
    "postcode": "75001",
    "city": "Paris",
    "tax_number": "",
    "language": "fr",
    "accept": "on",
}


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=TODAY)
    return cast


def work() -> None:
    """What a worker would do: mail what was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->'arguments')::text FROM procrastinate_jobs WHERE args->>'name' = 'identity.mail_registration'"
        )
        waiting = [json.loads(told) for (told,) in cursor.fetchall()]
    for told in waiting:
        JOBS["identity.mail_registration"][0](Actor.job("identity.mail_registration", None), **told)


def person(email: str = NEW) -> Person | None:
    with signing_in():
        return Person.objects.filter(email__iexact=email).first()


def mails(who: Person) -> list[Message]:
    with wall_opened(person=who.pk):
        return list(Message.objects.filter(person_id=who.pk).order_by("-id"))


def code() -> str:
    work()
    who = person()
    assert who is not None
    found = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mails(who)[0].text, re.MULTILINE)
    assert found is not None
    return found[0]


def registered(browser: Client, **told: Any) -> Any:
    """Fill in the form, and type the code that was mailed."""
    asked = browser.post("/register/", {**TOLD, **told})
    assert asked.headers["Location"] == "/register/code/", words_of(asked)
    return browser.post("/register/code/", {"code": code()})


def the_new_one(location: str) -> Organisation:
    number = location.split("/")[2]
    who = person()
    assert who is not None
    with wall_opened(person=who.pk):
        return Organisation.objects.get(number=number)


def test_a_company_registers_and_its_buyer_is_its_contract_manager(cast: Cast) -> None:
    browser = Client()
    answer = registered(browser)
    made = the_new_one(answer.headers["Location"])
    assert (made.name, made.country, made.currency, made.language, made.city) == ("Neuf SARL", "FR", "EUR", "fr", "Paris")
    assert made.number.startswith("N")  # no number of an old centre does
    with wall_opened(read=[made.pk]):
        member = Membership.objects.get(organisation=made)
        assert (member.name, member.sort_name, member.email, member.joined_on) == ("Nadia Neuf", "neuf nadia", NEW, TODAY)
        roles = RoleGrant.objects.filter(organisation=made).values_list("role", "contract_id")
        assert list(roles) == [("contract_manager", None)]
        assert AcceptedTerms.objects.get(organisation=made).version == "7"
        assert Event.objects.filter(organisation_id=made.pk, kind="customer.registered").count() == 1
    home = browser.get(answer.headers["Location"])
    assert home.status_code == 200
    assert "Neuf SARL" in words_of(home)


def test_the_currency_follows_the_country(cast: Cast) -> None:
    assert the_new_one(registered(Client(), country="CH").headers["Location"]).currency == "CHF"


def test_a_country_in_whose_currency_nothing_is_sold_buys_in_the_first_one(cast: Cast) -> None:
    assert the_new_one(registered(Client(), country="BR").headers["Location"]).currency == "EUR"


def test_the_buyer_stands_in_the_new_customer_with_the_basket_kept(cast: Cast) -> None:
    browser = Client()
    browser.post("/basket/", {"action": "add", "product": "SCLT", "term": "year", "seats": 2})
    answer = registered(browser)
    assert answer.headers["Location"].endswith("/basket/")
    page = words_of(browser.get(answer.headers["Location"])).replace("\xa0", " ")
    assert "672,00 EUR" in page  # 2 × 280 with 20 % of tax, in the French that was chosen


def test_without_the_code_there_is_nobody_and_no_customer(cast: Cast) -> None:
    browser = Client()
    browser.post("/register/", TOLD)
    right = code()
    for _ in range(3):
        assert browser.post("/register/code/", {"code": "AAAA-AAAA"}).status_code == 422
    late = browser.post("/register/code/", {"code": right})  # after three wrong ones the right one is none
    assert late.headers["Location"] == "/register/"
    who = person()
    assert who is not None
    assert not who.is_active
    with wall_opened(person=who.pk):
        assert not Membership.objects.exists()
    assert browser.get("/profile/").status_code == 302


def test_the_code_of_one_browser_opens_nothing_in_another(cast: Cast) -> None:
    Client().post("/register/", TOLD)
    assert Client().post("/register/code/", {"code": code()}).headers["Location"] == "/register/"


def test_nobody_learns_who_signs_in_here(cast: Cast) -> None:
    known, unknown = Client(), Client()
    answers = [
        browser.post("/register/", {**TOLD, "email": email}) for browser, email in ((known, cast.emil.email), (unknown, NEW))
    ]
    assert len({(each.status_code, each.headers["Location"], each.content) for each in answers}) == 1
    pages = [words_of(browser.get("/register/code/")) for browser in (known, unknown)]
    assert pages[0].replace(cast.emil.email, NEW) == pages[1]
    work()
    told = person(cast.emil.email)
    assert told is not None
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", mails(told)[0].text) is None
    assert "Sign in at" in mails(told)[0].text
    wrong = [browser.post("/register/code/", {"code": "AAAA-AAAA"}) for browser in (known, unknown)]
    assert [each.status_code for each in wrong] == [422, 422]


def test_who_signs_in_already_registers_another_company_without_a_code(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    told = {name: value for name, value in TOLD.items() if name not in {"email", "first_name", "last_name"}}
    answer = browser.post("/register/", {**told, "request_key": "k"})
    twin = browser.post("/register/", {**told, "request_key": "k"})  # a second click
    assert twin.headers["Location"] == answer.headers["Location"]
    with wall_opened(person=cast.emil.person_id):
        mine = set(Organisation.objects.filter(membership__person_id=cast.emil.person_id).values_list("name", flat=True))
    assert mine == {"Atelier Nord", "Neuf SARL"}


def test_nobody_joins_a_customer_that_is_there_by_its_name(cast: Cast) -> None:
    made = the_new_one(registered(Client(), name=cast.nord.name).headers["Location"])
    assert made.pk != cast.nord.pk
    with wall_opened(read=[cast.nord.pk]):
        assert not Membership.objects.filter(organisation=cast.nord, email=NEW).exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tax_number": "FR00000000000"}, "This is not a valid VAT number of your country."),
        ({"country": "XX"}, "Select a valid choice"),
        ({"email": "no address"}, "valid email"),
        ({"name": ""}, "This field is required"),
        ({"accept": ""}, "The terms of sale have to be accepted to register."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(cast: Cast, wrong: dict[str, str], sentence: str) -> None:
    answer = Client().post("/register/", {**TOLD, **wrong})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert "1 rue Neuve" in answer.content.decode()
    assert person() is None


def test_a_valid_vat_number_is_kept_as_invoices_write_it(cast: Cast) -> None:
    assert the_new_one(registered(Client(), tax_number="40 303 265 045").headers["Location"]).tax_number == "FR40303265045"


def test_a_country_that_is_not_served_is_told_before_anything_is_made(cast: Cast, settings: Any) -> None:
    settings.COUNTRIES_NOT_SERVED = frozenset({"FR"})
    answer = Client().post("/register/", TOLD)
    assert answer.status_code == 422
    assert "Self-service is not available in your country." in words_of(answer)


def test_too_many_codes_for_one_address_are_refused(cast: Cast) -> None:
    answers = [Client().post("/register/", TOLD).status_code for _ in range(5)]
    assert answers == [302, 302, 302, 302, 429]
