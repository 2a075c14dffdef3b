"""A visitor becomes a customer, end to end in a browser: finds a product, registers, buys by card through the sandbox's provider
page (P13). Then a colleague asks for another product, and the manager approves it. Told once in English and once in French.
"""

import re
import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import BOTH, PATIENCE, House, Visitor, asked, give_a_card, spaced, visiting

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
def test_a_visitor_finds_a_product_registers_and_buys_it_by_card(words: Words, house: House, chromium: Browser) -> None:
    with visiting(chromium, house, words.language, locale=words.locale) as visitor:
        _find(visitor, words)
        _register(visitor, words, house)
        _give_a_card(visitor)
        _buy(visitor, words)


def _find(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.goto("/catalogue/")
    if words.language == "en":  # one chooses the country whose prices one wants to see
        page.locator("#country").select_option("FR")
        page.locator("form.country button").click()
    visitor.look("catalogue", ["en"])
    page.get_by_role("link", name="Sculpt LT", exact=True).click()
    visitor.look("product", ["fr"])
    page.locator("#seats").fill("4")
    page.locator("#term").select_option("3years")
    page.locator("button[value=add]").click()
    page.wait_for_url("**/basket/")
    expect(page.locator("main")).to_contain_text(spaced(words.net))
    visitor.look("basket", ["en"])
    page.locator("a[href='/register/'].btn").click()


def _register(visitor: Visitor, words: Words, house: House) -> None:
    page = visitor.page
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
    visitor.look("register")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/register/code/")
    visitor.look("register-code")
    page.locator("#id_code").fill(_code(house, words.email))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/c/N\d+/basket/"))
    expect(page.locator("main")).to_contain_text(spaced(words.total))
    visitor.look("checkout")


def _code(house: House, email: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for (text,) in asked(house, 'SELECT text FROM kernel_message WHERE "to" = %s ORDER BY id DESC', email):
            if found := re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", text, re.MULTILINE):
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no code was mailed to {email}")


def _give_a_card(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("a[href$='/payment-methods/new/']").click()
    give_a_card(page, GOOD_CARD)
    page.locator("main .notice a[href$='/basket/']").click()
    page.wait_for_url("**/basket/")
    visitor.look("checkout-with-card", ["en"])


def _buy(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    page.get_by_label("4242").check()
    page.locator("#id_accept").check()
    page.locator("main form.columns button[type=submit]").dblclick()
    page.wait_for_url("**/orders/**")
    expect(page.locator("a[href*='/invoices/F-2026-']").first).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text(spaced(words.net))
    visitor.look("order-bought", BOTH)
    page.locator("a[href*='/invoices/F-2026-']").first.click()
    expect(page.locator("main")).to_contain_text(spaced(words.total))
    page.goto("/basket/")
    expect(page.locator("main h2").first).to_be_visible()  # it is empty now


def test_a_colleague_asks_for_a_product_and_the_manager_approves_it(house: House, chromium: Browser) -> None:
    customer, coordinator, manager = _colleagues(house)
    with visiting(chromium, house, locale="en-IE") as colleague:
        page = colleague.page
        colleague.sign_in(coordinator, customer)
        page.goto("/catalogue/PLLT/")
        page.locator("button[value=add]").click()
        page.goto(f"/c/{customer}/basket/")
        assert "EUR" not in page.locator("main").inner_text()  # a coordinator sees no prices
        page.locator("#id_reason").fill("two new colleagues")
        page.locator("form:has(input[value=ask]) button").click()
        page.wait_for_url(f"**/c/{customer}/requests/")
    with visiting(chromium, house, locale="en-IE") as approver:
        page = approver.page
        approver.sign_in(manager, customer)
        page.goto(f"/c/{customer}/requests/")
        page.locator("main table a").first.click()
        expect(page.locator("main")).to_contain_text("Plan LT")
        page.locator("form[action$='/approval/'] button").click()
        page.wait_for_url("**/orders/**")
        expect(page.locator("main")).to_contain_text("Plan LT")


def _colleagues(house: House) -> tuple[str, str, str]:
    """A customer of the demo, and the old ids of a coordinator and of a manager of one of its contracts."""
    (row,) = asked(
        house,
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
        "FROM organisations_membership x WHERE x.person_id = mm.person_id) = 1 GROUP BY o.number ORDER BY o.number LIMIT 1",
    )
    return str(row[0]), str(row[1]), str(row[2])
