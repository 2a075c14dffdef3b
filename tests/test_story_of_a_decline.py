"""A card is declined when a subscription renews, is tried again three days later, and another card is given: nothing is lost.

In a browser, with the sandbox's clock and its provider, in English and in French (rules 6).
"""

import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import browser
from tests.browser import House

pytestmark = pytest.mark.browser
CUSTOMER, SUBSCRIPTION, MANAGER, PASSWORD = "5100003", "560000656", "sc00003000", "legacy-3-0"
OWN = f"/c/{CUSTOMER}/subscriptions/{SUBSCRIPTION}/"
POOR, GOOD = "4000000000009995", "4242424242424242"
PATIENCE = 60  # seconds
MAILS = "SELECT once, subject, text FROM kernel_message WHERE starts_with(once, 'charge-failed:') AND text LIKE %s ORDER BY id"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language."""

    language: str
    grace: str
    active: str
    not_paid: str
    failed: str
    try_again: str


ENGLISH = Words(
    "en", "In grace", "Active", "It is renewed already, and not paid", "did not succeed", "We try again on 20 December 2026."
)
FRENCH = Words(
    "fr",
    "En délai de grâce",
    "Actif",
    "Il est déjà renouvelé, mais pas payé",
    "a échoué",
    "Nous ferons un nouvel essai le 20 décembre 2026.",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_declined_card_is_told_tried_again_and_made_good(words: Words, chromium: Browser, tmp_path: Path) -> None:
    browser.browser_or_skip()
    shots = browser.pictures(tmp_path)
    home = tmp_path / "house"
    home.mkdir()
    with browser.running_house(f"{browser.name_of_house()}_decline_{words.language}", home) as house:
        locale = "fr-FR" if words.language == "fr" else "en-GB"
        context = chromium.new_context(base_url=house.url, locale=locale, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        _sign_in(page, house, words)
        _look_at_renewing(page, shots, words)
        _look_narrow_and_dark(context, shots / f"renewals-narrow-dark-{words.language}.png")
        _pay_with(page, POOR)
        _move_clock(page, "2026-12-17")
        _wait_for(page, OWN, words.grace)
        _look(page, shots / f"declined-{words.language}.png")
        _told(house, words, tries=1)
        page.goto(f"{OWN}renewal/")
        expect(page.locator("main")).to_contain_text(words.not_paid)
        _look(page, shots / f"renewal-open-{words.language}.png")
        _move_clock(page, "2026-12-20")
        _told(house, words, tries=2)
        _make_good(page)
        _wait_for(page, OWN, words.active)
        _look(page, shots / f"recovered-{words.language}.png")
        assert _ask(house, "SELECT count(*) FROM billing_sandboxcharge WHERE state = 'succeeded'") == 1
        assert _ask(house, "SELECT count(*) FROM billing_invoice WHERE kind = 'A'") == 0
        assert complaints == []
        context.close()


def _sign_in(page: Page, house: House, words: Words) -> None:
    with psycopg.connect(house.owner_url) as owner:
        owner.execute("UPDATE identity_person SET language = %s, language_confirmed_at = now()", [words.language])
    page.goto("/")
    page.get_by_role("textbox").first.fill(MANAGER)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**/c/{CUSTOMER}/")


def _give(page: Page, number: str) -> None:
    page.goto(f"/c/{CUSTOMER}/payment-methods/new/")
    page.locator("form:has(input[value=card]) button").click()
    page.wait_for_url("**/sandbox/provider/**")
    page.locator("#id_number").fill(number)
    page.locator("#id_expires").fill("12/30")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/payment-methods/")
    expect(page.locator("main")).to_contain_text(number[-4:])


def _pay_with(page: Page, number: str) -> None:
    _give(page, number)
    page.goto(f"{OWN}payment-method/")
    page.get_by_label(number[-4:]).check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{OWN}")


def _move_clock(page: Page, to: str) -> None:
    page.goto("/sandbox/clock/")
    page.locator("#id_to").fill(to)
    page.locator("form.narrow button[type=submit]").click()
    page.wait_for_load_state()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page.goto("/sandbox/clock/")
        if page.locator("#id_to").count():
            return
        time.sleep(0.3)
    raise AssertionError(f"the clock did not come to {to}")


def _wait_for(page: Page, address: str, text: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page.goto(address)
        if page.locator("main .status", has_text=text).count():
            return
        time.sleep(0.3)
    raise AssertionError(f"{address} never said {text!r}: {page.locator('main').inner_text()[:600]}")


def _make_good(page: Page) -> None:
    _give(page, GOOD)
    page.goto(f"{OWN}renewal/")
    page.locator("main a.btn-primary[href*='/invoices/F-2026-']").click()
    page.locator("a[href$='/payment/']").first.click()
    page.get_by_label(GOOD[-4:]).check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/payments/**")


def _told(house: House, words: Words, *, tries: int) -> None:
    """One mail with each try to each who may pay it; the first says when the next try is."""
    deadline = time.monotonic() + PATIENCE
    mails: list[tuple[str, str, str]] = []
    while time.monotonic() < deadline:
        with psycopg.connect(house.owner_url) as owner:
            mails = owner.execute(MAILS.encode(), [f"%({SUBSCRIPTION})%"]).fetchall()  # type: ignore[assignment]
        if len({once.split(":")[1] for once, _subject, _text in mails}) == tries:
            break
        time.sleep(0.3)
    readers = {once.split(":")[2] for once, _subject, _text in mails}
    assert readers
    assert len(mails) == tries * len(readers)
    assert words.failed in mails[0][1]
    assert words.try_again in mails[0][2]


def _ask(house: House, question: str) -> int:
    with psycopg.connect(house.owner_url) as owner:
        return int(owner.execute(question.encode()).fetchone()[0])  # type: ignore[index]


def _look_at_renewing(page: Page, shots: Path, words: Words) -> None:
    """The pages of a renewal by hand, which nobody makes here."""
    page.goto(f"{OWN}renewal/?term=3years&seats=4")
    _look(page, shots / f"renewal-{words.language}.png")
    page.goto(f"/c/{CUSTOMER}/renewals/?n={SUBSCRIPTION}")
    _look(page, shots / f"renewals-{words.language}.png")


def _look(page: Page, picture: Path) -> None:
    """Keep a picture, and have axe look too."""
    page.screenshot(path=picture, full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def _look_narrow_and_dark(context: BrowserContext, picture: Path) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    page.goto(f"/c/{CUSTOMER}/renewals/")
    picks = page.locator("input[name=n]")
    expect(picks.first).to_be_visible()
    picks.first.check()
    expect(page.locator("#renewals form[method=post] button")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    _look(page, picture)
