"""Seats are added, and given back the same day: the return in a browser, in English and in French (rules 6).

On the way every page about money is looked at: orders, coming charges, spending, any day, the calendar's address.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import browser
from tests.browser import House

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one contract manager of the demo."""

    language: str
    old_id: str
    password: str
    customer: str
    subscription: str
    sign_in: str
    add: re.Pattern[str]
    give_back: str
    button: re.Pattern[str]
    unpaid: str
    returned: str
    left: str


ENGLISH = Words(
    language="en",
    old_id="SC00030003",
    password="legacy-30-3",
    customer="5100030",
    subscription="560007200",
    sign_in="Sign in",
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
    password="legacy-3-0",
    customer="5100003",
    subscription="560000656",
    sign_in="Se connecter",
    add=re.compile(r"Ajouter 2 postes pour"),
    give_back="Rendre",
    button=re.compile(r"Rendre pour \d"),
    unpaid="l’avoir la solde, et aucun argent ne circule",
    returned="C’est rendu. L’avoir A-2026-",
    left="Rien de ce qui a été commandé ici",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_seats_that_were_added_are_given_back(words: Words, house: House, chromium: Browser, tmp_path: Path) -> None:
    shots = browser.pictures(tmp_path)
    locale = "fr-FR" if words.language == "fr" else "en-GB"
    context = chromium.new_context(base_url=house.url, locale=locale, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    _sign_in(page, words)
    own = f"/c/{words.customer}/subscriptions/{words.subscription}/"
    page.goto(f"{own}seats/?add=2")
    page.get_by_role("button", name=words.add).click()
    page.wait_for_url("**/orders/**")
    invoice = re.findall(r"F-\d{4}-\d{6}", page.inner_text("main"))[0]
    _look(page, shots / f"order-{words.language}.png")
    page.locator("main").get_by_role("link", name=words.give_back, exact=True).first.click()
    expect(page.locator("main")).to_contain_text(words.unpaid)
    expect(page.locator("main")).to_contain_text(invoice)
    _look(page, shots / f"return-{words.language}.png")
    page.get_by_role("button", name=words.button).dblclick()
    page.wait_for_url("**/invoices/A-2026-**")
    expect(page.locator("body")).to_contain_text(words.returned)
    page.goto(f"{own}return/")  # other stories of the demo may have bought for the same subscription
    expect(page.locator("main")).not_to_contain_text(invoice)
    for name in ("orders", "charges", "spending", "calendar"):
        page.goto(f"/c/{words.customer}/{name}/")
        _look(page, shots / f"{name}-{words.language}.png")
    page.goto(f"{own}on/?on=2026-11-20")
    _look(page, shots / f"any-day-{words.language}.png")
    _look_narrow_and_dark(context, words, shots)
    assert complaints == []
    context.close()


def _sign_in(page: Page, words: Words) -> None:
    page.goto("/")
    page.get_by_role("textbox").first.fill(words.old_id)
    page.locator("input[type=password]").fill(words.password)
    page.get_by_role("button", name=words.sign_in, exact=True).click()
    page.wait_for_url(f"**/c/{words.customer}/")


def _look(page: Page, picture: Path) -> None:
    """Keep a picture, and have axe look too."""
    page.screenshot(path=picture, full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def _look_narrow_and_dark(context: BrowserContext, words: Words, shots: Path) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    for name in ("orders", "charges", "spending", "calendar", f"subscriptions/{words.subscription}/return"):
        page.goto(f"/c/{words.customer}/{name}/")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{name} is {wide} pixels wide"
        _look(page, shots / f"{name.rpartition('/')[2]}-narrow-dark-{words.language}.png")
