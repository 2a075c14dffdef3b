"""A card is given on the provider's page; an invoice is declined on one, confirmed at the bank on another, in both languages."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import browser
from tests.browser import House

pytestmark = pytest.mark.browser
POOR, CHALLENGE = "4000 0000 0000 9995", "4000 0025 0000 3155"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one contract manager of the demo."""

    language: str
    old_id: str
    password: str
    customer: str
    subscription: str
    sign_in: str
    add_method: str
    add_card: str
    number: str
    expires: str
    save: str
    ready: str
    add_seat: str
    pay_now: str
    pay: str
    declined: str
    again: str
    confirm: str
    paid: str
    nothing_left: str


ENGLISH = Words(
    language="en",
    old_id="SC00030003",
    password="legacy-30-3",
    customer="5100030",
    subscription="560007200",
    sign_in="Sign in",
    add_method="Add a payment method",
    add_card="Add a card",
    number="Card number",
    expires="Expires",
    save="Save this card",
    ready="can be used now",
    add_seat="Add 1 seat for",
    pay_now="Pay now",
    pay="Pay ",
    declined="The account does not hold enough money.",
    again="Try again",
    confirm="Confirm",
    paid="was charged to Visa",
    nothing_left="Nothing is left to be paid",
)
FRENCH = Words(
    language="fr",
    old_id="sc00003000",
    password="legacy-3-0",
    customer="5100003",
    subscription="560000656",
    sign_in="Se connecter",
    add_method="Ajouter un moyen de paiement",
    add_card="Ajouter une carte",
    number="Numéro de carte",
    expires="Expire fin",
    save="Enregistrer cette carte",
    ready="peut maintenant être utilisé",
    add_seat="Ajouter 1 poste pour",
    pay_now="Payer maintenant",
    pay="Payer ",
    declined="La provision du compte est insuffisante.",
    again="Réessayer",
    confirm="Confirmer",
    paid="ont été prélevés sur Visa",
    nothing_left="Il ne reste rien à payer",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_an_invoice_is_paid_by_card_after_a_decline(words: Words, house: House, chromium: Browser, tmp_path: Path) -> None:
    shots = browser.pictures(tmp_path)
    locale = "fr-FR" if words.language == "fr" else "en-GB"
    context = chromium.new_context(base_url=house.url, locale=locale, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    _sign_in(page, words)
    page.goto(f"/c/{words.customer}/subscriptions/{words.subscription}/seats/?add=1")
    page.get_by_role("button", name=words.add_seat).click()
    page.wait_for_url("**/orders/**")
    page.goto(f"/c/{words.customer}/payment-methods/")
    _look(page, shots / f"no-method-{words.language}.png")
    for n, number in enumerate((POOR, CHALLENGE)):
        _give(page, words, number, shots if n == 0 else None)
    _look(page, shots / f"methods-{words.language}.png")
    page.goto(f"/c/{words.customer}/invoices/")
    page.locator("main table a[href*='/invoices/F-']").first.click()
    page.get_by_role("link", name=words.pay_now).click()
    invoice = page.url.rpartition("/payment/")[0]
    page.get_by_label("Visa •••• 9995").check()
    _look(page, shots / f"pay-{words.language}.png")
    page.locator("main").get_by_role("button", name=re.compile(rf"^{words.pay}")).dblclick()
    expect(page.locator("main")).to_contain_text(words.declined, timeout=30_000)
    _look(page, shots / f"declined-{words.language}.png")
    page.get_by_role("link", name=words.again).click()
    page.get_by_label("Visa •••• 3155").check()
    page.locator("main").get_by_role("button", name=re.compile(rf"^{words.pay}")).click()
    page.wait_for_url("**/sandbox/provider/confirmation/**", timeout=30_000)
    _look(page, shots / f"bank-{words.language}.png")
    page.get_by_role("button", name=words.confirm, exact=True).click()
    expect(page.locator("main")).to_contain_text(words.paid, timeout=60_000)
    _look(page, shots / f"paid-{words.language}.png")
    page.goto(f"{invoice}/")
    expect(page.locator("main")).to_contain_text(words.nothing_left)
    _look_narrow_and_dark(page, words, shots)
    assert complaints == []
    context.close()


def _look_narrow_and_dark(page: Page, words: Words, shots: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    for name in ("payment-methods/", "payment-methods/new/"):
        page.goto(f"/c/{words.customer}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        _look(page, shots / f"{name.strip('/').replace('/', '-')}-narrow-dark-{words.language}.png")


def _sign_in(page: Page, words: Words) -> None:
    page.goto("/")
    page.get_by_role("textbox").first.fill(words.old_id)
    page.locator("input[type=password]").fill(words.password)
    page.get_by_role("button", name=words.sign_in, exact=True).click()
    page.wait_for_url(f"**/c/{words.customer}/")


def _give(page: Page, words: Words, number: str, shots: Path | None) -> None:
    """Give a card on the provider's own page, and come back."""
    page.get_by_role("link", name=words.add_method).first.click()
    page.wait_for_url("**/payment-methods/new/")
    if shots is not None:
        _look(page, shots / f"new-method-{words.language}.png")
    page.get_by_role("button", name=words.add_card).click()
    page.wait_for_url("**/sandbox/provider/**", timeout=30_000)
    if shots is not None:
        _look(page, shots / f"provider-{words.language}.png")
    page.get_by_label(words.number).fill(number)
    page.get_by_label(words.expires).fill("12/30")
    page.get_by_role("button", name=words.save).click()
    page.wait_for_url("**/payment-methods/", timeout=60_000)
    expect(page.locator("body")).to_contain_text(words.ready)


def _look(page: Page, picture: Path) -> None:
    """Keep a picture, and have axe look too."""
    page.screenshot(path=picture, full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
