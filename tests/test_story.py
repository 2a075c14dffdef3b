"""The main job, end to end in a browser, on what the old centre held: three more seats (F1.5, F5.2, P2, P11).

A contract manager signs in with the old user id and the old password, finds the contract, adds three seats, sees the
arithmetic before the click and the same lines on the invoice. Told once in English and once in French.
"""

import re
import time
from dataclasses import dataclass

import psycopg
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
    contract: str
    subscription: str
    product: str
    seats: int
    contracts: str
    add_seats: str
    button: re.Pattern[str]
    formula: str
    later: str
    invoice: str
    activity: str


ENGLISH = Words(
    language="en",
    old_id="SC00030003",
    customer="5100030",
    contract="110031754",
    subscription="560007200",
    product="Sculpt LT",
    seats=10,
    contracts="Contracts and orders",
    add_seats="Add seats",
    button=re.compile(r"Add 3 seats for 798\.12\sEUR"),
    formula="3 seats × 280.00 EUR × 289 of 365 days".replace(" EUR", "\xa0EUR"),
    later="13 seats × 250.00 EUR".replace(" EUR", "\xa0EUR"),
    invoice="Invoice F-2026-",
    activity="Activity log",
)
FRENCH = Words(
    language="fr",
    old_id="sc00003000",
    customer="5100003",
    contract="110003076",
    subscription="560000656",
    product="Sculpt LT",
    seats=3,
    contracts="Contrats et commandes",
    add_seats="Ajouter des postes",
    button=re.compile(r"Ajouter 3 postes pour 71,81\sEUR"),
    formula="3 postes × 280,00 EUR × 26 jours sur 365".replace(" EUR", "\xa0EUR"),
    later="6 postes × 250,00 EUR".replace(" EUR", "\xa0EUR"),
    invoice="Facture F-2026-",
    activity="Journal d’activité",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_contract_manager_of_the_old_centre_adds_three_seats(words: Words, house: House, chromium: Browser) -> None:
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        page.goto("/")
        visitor.look("sign-in", BOTH)
        visitor.sign_in(words.old_id, words.customer)
        assert page.locator("html").get_attribute("lang") == words.language
        visitor.look("home", BOTH)
        _find_the_subscription(visitor, words)
        _add_three_seats(visitor, words)
        _read_the_invoice(visitor, words)
        page.goto(f"/c/{words.customer}/subscriptions/{words.subscription}/")
        expect(page.locator("main")).to_contain_text(str(words.seats + 3))
        page.goto(f"/c/{words.customer}/activity/")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words.activity)
        expect(page.locator("main")).to_contain_text(words.subscription)
        visitor.look("activity", BOTH)
    _mails_are_written(house, words)


def _find_the_subscription(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.get_by_role("link", name=words.contracts).first.click()
    visitor.look("contracts", BOTH)
    page.get_by_role("link", name=words.contract).first.click()
    visitor.look("contract", BOTH)
    page.locator(f"a[href$='/subscriptions/{words.subscription}/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words.product)
    visitor.look("subscription", BOTH)


def _add_three_seats(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.get_by_role("link", name=words.add_seats).first.click()
    page.locator("#id_add").fill("3")
    expect(page.locator("#seat-preview")).to_contain_text(words.formula)
    expect(page.locator("#seat-preview")).to_contain_text(words.later)
    visitor.look("add-seats", BOTH)
    page.get_by_role("button", name=words.button).dblclick()
    page.wait_for_url(f"**/orders/{words.subscription}-1/")
    expect(page.locator("main")).to_contain_text(words.formula)
    visitor.look("order", BOTH)


def _read_the_invoice(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.get_by_role("link", name=words.invoice).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words.invoice)
    expect(page.locator("main")).to_contain_text(words.formula)
    visitor.look("invoice", BOTH)
    answer = page.request.get(f"{page.url}pdf/")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-1.7")


def _mails_are_written(house: House, words: Words) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with psycopg.connect(house.owner_url) as owner:
            rows = owner.execute(
                "SELECT language, state FROM kernel_message WHERE text LIKE %s", [f"%{words.subscription}%"]
            ).fetchall()
            hashed = owner.execute(
                "SELECT password FROM identity_person p JOIN identity_oldsignin o ON o.person_id = p.id "
                "WHERE lower(old_id) = lower(%s)",
                [words.old_id],
            ).fetchone()
        if any(language == words.language and state == "kept" for language, state in rows):
            assert hashed is not None
            assert str(hashed[0]).startswith("argon2")
            return
        time.sleep(0.2)
    with psycopg.connect(house.owner_url) as owner:
        jobs = owner.execute("SELECT status, attempts, scheduled_at, args FROM procrastinate_jobs").fetchall()
    raise AssertionError(f"no mail about {words.subscription} in {words.language} was handed over: {rows}, jobs: {jobs}")
