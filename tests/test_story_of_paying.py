"""A card is given on the provider's page; an invoice is declined on one, confirmed at the bank on another, in both languages."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import BOTH, House, Visitor, type_a_card, visiting

pytestmark = pytest.mark.browser
POOR, CHALLENGE = "4000 0000 0000 9995", "4000 0025 0000 3155"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one contract manager of the demo."""

    language: str
    old_id: str
    customer: str
    subscription: str
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
    customer="5100030",
    subscription="560007200",
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
    customer="5100003",
    subscription="560000656",
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
def test_an_invoice_is_paid_by_card_after_a_decline(words: Words, house: House, chromium: Browser) -> None:
    with visiting(chromium, house, words.language) as visitor:
        page, methods = visitor.page, f"/c/{words.customer}/payment-methods/"
        visitor.sign_in(words.old_id, words.customer)
        page.goto(f"/c/{words.customer}/subscriptions/{words.subscription}/seats/?add=1")
        page.get_by_role("button", name=words.add_seat).click()
        page.wait_for_url("**/orders/**")
        page.goto(methods)
        visitor.look("no-method")
        for number in (POOR, CHALLENGE):
            _give(visitor, words, number)
        visitor.look("methods", ["en"])
        _pay(visitor, words)
        visitor.look_narrow_and_dark({"methods": methods, "new-method": f"{methods}new/"}, {"methods": ["fr"]})


def _give(visitor: Visitor, words: Words, number: str) -> None:
    """Give a card on the provider's own page, and come back."""
    page = visitor.page
    page.get_by_role("link", name=words.add_method).first.click()
    page.wait_for_url("**/payment-methods/new/")
    visitor.look("new-method")
    page.get_by_role("button", name=words.add_card).click()
    page.wait_for_url("**/sandbox/provider/**", timeout=30_000)
    visitor.look("provider", ["en"])
    expect(page.get_by_label(words.number)).to_be_visible()
    expect(page.get_by_label(words.expires)).to_be_visible()
    expect(page.get_by_role("button", name=words.save)).to_be_visible()
    type_a_card(page, number)
    expect(page.locator("body")).to_contain_text(words.ready)


def _pay(visitor: Visitor, words: Words) -> None:
    """Declined on one card, confirmed at the bank on the other."""
    page = visitor.page
    page.goto(f"/c/{words.customer}/invoices/")
    page.locator("main table a[href*='/invoices/F-']").first.click()
    page.get_by_role("link", name=words.pay_now).click()
    invoice = page.url.rpartition("/payment/")[0]
    page.get_by_label("Visa •••• 9995").check()
    visitor.look("pay", ["en"])
    page.locator("main").get_by_role("button", name=re.compile(rf"^{words.pay}")).dblclick()
    expect(page.locator("main")).to_contain_text(words.declined, timeout=30_000)
    visitor.look("pay-declined", BOTH)
    page.get_by_role("link", name=words.again).click()
    page.get_by_label("Visa •••• 3155").check()
    page.locator("main").get_by_role("button", name=re.compile(rf"^{words.pay}")).click()
    page.wait_for_url("**/sandbox/provider/confirmation/**", timeout=30_000)
    visitor.look("bank", ["en"])
    page.get_by_role("button", name=words.confirm, exact=True).click()
    expect(page.locator("main")).to_contain_text(words.paid, timeout=60_000)
    visitor.look("paid", ["fr"])
    page.goto(f"{invoice}/")
    expect(page.locator("main")).to_contain_text(words.nothing_left)
