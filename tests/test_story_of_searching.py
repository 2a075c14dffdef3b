"""Searching with `/` in a browser: a manager, a coordinator and an end user find people, serial numbers, invoices and releases as
far as they may see them, by the keyboard alone; in English and in French."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import House, Visitor, asked, everybody_reads, visiting

pytestmark = pytest.mark.browser
SERIAL = """
SELECT n.number FROM entitlements_serialnumber n JOIN subscriptions_subscription s ON s.id = n.subscription_id
WHERE s.number = %s AND n.membership_id IS NULL ORDER BY n.id LIMIT 1
"""
INVOICE = """
SELECT i.number FROM billing_invoice i JOIN organisations_organisation o ON o.id = i.organisation_id
WHERE o.number = %s AND i.number IS NOT NULL ORDER BY i.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Words:
    """Whom and what one looks for, at one customer of the demo."""

    language: str
    customer: str
    subscription: str  # on invoice
    manager: str
    coordinator: str
    end_user: str
    person: str  # how the name of a colleague begins
    name: str
    product: str  # what everybody here may download
    none: str


ENGLISH = Words(
    language="en",
    customer="5100034",
    subscription="560007520",
    manager="SC00034000",
    coordinator="SC00034002",
    end_user="SC00034001",
    person="ake zo",
    name="Zoë Åkesson",
    product="Plan",
    none="Nothing that you may see begins with",
)
FRENCH = Words(
    language="fr",
    customer="5100038",
    subscription="560008713",
    manager="SC00038004",
    coordinator="SC00038008",
    end_user="SC00038005",
    person="akes",
    name="Olivier Åkesson",
    product="Sculpt LT",
    none="Rien de ce que vous pouvez voir ne commence par",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_everybody_finds_by_keyboard_what_they_may_see_and_nothing_else(words: Words, house: House, chromium: Browser) -> None:
    everybody_reads(house, words.customer, words.language)
    ((serial,),) = asked(house, SERIAL, words.subscription)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.manager, words.customer)
        page.goto(f"/c/{words.customer}/subscriptions/{words.subscription}/seats/?add=1")
        page.locator("main form[method=post] button.btn-primary").last.press("Enter")
        page.wait_for_url("**/orders/*/")
        ((invoice,),) = asked(house, INVOICE, words.customer)
        everything = ((words.person, words.name), (serial, serial), (invoice[2:], invoice), (words.product, words.product))
        for looked_for, hit in everything:
            _found(visitor, words, looked_for, hit)
        visitor.look("search-of-a-manager")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/(products|subscriptions)/\w+/"))
    with visiting(chromium, house, words.language) as visitor:
        visitor.sign_in(words.coordinator, words.customer)
        for looked_for, hit in everything:
            if hit != invoice:
                _found(visitor, words, looked_for, hit)
        _not_found(visitor, words, invoice)
    with visiting(chromium, house, words.language) as visitor:
        visitor.sign_in(words.end_user, words.customer)
        _found(visitor, words, words.product, words.product)
        for looked_for in (words.person, serial, invoice):
            _not_found(visitor, words, looked_for)
        visitor.look("search-of-an-end-user")


def _found(visitor: Visitor, words: Words, looked_for: str, hit: str) -> None:
    """Under the field, and the same on the page of all answers."""
    page = visitor.page
    page.goto(f"/c/{words.customer}/")
    page.keyboard.press("/")
    page.keyboard.type(looked_for)
    expect(page.locator("#shell-found a.hit strong", has_text=hit).first).to_be_visible()
    told = page.request.get(f"/c/{words.customer}/search/", params={"q": looked_for}).text()
    for name in page.locator("#shell-found .found a.hit").all():
        assert f'href="{name.get_attribute("href")}"' in told


def _not_found(visitor: Visitor, words: Words, looked_for: str) -> None:
    page = visitor.page
    page.goto(f"/c/{words.customer}/")
    page.keyboard.press("/")
    page.keyboard.type(looked_for)
    expect(page.locator("#shell-found")).to_contain_text(words.none)
    assert page.locator("#shell-found .found a.hit").count() == 0
