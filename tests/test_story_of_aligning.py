"""Renewals are planned and dates aligned, in a browser, in English and in French (rules 4 and 5).

In English three subscriptions don't match at first: two are paid in another way, one has another term. Each is one click away.
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
    subscription: str  # renews by itself
    first: str  # from whose page the dates are aligned
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
    customer="5100018",
    subscription="560004471",
    first="560004502",
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
    customer="5100024",
    subscription="560005358",
    first="560005292",
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
def test_a_term_is_planned_and_withdrawn_and_dates_are_aligned(words: Words, house: House, chromium: Browser) -> None:
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.old_id, words.customer)
        _change_of_term(visitor, words)
        if words is ENGLISH:  # a term is planned only for what renews by itself
            page.goto(f"/c/{words.customer}/subscriptions/560004580/plan/automatic/")
            page.get_by_role("button", name="Turn automatic renewal on").last.click()
            expect(page.locator("body")).to_contain_text("Automatic renewal is on.")
        page.goto(f"/c/{words.customer}/subscriptions/{words.first}/alignment/")
        if words is ENGLISH:
            _make_them_match(visitor, words)
        _align(visitor, words)
        own = f"/c/{words.customer}/subscriptions/{words.subscription}"
        pages = {"term": f"{own}/plan/term/", "planned-seats": f"{own}/plan/seats/?seats=1"}
        pages |= {"change-method": f"{own}/payment-method/", "alignment": f"/c/{words.customer}/alignment/"}
        visitor.look_narrow_and_dark(pages, {"term": ["fr"], "alignment": ["en"]})


def _change_of_term(visitor: Visitor, words: Words) -> None:
    own, page = f"/c/{words.customer}/subscriptions/{words.subscription}/", visitor.page
    page.goto(f"{own}plan/term/")
    visitor.look("term", BOTH)
    page.get_by_role("button", name=words.renew_for).dblclick()
    page.wait_for_url(f"**{own}")
    expect(page.locator("body")).to_contain_text(words.planned)
    expect(page.locator("main")).to_contain_text(words.pending)
    page.get_by_role("button", name=words.withdraw).click()
    page.wait_for_url(f"**{own}")
    expect(page.locator("main")).not_to_contain_text(words.pending)
    page.goto(f"{own}plan/seats/?seats=1")
    visitor.look("planned-seats", ["en"])


def _make_them_match(visitor: Visitor, words: Words) -> None:
    """Pick all; the wish for the term that differs is given up again, the methods are changed."""
    page = visitor.page
    boxes = page.locator("input[name=n]")
    for n in range(boxes.count()):
        if not boxes.nth(n).is_checked():
            with page.expect_response(re.compile(r"/alignment/\?.*n=")):
                boxes.nth(n).check()
            expect(page.locator(".htmx-request, .htmx-settling, .htmx-swapping")).to_have_count(0)
    visitor.look("alignment-steps", ["en"])
    while page.get_by_role("button", name=words.like_the_others).count():
        left = page.get_by_role("button", name=words.like_the_others).count()
        page.get_by_role("button", name=words.like_the_others).first.click()
        expect(page.get_by_role("button", name=words.like_the_others)).to_have_count(left - 1)
    page.get_by_role("button", name=words.term_step).first.click()
    expect(page.locator("main")).to_contain_text(words.wished)


def _align(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    expect(page.get_by_role("button", name=words.align)).to_be_visible()
    radios = page.locator("input[type=radio][name=date]")
    dearest, first = page.get_by_role("button", name=words.align).inner_text(), radios.first
    first.check()
    expect(page.get_by_role("button", name=words.align)).not_to_have_text(dearest)
    page.locator("input[type=radio][name=date]").last.check()
    expect(page.get_by_role("button", name=words.align)).to_have_text(dearest)
    visitor.look("alignment", BOTH)
    page.get_by_role("button", name=words.align).dblclick()
    page.wait_for_url("**/orders/**")
    expect(page.locator("body")).to_contain_text(words.aligned)
