"""An end user sees what they may have at home, asks for it, a coordinator approves it with a serial number: in both languages."""

from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.browser import House, asked, everybody_reads, visiting

pytestmark = pytest.mark.browser
HOLDER = """
SELECT i.old_id, m.name, s.number FROM entitlements_assignment a
JOIN organisations_membership m ON m.id = a.membership_id JOIN organisations_organisation o ON o.id = a.organisation_id
JOIN subscriptions_subscription s ON s.id = a.subscription_id JOIN contracts_contract c ON c.id = s.contract_id
JOIN identity_oldsignin i ON i.person_id = m.person_id AND i.old_id LIKE 'SC' || lpad(right(o.number, 3), 5, '0') || '%%'
WHERE o.number = %s AND NOT a.waiting AND a.ended_on IS NULL AND m.active AND m.left_on IS NULL AND s.ended_on IS NULL
AND s.renews_on > '2026-12-01' AND m.id NOT IN (SELECT membership_id FROM organisations_rolegrant)
ORDER BY a.id LIMIT 1
"""
SHARED = """
UPDATE catalogue_product SET home_use = true, sharing = 'multi_user'
WHERE id = (SELECT product_id FROM subscriptions_subscription WHERE number = %s)
"""


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one customer of the demo."""

    language: str
    customer: str
    coordinator: str
    ask: str
    send: str
    waits: str
    serial: str
    approve: str
    in_use: str
    ends: str
    ended: str


ENGLISH = Words(
    language="en",
    customer="5100018",
    coordinator="SC00018005",
    ask="Ask for home use",
    send="Send the request",
    waits="Asked; nobody has answered yet",
    serial="Serial number or key",
    approve="Approve",
    in_use="In use",
    ends="End it",
    ended="Ended",
)
FRENCH = Words(
    language="fr",
    customer="5100015",
    coordinator="SC00015011",
    ask="Demander l’usage à domicile",
    send="Envoyer la demande",
    waits="Demandé, sans réponse pour l’instant",
    serial="Numéro de série ou clé",
    approve="Approuver",
    in_use="En cours",
    ends="Y mettre fin",
    ended="Terminé",
)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_home_use_is_asked_for_approved_with_a_number_and_ended(words: Words, house: House, chromium: Browser) -> None:
    everybody_reads(house, words.customer, words.language)
    [(holder, name, number)] = asked(house, HOLDER, words.customer)
    with psycopg.connect(house.owner_url) as owner:
        owner.execute(SHARED.encode(), [number])
    address = f"/c/{words.customer}/home-use/"
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(holder, words.customer)
        page.goto(address)
        visitor.look("home-use")
        page.locator("tr", has_text=number).get_by_role("link", name=words.ask).click()
        visitor.look("ask-for-home-use")
        page.get_by_role("button", name=words.send).click()
        page.wait_for_url(f"**{address}")
        page.get_by_role("link", name=words.waits).click()
        request = page.url
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.coordinator, words.customer)
        page.goto(request)
        expect(page.locator("main")).to_contain_text(name)
        visitor.look("approve-home-use")
        page.get_by_label(words.serial).fill("667-12345678")
        page.get_by_role("button", name=words.approve, exact=True).click()
        page.wait_for_url("**/requests/")
        page.goto(address)
        row = page.locator("tr", has_text="667-12345678")
        expect(row).to_contain_text(words.in_use)
        visitor.look("home-use-of-all")
        visitor.look_narrow_and_dark({"home-use-of-all": address})
        row.get_by_role("button", name=words.ends).click()
        page.wait_for_url(f"**{address}")
        expect(page.locator("tr", has_text="667-12345678")).to_contain_text(words.ended)
