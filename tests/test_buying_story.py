"""A visitor becomes a customer, end to end in a browser: finds a product, registers, buys by card through the sandbox's provider
page (P13). Then a colleague asks for another product, and the manager approves it. Told once in English and once in French.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests import browser
from tests.browser import House

pytestmark = pytest.mark.browser
GOOD_CARD = "4242424242424242"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, and who plays in it."""

    language: str
    locale: str
    email: str
    company: str
    net: str
    total: str


ENGLISH = Words(
    "en",
    "en-IE",
    "nadia@neuf.example",
    "Newcomer Ltd",
    "4 seats × 755.00 EUR",
    "3,624.00 EUR",
)
FRENCH = Words(
    "fr",
    "fr-FR",
    "nadine@nouvelle.example",
    "Nouvelle SARL",
    "4 postes × 755,00 EUR",
    "3 624,00 EUR",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_visitor_finds_a_product_registers_and_buys_it_by_card(
    words: Words, house: House, chromium: Browser, tmp_path: Path
) -> None:
    context = chromium.new_context(base_url=house.url, locale=words.locale, viewport={"width": 1440, "height": 900})
    page, complaints = _opened(context)
    look = _looking(page, words, browser.pictures(tmp_path))
    _find(page, words, look)
    _register(page, words, house, look)
    _give_a_card(page, look)
    _buy(page, words, look)
    assert complaints == []
    context.close()


def _opened(context: BrowserContext) -> tuple[Page, list[str]]:
    page, complaints = context.new_page(), list[str]()

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def _looking(page: Page, words: Words, shots: Path) -> Callable[[str], None]:
    def look(name: str) -> None:
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], name
        page.screenshot(path=shots / f"{name}-{words.language}.png", full_page=True)

    return look


def _find(page: Page, words: Words, look: Callable[[str], None]) -> None:
    page.goto("/catalogue/")
    if words.language == "en":  # one chooses the country whose prices one wants to see
        page.locator("#country").select_option("FR")
        page.locator("form.country button").click()
    look("catalogue")
    page.get_by_role("link", name="Sculpt LT", exact=True).click()
    look("product")
    page.locator("#seats").fill("4")
    page.locator("#term").select_option("3years")
    page.locator("button[value=add]").click()
    page.wait_for_url("**/basket/")
    expect(page.locator("main")).to_contain_text(_spaced(words.net))
    look("basket")
    page.locator("a[href='/register/'].btn").click()


def _register(page: Page, words: Words, house: House, look: Callable[[str], None]) -> None:
    for name, text in {
        "email": words.email,
        "first_name": "Nadia",
        "last_name": "Neuf",
        "name": words.company,
        "street": "1 rue Neuve",
        "postcode": "75001",
        "city": "Paris",
    }.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator("#id_country").select_option("FR")
    page.locator("#id_accept").check()
    look("register")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/register/code/")
    look("register-code")
    page.locator("#id_code").fill(_code(house, words.email))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/c/N\d+/basket/"))
    expect(page.locator("main")).to_contain_text(_spaced(words.total))
    look("checkout")


def _code(house: House, email: str) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with psycopg.connect(house.owner_url) as owner:
            rows = owner.execute('SELECT text FROM kernel_message WHERE "to" = %s ORDER BY id DESC', [email]).fetchall()
        for (text,) in rows:
            if found := re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", text, re.MULTILINE):
                return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no code was mailed to {email}")


def _give_a_card(page: Page, look: Callable[[str], None]) -> None:
    page.locator("a[href$='/payment-methods/new/']").click()
    page.locator("form:has(input[value=card]) button").click()
    page.wait_for_url("**/sandbox/provider/**")
    page.locator("#id_number").fill(GOOD_CARD)
    page.locator("#id_expires").fill("12/30")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/payment-methods/")
    page.locator("main .notice a[href$='/basket/']").click()
    page.wait_for_url("**/basket/")
    look("checkout-with-card")


def _buy(page: Page, words: Words, look: Callable[[str], None]) -> None:
    page.get_by_label("4242").check()
    page.locator("#id_accept").check()
    page.locator("main form.columns button[type=submit]").dblclick()
    page.wait_for_url("**/orders/**")
    expect(page.locator("a[href*='/invoices/F-2026-']").first).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text(_spaced(words.net))
    look("order-bought")
    page.locator("a[href*='/invoices/F-2026-']").first.click()
    expect(page.locator("main")).to_contain_text(_spaced(words.total))
    page.goto("/basket/")
    expect(page.locator("main h2").first).to_be_visible()  # it is empty now


def _spaced(text: str) -> re.Pattern[str]:
    return re.compile(r"\s".join(map(re.escape, text.split(" "))))


def test_a_colleague_asks_for_a_product_and_the_manager_approves_it(house: House, chromium: Browser, tmp_path: Path) -> None:
    customer, coordinator, manager = _colleagues(house)
    asks = chromium.new_context(base_url=house.url, locale="en-IE")
    page, complaints = _opened(asks)
    _sign_in(page, coordinator)
    page.goto("/catalogue/PLLT/")
    page.locator("button[value=add]").click()
    page.goto(f"/c/{customer}/basket/")
    assert "EUR" not in page.locator("main").inner_text()  # a coordinator sees no prices
    page.locator("#id_reason").fill("two new colleagues")
    page.locator("form:has(input[value=ask]) button").click()
    page.wait_for_url(f"**/c/{customer}/requests/")
    approves = chromium.new_context(base_url=house.url, locale="en-IE")
    other, more_complaints = _opened(approves)
    _sign_in(other, manager)
    other.goto(f"/c/{customer}/requests/")
    other.locator("main table a").first.click()
    expect(other.locator("main")).to_contain_text("Plan LT")
    other.locator("form[action$='/approval/'] button").click()
    other.wait_for_url("**/orders/**")
    expect(other.locator("main")).to_contain_text("Plan LT")
    assert complaints + more_complaints == []
    asks.close()
    approves.close()


def _colleagues(house: House) -> tuple[str, str, str]:
    """A customer of the demo, and the old ids of a coordinator and of a manager of one of its contracts."""
    with psycopg.connect(house.owner_url) as owner:
        row = owner.execute(
            "SELECT o.number, min(cs.old_id), min(ms.old_id) FROM contracts_contract k "
            "JOIN organisations_organisation o ON o.id = k.organisation_id "
            "JOIN organisations_rolegrant c ON c.contract_id = k.id AND c.role = 'software_coordinator' "
            "JOIN organisations_rolegrant m ON m.contract_id = k.id AND m.role = 'contract_manager' "
            "JOIN organisations_membership cm ON cm.id = c.membership_id "
            "JOIN identity_oldsignin cs ON cs.person_id = cm.person_id "
            "JOIN organisations_membership mm ON mm.id = m.membership_id "
            "JOIN identity_oldsignin ms ON ms.person_id = mm.person_id "
            "WHERE k.channel = 'direct' AND k.plan = 'subscription' AND o.country = 'FR' AND NOT EXISTS (SELECT 1 FROM "
            "organisations_rolegrant r WHERE r.membership_id = cm.id AND r.role <> 'software_coordinator') AND (SELECT count(*) "
            "FROM organisations_membership x WHERE x.person_id = mm.person_id) = 1 GROUP BY o.number ORDER BY o.number LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1]), str(row[2])


def _sign_in(page: Page, old_id: str) -> None:
    page.goto("/sign-in/")
    page.get_by_role("textbox").first.fill(old_id)
    page.locator("input[type=password]").fill(f"legacy-{int(old_id[2:7])}-{int(old_id[7:])}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/c/**")
