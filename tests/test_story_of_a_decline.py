"""A card is declined when a subscription renews, is tried again three days later, and another card is given: nothing is lost.

In a browser, with the sandbox's clock and its provider, in English and in French (rules 6).
"""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import (
    BOTH,
    PATIENCE,
    House,
    Visitor,
    asked,
    browser_or_skip,
    everybody_reads,
    give_a_card,
    name_of_house,
    running_house,
    visiting,
)

pytestmark = pytest.mark.browser
CUSTOMER, SUBSCRIPTION, MANAGER = "5100003", "560000656", "sc00003000"
OWN = f"/c/{CUSTOMER}/subscriptions/{SUBSCRIPTION}/"
POOR, GOOD = "4000000000009995", "4242424242424242"
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
    browser_or_skip()
    with (
        running_house(f"{name_of_house()}_decline_{words.language}", tmp_path) as house,
        visiting(chromium, house, words.language) as visitor,
    ):
        everybody_reads(house, CUSTOMER, words.language)
        visitor.sign_in(MANAGER, CUSTOMER)
        _look_at_renewing(visitor)
        _pay_with(visitor.page, POOR)
        _move_clock(visitor, "2026-12-17")
        visitor.until(OWN, words.grace)
        visitor.look("renewal-declined", BOTH)
        _told(house, words, tries=1)
        visitor.page.goto(f"{OWN}renewal/")
        expect(visitor.page.locator("main")).to_contain_text(words.not_paid)
        visitor.look("renewal-open", ["en"])
        _move_clock(visitor, "2026-12-20")
        _told(house, words, tries=2)
        _make_good(visitor.page)
        visitor.until(OWN, words.active)
        visitor.look("recovered", BOTH)
        assert asked(house, "SELECT count(*) FROM billing_sandboxcharge WHERE state = 'succeeded'") == [(1,)]
        assert asked(house, "SELECT count(*) FROM billing_invoice WHERE kind = 'A'") == [(0,)]


def _give(page: Page, number: str) -> None:
    page.goto(f"/c/{CUSTOMER}/payment-methods/new/")
    give_a_card(page, number)
    expect(page.locator("main")).to_contain_text(number[-4:])


def _pay_with(page: Page, number: str) -> None:
    _give(page, number)
    page.goto(f"{OWN}payment-method/")
    page.get_by_label(number[-4:]).check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{OWN}")


def _move_clock(visitor: Visitor, to: str) -> None:
    visitor.page.goto("/sandbox/clock/")
    visitor.page.locator("#id_to").fill(to)
    visitor.page.locator("form.narrow button[type=submit]").click()
    visitor.page.wait_for_load_state()
    visitor.until("/sandbox/clock/", "", where="#id_to")


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
        mails = asked(house, MAILS, f"%({SUBSCRIPTION})%")
        if len({once.split(":")[1] for once, _subject, _text in mails}) == tries:
            break
        time.sleep(0.1)
    readers = {once.split(":")[2] for once, _subject, _text in mails}
    assert readers
    assert len(mails) == tries * len(readers)
    assert words.failed in mails[0][1]
    assert words.try_again in mails[0][2]


def _look_at_renewing(visitor: Visitor) -> None:
    """The pages of a renewal by hand, which nobody makes here."""
    visitor.page.goto(f"{OWN}renewal/?term=3years&seats=4")
    visitor.look("renewal", ["en"])
    visitor.page.goto(f"/c/{CUSTOMER}/renewals/?n={SUBSCRIPTION}")
    visitor.look("renewals", ["en"])
    visitor.look_narrow_and_dark({"renewals": f"/c/{CUSTOMER}/renewals/"}, {"renewals": ["fr"]}, then=_pick)


def _pick(page: Page) -> None:
    picks = page.locator("input[name=n]")
    expect(picks.first).to_be_visible()
    picks.first.check()
    expect(page.locator("#renewals form[method=post] button")).to_be_visible()
