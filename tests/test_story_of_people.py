"""A manager adds one person and a small list, gives a role, removes somebody: in English and in French."""

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
    add: str
    added: str
    read: str
    look: str
    add_two: str
    were_added: str
    role: str
    give: str
    counts: str
    remove: str
    gone: str


ENGLISH = Words(
    language="en",
    old_id="SC00018005",
    customer="5100018",
    add="Add",
    added="Nina Neu is here, and the invitation is on its way.",
    read="Read the list",
    look="Look again",
    add_two="Add 2 people",
    were_added="2 people were added.",
    role="payer",
    give="Give this role",
    counts="The role counts from now on.",
    remove="Remove",
    gone="Nina Neu does not belong to your company any more.",
)
FRENCH = Words(
    language="fr",
    old_id="sc00024001",
    customer="5100024",
    add="Ajouter",
    added="Nina Neu est là, et l’invitation est en route.",
    read="Lire la liste",
    look="Actualiser",
    add_two="Ajouter 2 personnes",
    were_added="2 personnes ont été ajoutées.",
    role="payer",
    give="Donner ce rôle",
    counts="Le rôle vaut dès maintenant.",
    remove="Retirer",
    gone="Nina Neu ne fait plus partie de votre entreprise.",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_people_are_added_given_a_role_and_removed(words: Words, chromium: Browser, house: House) -> None:
    with visiting(chromium, house, words.language) as visitor:
        visitor.sign_in(words.old_id, words.customer)
        here = f"/c/{words.customer}/people/"
        _add_one(visitor, words, here)
        _give_and_remove(visitor, words)
        _add_many(visitor, words, here)
        visitor.look_narrow_and_dark({"people": here, "groups": f"/c/{words.customer}/groups/"}, {"people": BOTH, "groups": BOTH})


def _add_one(visitor: Visitor, words: Words, here: str) -> None:
    page = visitor.page
    page.goto(f"{here}new/")
    page.locator("#id_email").fill(f"nina.neu.{words.language}@nord.example")
    page.locator("#id_first_name").fill("Nina")
    page.locator("#id_last_name").fill("Neu")
    visitor.look("new-person", BOTH)
    page.get_by_role("button", name=words.add, exact=True).press("Enter")
    expect(page.locator("body")).to_contain_text(words.added)


def _give_and_remove(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.locator("#role-role").select_option(words.role)
    page.get_by_role("button", name=words.give).click()
    expect(page.locator("body")).to_contain_text(words.counts)
    visitor.look("member-hub", BOTH)
    page.get_by_role("link", name=words.remove, exact=True).click()
    visitor.look("removal", BOTH)
    page.get_by_role("button", name=words.remove, exact=True).click()
    expect(page.locator("body")).to_contain_text(words.gone)


def _add_many(visitor: Visitor, words: Words, here: str) -> None:
    page = visitor.page
    page.goto(f"{here}lists/")
    rows = f"Wer\tWohin\nBo Berg\tbo.{words.language}@nord.example\nAda Ek\tada.{words.language}@nord.example\nX\tno address\n"
    page.locator("#id_pasted").fill(rows)
    page.get_by_role("button", name=words.read).click()
    page.locator("#id_c0").select_option("name")
    page.locator("#id_c1").select_option("email")
    page.get_by_role("button", name=words.look).click()
    visitor.look("people-list", BOTH)
    page.get_by_role("button", name=words.add_two).click()
    expect(page.locator("body")).to_contain_text(words.were_added)
    visitor.look("people-list-done", BOTH)
