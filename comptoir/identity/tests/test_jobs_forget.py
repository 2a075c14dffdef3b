"""Addresses that somebody typed and nobody confirmed are erased after some days; nobody else is touched."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from comptoir.catalogue.models import Terms
from comptoir.identity import adapters
from comptoir.identity.actions import confirm_address
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.gate import themselves
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, House, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
NEW = "nadia.neuf@neuf.example"


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=TODAY)
    return cast


def ask(email: str = NEW, on: date = TODAY) -> Person:
    """What a worker does with an address that was typed: a person who can't sign in, and a mail with a code."""
    cache.set("mail:ticket", (email, "ABCD-EFGH", "fr", "register"), 60)
    adapters.mail_registration("ticket", on)
    return next(each for each in people() if each.email == email)


def people() -> list[Person]:
    with signing_in():
        return list(Person.objects.order_by("pk"))


def night(after: int) -> None:
    """The job, so many days after `TODAY`."""
    House.objects.update(business_day=TODAY + timedelta(days=after))
    JOBS["identity.forget_unconfirmed"][0](Actor.job("identity.forget_unconfirmed", None))


def mails(person_id: int) -> int:
    with wall_opened(person=person_id):
        return Message.objects.filter(person_id=person_id).count()


def log() -> list[tuple[str, Any]]:
    with wall_opened(house=True):
        return list(Event.objects.filter(chain="h", kind="unconfirmed.forgotten").values_list("actor", "detail"))


def test_after_seven_days_the_address_and_its_mail_are_gone_and_the_log_names_nobody(cast: Cast) -> None:
    others = {each.pk for each in people()}
    nadia = ask().pk
    assert mails(nadia) == 1
    night(7)
    assert {each.pk for each in people()} == {*others, nadia}  # seven days are kept
    night(8)
    assert {each.pk for each in people()} == others
    assert mails(nadia) == 0
    assert log() == [("job:identity.forget_unconfirmed", {"count": 1})]
    night(9)
    assert len(log()) == 1  # with nothing to do nothing is said


def test_who_asks_again_is_kept_from_that_day_on(cast: Cast) -> None:
    nadia = ask()
    assert ask(on=TODAY + timedelta(days=5)).pk == nadia.pk
    night(12)
    assert nadia in people()
    night(13)
    assert nadia not in people()


def test_nobody_who_was_ever_in_is_touched(cast: Cast) -> None:
    nadia = ask()
    with wall_opened(person=nadia.pk):
        told = {"first_name": "Nadia", "last_name": "Neuf", "language": "fr"}
        confirm_address(themselves(nadia.pk), nadia, **told, on=TODAY)
    with signing_in():
        Person.objects.update(is_active=False)  # whoever was barred later stays a person with a past
        Person.objects.filter(pk=cast.emil.person_id).update(first_name="", last_name="", last_login=now())
    before = people()
    night(400)
    assert people() == before
    assert log() == []


def test_whom_a_customer_names_stays_though_never_in(cast: Cast) -> None:
    nadia, other = ask(), ask("else@neuf.example")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"organisation": cast.nord, "person": nadia, "joined_on": TODAY, "email": nadia.email}
        Membership.objects.create(**told, name=nadia.email, sort_name=nadia.email)
    night(8)
    assert nadia in people()
    assert other not in people()
    assert (mails(nadia.pk), log()[0][1]) == (1, {"count": 1})


def test_what_was_typed_beside_it_goes_with_the_session(cast: Cast) -> None:
    browser = Client()
    told = {"email": NEW, "first_name": "Nadia", "last_name": "Neuf", "name": "Neuf SARL", "country": "FR", "street": "1 rue"}
    browser.post("/register/", {**told, "postcode": "75001", "city": "Paris", "tax_number": "", "language": "fr", "accept": "on"})
    kept = Session.objects.get(pk=browser.cookies["session"].value)
    assert kept.expire_date <= now() + timedelta(days=7)
    Session.objects.update(expire_date=now() - timedelta(seconds=1))
    night(0)
    assert not Session.objects.exists()
