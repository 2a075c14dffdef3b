"""Seats are added, and given back the same day: the return in a browser, in English and in French (rules 6).

On the way every page about money is looked at: orders, coming charges, spending, any day, the calendar's address.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import BOTH, House, Visitor, visiting

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one contract manager of the demo."""

    language: str
    old_id: str
    customer: str
    subscription: str
    add: re.Pattern[str]
    give_back: str
    button: re.Pattern[str]
    unpaid: str
    returned: str
    left: str


ENGLISH = Words(
    language="en",
    old_id="SC00030003",
    customer="5100030",
    subscription="560007200",
    add=re.compile(r"Add 2 seats for"),
    give_back="Return",
    button=re.compile(r"Return for \d"),
    unpaid="the credit note closes it, and no money moves",
    returned="Returned. Credit note A-2026-",
    left="Nothing that was ordered here",
)
FRENCH = Words(
    language="fr",
    old_id="sc00003000",
    customer="5100003",
    subscription="560000656",
    add=re.compile(r"Ajouter 2 postes pour"),
    give_back="Rendre",
    button=re.compile(r"Rendre pour \d"),
    unpaid="l’avoir la solde, et aucun argent ne circule",
    returned="C’est rendu. L’avoir A-2026-",
    left="Rien de ce qui a été commandé ici",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_seats_that_were_added_are_given_back(words: Words, house: House, chromium: Browser) -> None:
    own = f"/c/{words.customer}/subscriptions/{words.subscription}/"
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.old_id, words.customer)
        page.goto(f"{own}seats/?add=2")
        page.get_by_role("button", name=words.add).click()
        page.wait_for_url("**/orders/**")
        invoice = re.findall(r"F-\d{4}-\d{6}", page.inner_text("main"))[0]
        page.locator("main").get_by_role("link", name=words.give_back, exact=True).first.click()
        expect(page.locator("main")).to_contain_text(words.unpaid)
        expect(page.locator("main")).to_contain_text(invoice)
        visitor.look("return", BOTH)
        page.get_by_role("button", name=words.button).dblclick()
        page.wait_for_url("**/invoices/A-2026-**")
        expect(page.locator("body")).to_contain_text(words.returned)
        visitor.look("credit-note", ["fr"])
        page.goto(f"{own}return/")  # other stories of the demo may have bought for the same subscription
        expect(page.locator("main")).not_to_contain_text(invoice)
        _look_at_the_money(visitor, words, own)


def _look_at_the_money(visitor: Visitor, words: Words, own: str) -> None:
    pages = {name: f"/c/{words.customer}/{name}/" for name in ("orders", "charges", "spending", "calendar")}
    for name, address in {**pages, "any-day": f"{own}on/?on=2026-11-20"}.items():
        visitor.page.goto(address)
        visitor.look(name, ["en"] if name in {"charges", "spending", "any-day"} else ())
    visitor.look_narrow_and_dark({**pages, "return": f"{own}return/"}, {"charges": ["fr"]})
