"""Renewals are planned and dates aligned, in a browser, in English and in French (rules 4 and 5).

In English three subscriptions don't match at first: two are paid in another way, one has another term. Each is one click away.
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
    subscription: str  # renews by itself
    first: str  # from whose page the dates are aligned
    sign_in: str
    renew_for: str
    planned: str
    pending: str
    withdraw: str
    like_the_others: str
    term_step: re.Pattern[str]
    wished: str
    align: re.Pattern[str]
    aligned: str


ENGLISH = Words(
    language="en",
    old_id="SC00018005",
    password="legacy-18-5",
    customer="5100018",
    subscription="560004471",
    first="560004502",
    sign_in="Sign in",
    renew_for="Renew for 3 years",
    planned="Planned. Nothing changes and nothing is charged before",
    pending="it renews for 3 years",
    withdraw="Keep the term of today",
    like_the_others="Pay it like the others",
    term_step=re.compile("Plan a year, and align then"),
    wished="These are to be aligned as soon as they match",
    align=re.compile(r"Align 3 subscriptions for \d"),
    aligned="Aligned. From now on they renew together.",
)
FRENCH = Words(
    language="fr",
    old_id="sc00024001",
    password="legacy-24-1",
    customer="5100024",
    subscription="560005358",
    first="560005292",
    sign_in="Se connecter",
    renew_for="Renouveler pour un an",
    planned="C’est prévu. Rien ne change et rien n’est débité avant",
    pending="il se renouvelle pour un an",
    withdraw="Garder la durée actuelle",
    like_the_others="Le payer comme les autres",
    term_step=re.compile("Prévoir un an, et aligner ensuite"),
    wished="À aligner dès qu’ils seront compatibles",
    align=re.compile(r"Aligner 3 abonnements pour \d"),
    aligned="C’est aligné\u202f: désormais, ils se renouvellent ensemble.",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_term_is_planned_and_withdrawn_and_dates_are_aligned(
    words: Words, house: House, chromium: Browser, tmp_path: Path
) -> None:
    shots = browser.pictures(tmp_path)
    locale = "fr-FR" if words.language == "fr" else "en-GB"
    context = chromium.new_context(base_url=house.url, locale=locale, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    _sign_in(page, words)
    _change_of_term(page, words, shots)
    if words is ENGLISH:  # a term is planned only for what renews by itself
        page.goto(f"/c/{words.customer}/subscriptions/560004580/plan/automatic/")
        page.get_by_role("button", name="Turn automatic renewal on").last.click()
        expect(page.locator("body")).to_contain_text("Automatic renewal is on.")
    page.goto(f"/c/{words.customer}/subscriptions/{words.first}/alignment/")
    if words is ENGLISH:
        _make_them_match(page, words, shots)
    _align(page, words, shots)
    _look_narrow_and_dark(context, words, shots)
    assert complaints == []
    context.close()


def _change_of_term(page: Page, words: Words, shots: Path) -> None:
    own = f"/c/{words.customer}/subscriptions/{words.subscription}/"
    page.goto(f"{own}plan/term/")
    _look(page, shots / f"term-{words.language}.png")
    page.get_by_role("button", name=words.renew_for).dblclick()
    page.wait_for_url(f"**{own}")
    expect(page.locator("body")).to_contain_text(words.planned)
    expect(page.locator("main")).to_contain_text(words.pending)
    page.get_by_role("button", name=words.withdraw).click()
    page.wait_for_url(f"**{own}")
    expect(page.locator("main")).not_to_contain_text(words.pending)
    page.goto(f"{own}plan/seats/?seats=1")
    _look(page, shots / f"planned-seats-{words.language}.png")


def _make_them_match(page: Page, words: Words, shots: Path) -> None:
    """Pick all; the wish for the term that differs is given up again, the methods are changed."""
    boxes = page.locator("input[name=n]")
    for n in range(boxes.count()):
        if not boxes.nth(n).is_checked():
            boxes.nth(n).check()
            page.wait_for_url(re.compile(r"alignment/\?.*n="))
            page.wait_for_load_state("networkidle")
    _look(page, shots / f"alignment-steps-{words.language}.png")
    while page.get_by_role("button", name=words.like_the_others).count():
        page.get_by_role("button", name=words.like_the_others).first.click()
        page.wait_for_load_state("networkidle")
    page.get_by_role("button", name=words.term_step).first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).to_contain_text(words.wished)


def _align(page: Page, words: Words, shots: Path) -> None:
    expect(page.get_by_role("button", name=words.align)).to_be_visible()
    radios = page.locator("input[type=radio][name=date]")
    dearest, first = page.get_by_role("button", name=words.align).inner_text(), radios.first
    first.check()
    expect(page.get_by_role("button", name=words.align)).not_to_have_text(dearest)
    page.locator("input[type=radio][name=date]").last.check()
    expect(page.get_by_role("button", name=words.align)).to_have_text(dearest)
    _look(page, shots / f"alignment-{words.language}.png")
    page.get_by_role("button", name=words.align).dblclick()
    page.wait_for_url("**/orders/**")
    expect(page.locator("body")).to_contain_text(words.aligned)


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
    own = f"/c/{words.customer}/subscriptions/{words.subscription}"
    pages = (f"{own}/plan/term/", f"{own}/plan/seats/?seats=1", f"{own}/payment-method/", f"/c/{words.customer}/alignment/")
    for name in pages:
        page.goto(name)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{name} is {wide} pixels wide"
        _look(page, shots / f"{name.partition('?')[0].strip('/').rpartition('/')[2]}-narrow-dark-{words.language}.png")
