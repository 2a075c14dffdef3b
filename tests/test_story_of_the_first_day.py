"""The first day in a browser: confirm language and time zone, take the tour, find anything with the keyboard alone."""

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests import browser
from tests.browser import BOTH, House, Visitor, visiting
from tests.database import RUN

pytestmark = pytest.mark.browser
MANAGER, SUBSCRIPTION = ("SC00030003", "5100030"), "560007200"
WORDS = {
    "en": {"tour": "Take the tour", "next": "Next step", "done": "Done", "again": "Take the tour again", "save": "Confirm"},
    "fr": {
        "tour": "Faire la visite",
        "next": "Étape suivante",
        "done": "C’est fait",
        "again": "Refaire la visite",
        "save": "Confirmer",
    },
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    browser.browser_or_skip()
    with browser.running_house(f"{RUN}_first_day", tmp_path_factory.mktemp("first_day")) as running:
        yield running


@pytest.mark.parametrize("language", BOTH)
def test_somebody_comes_for_the_first_time_and_finds_what_they_want(chromium: Browser, house: House, language: str) -> None:
    said = WORDS[language]
    with psycopg.connect(house.owner_url) as owner:
        known = "language_confirmed_at = NULL, tour_ended_at = NULL, tour_step = 0"
        owner.execute(f"UPDATE identity_person SET language = %s, {known}".encode(), [language])
    with visiting(chromium, house, language) as visitor:
        page = visitor.page
        visitor.sign_in(*MANAGER)
        home = page.url
        page.locator("main a[href*='/profile/']").first.click()
        page.locator("#id_time_zone").select_option("Asia/Tokyo")
        visitor.look("first-profile")
        page.get_by_role("button", name=said["save"], exact=True).click()
        expect(page.locator("main")).to_contain_text("Tokyo")
        check_roles(visitor, home)
        page.goto(home)
        page.get_by_role("link", name=said["tour"], exact=True).first.click()
        visitor.look("tour", BOTH)
        for _step in range(7):
            page.get_by_role("link", name=said["next"], exact=True).click()
        page.get_by_role("button", name=said["done"], exact=True).click()
        page.wait_for_url(home)
        assert page.get_by_role("link", name=said["tour"], exact=True).count() == 0
        find_by_keyboard(visitor, home)


def check_roles(visitor: Visitor, home: str) -> None:
    """Who may do what is said to be right item by item, led from home; whoever has done so may look again on any day (F1.6)."""
    page = visitor.page
    led_from_home = page.locator("main a[href$='/people/check/']")
    said, looked_at = page.locator("main form button[type=submit]"), page.locator("main form .status-good")
    if visitor.language == "en":
        page.goto(home)
        led_from_home.click()
        expect(looked_at).to_have_count(0)
        items = said.count()
        assert items > 2
        for nth in range(items):
            said.nth(nth).click()
            expect(looked_at).to_have_count(nth + 1)
        visitor.look("roles-checked")
    page.goto(home)
    expect(led_from_home).to_have_count(0)
    page.goto(f"{home}people/check/")
    expect(looked_at).to_have_count(said.count())


def find_by_keyboard(visitor: Visitor, home: str) -> None:
    """From the page in hand to a subscription, without a mouse; then the same pages on a phone."""
    page, language = visitor.page, visitor.language
    page.keyboard.press("/")
    page.keyboard.type(SUBSCRIPTION[:6], delay=20)
    found = page.locator("#shell-found a.hit")
    expect(found.first).to_be_visible()
    visitor.look("search-field", BOTH)
    page.keyboard.press("ArrowDown")
    expect(found.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#shell-found")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.locator("main a.hit").first).to_be_visible()
    visitor.look("search", BOTH)
    page.keyboard.press("Tab")
    page.locator("main a.hit").first.press("Enter")
    page.wait_for_url("**/subscriptions/*/")
    pages = {
        "search-found": f"{home}search/?q={SUBSCRIPTION[:6]}",
        "search-none": f"{home}search/?q=zzzz",
        "tour": f"{home}tour/",
    }
    if language == "fr":
        visitor.look_narrow_and_dark(pages, dict.fromkeys(pages, ("fr",)))
