"""An end user asks for a seat; a coordinator approves it from the mail, gives one more, and takes it back: in both languages."""

import re
import time
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.browser import BOTH, PATIENCE, House, visiting

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one customer of the demo."""

    language: str
    customer: str
    subscription: str
    end_user: str
    name: str
    coordinator: str
    ask: str
    send: str
    approve: str
    gets: str
    take: str
    nobody: str


ENGLISH = Words(
    language="en",
    customer="5100018",
    subscription="560004297",
    end_user="SC00018000",
    name="Léa Garcia",
    coordinator="SC00018005",
    ask="Ask for a seat",
    send="Send the request",
    approve="Approve",
    gets="Léa Garcia gets a seat",
    take="Take back from those ticked",
    nobody="Who can give you access:",
)
FRENCH = Words(
    language="fr",
    customer="5100015",
    subscription="560003394",
    end_user="SC00015002",
    name="Fatima Garcia",
    coordinator="SC00015011",
    ask="Demander un poste",
    send="Envoyer la demande",
    approve="Approuver",
    gets="Fatima Garcia reçoit un poste",
    take="Reprendre aux personnes cochées",
    nobody="Qui peut vous donner accès",
)


def link_in_mail(house: House, customer: str) -> str:
    """The address of the request, as the newest mail about it has it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with psycopg.connect(house.owner_url) as owner:
            rows = owner.execute(b"SELECT text FROM kernel_message ORDER BY id DESC").fetchall()
        for (text,) in rows:
            if found := re.search(rf"/c/{customer}/requests/\d+/", text):
                return found[0]
        time.sleep(0.2)
    raise AssertionError("no mail with a request came")


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_seat_is_asked_for_approved_from_the_mail_and_taken_back(words: Words, house: House, chromium: Browser) -> None:
    seats = f"/c/{words.customer}/subscriptions/{words.subscription}/people/"
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.end_user, words.customer)
        page.goto(seats)
        expect(page.locator("main")).to_contain_text(words.nobody)
        visitor.look("ask-for-a-seat")
        page.get_by_role("link", name=words.ask).click()
        page.get_by_role("button", name=words.send).click()
        page.wait_for_url("**/requests/")
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.coordinator, words.customer)
        page.goto(link_in_mail(house, words.customer))
        expect(page.locator("main")).to_contain_text(words.gets)
        visitor.look("approve-a-seat")
        page.get_by_role("button", name=words.approve, exact=True).click()
        page.wait_for_url("**/requests/")
        page.goto(f"{seats}?q={words.name.split()[1]}")
        visitor.look("seats", kept=BOTH)
        page.get_by_label(words.name, exact=True).check()
        page.get_by_role("button", name=words.take).click()
        page.wait_for_url(f"**{seats}")
        expect(page.locator("main")).not_to_contain_text(words.name)
        matrix(visitor, words)


def matrix(visitor: "object", words: Words) -> None:
    """Work with the benefits by keyboard alone: an arrow, the space bar, save."""
    page = visitor.page  # type: ignore[attr-defined]
    page.goto(f"/c/{words.customer}/benefits/")
    visitor.look("benefits", kept=BOTH)  # type: ignore[attr-defined]
    boxes = page.locator("[data-matrix] input[type=checkbox]")
    boxes.first.focus()
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.value")
    assert second != boxes.first.get_attribute("value")
    before = page.locator(f"input[type=checkbox][value='{second}']").is_checked()
    page.keyboard.press("Space")
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_load_state()
    assert page.locator(f"input[type=checkbox][value='{second}']").is_checked() != before
