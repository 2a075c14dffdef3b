"""Licences with a product outside: a key typed on three devices, one in use, a floating seat borrowed, a file carried by hand.

The product is the example that vendors copy from; it knows the portal by its addresses alone.
"""

import hashlib
import json
import re
import secrets
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from examples.licence_client import Kept, No, Product
from tests.browser import House, Visitor, asked, everybody_reads, spaced, visiting

pytestmark = pytest.mark.browser
SEATED = """SELECT m.id, m.name, m.email, a.given_on FROM entitlements_assignment a
JOIN organisations_membership m ON m.id = a.membership_id JOIN subscriptions_subscription s ON s.id = a.subscription_id
WHERE s.number = %s AND a.ended_on IS NULL AND NOT a.waiting ORDER BY a.id LIMIT 1"""
MANAGERS_TOKEN = """INSERT INTO organisations_accesstoken (organisation_id, membership_id, name, digest, hint, scopes, created_at)
SELECT m.organisation_id, m.id, 'audit', %s, 'aud', %s, now() FROM organisations_membership m
JOIN identity_oldsignin o ON o.person_id = m.person_id WHERE lower(o.old_id) = lower(%s)"""


def refused(ask: Callable[[], object]) -> No:
    """What a product is told that may not go on."""
    with pytest.raises(No) as no:
        ask()
    return no.value


def product(house: House, home: Path, key: str, code: str, device: str) -> Product:
    """The product on one device, whose user has typed a licence key."""
    fingerprint = hashlib.sha256(device.encode()).hexdigest()
    made = Product(house.url, Kept(home / f"{device}.json"), code=code, fingerprint=fingerprint, device_name=device)
    made.kept.keep(access_token=key, access_until=2**33)
    return made


def use(made: Product, **told: bool) -> dict[str, Any]:
    """Say that it is in use on this device."""
    return made._call("POST", f"/licences/activations/{made.kept['activation']}/use", made._secret(), told)


def key_made(page: Page, button: str, **told: str) -> str:
    """Make a licence key on its page, which shows it once."""
    for field, text in told.items():
        page.locator(f"#id_{field}").fill(text)
    page.get_by_role("button", name=button, exact=True).click()
    return page.locator("#licence-key").input_value()


# --- keys, devices, serial numbers: in English ---

OFFICE, LINE, CODE, MANAGER = "5100035", "560007791", "TERR", "SC00035002"


def test_a_key_opens_three_devices_and_an_audit_is_answered(house: House, chromium: Browser, tmp_path: Path) -> None:
    ((member, name, email, since),) = asked(house, SEATED, LINE)
    everybody_reads(house, OFFICE, "en")
    with visiting(chromium, house) as manager:
        page = manager.page
        manager.sign_in(MANAGER, OFFICE)
        page.goto(f"/c/{OFFICE}/subscriptions/{LINE}/licence-keys/")
        serial = page.get_by_role("cell", name=re.compile(r"^\d{3}-\d+")).or_(page.locator("th", has_text="-")).first.inner_text()
        page.locator("#id_serial").fill(serial.split()[0])
        page.locator("#id_person").fill(email)
        page.get_by_role("button", name="Give it").click()
        expect(page.get_by_text("The serial number is theirs now.")).to_be_visible()
        key = key_made(page, "Make the key", email=email, name="Site office")
        manager.look("licence-keys")
        first, second = _three_devices(house, tmp_path, key)
        _one_is_ended(manager, member, first, second)
        _the_audit(manager, house, (member, name, since))


def _three_devices(house: House, home: Path, key: str) -> tuple[Product, Product]:
    first, second, third, fourth = (product(house, home, key, CODE, f"Desk {nth}") for nth in range(4))
    for each in (first, second, third):
        assert each.activate()["ground"] == "seat"
    no = refused(fourth.activate)
    assert no.code == "devices_all_taken"
    assert "Desk 0, Desk 1 and Desk 2" in str(no)
    assert "End one of them first" in str(no)
    use(first)
    no = refused(lambda: use(second))
    assert (no.code, "Desk 0" in str(no)) == ("device_in_use_elsewhere", True)
    use(second, take_over=True)
    assert refused(first.check).code == "device_in_use_elsewhere"
    return first, second


def _one_is_ended(manager: Visitor, member: int, first: Product, second: Product) -> None:
    page = manager.page
    page.goto(f"/c/{OFFICE}/people/{member}/devices/")
    expect(page.locator("main")).to_contain_text("Products are active on 3 devices.")
    expect(page.get_by_role("row").filter(has_text="Desk 1")).to_contain_text("In use")
    manager.look("persons-devices")
    manager.look_narrow_and_dark({"persons-devices": page.url, "licence-keys": f"/c/{OFFICE}/subscriptions/{LINE}/licence-keys/"})
    page.get_by_role("row").filter(has_text="Desk 1").get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("Products are active on 2 devices.")
    assert refused(second.check).code == "device_has_ended"
    assert first.check()["allowed"] is True


def _the_audit(manager: Visitor, house: House, whom: tuple[int, str, Any]) -> None:
    page, (member, name, since) = manager.page, whom
    ((today,),) = asked(house, "SELECT business_day FROM kernel_house")
    before = since.replace(year=since.year - 1)
    secret = secrets.token_urlsafe(16)
    with psycopg.connect(house.owner_url) as owner:
        scopes = json.dumps(["licences:write", "assignments:write", "people:read"])
        owner.execute(MANAGERS_TOKEN.encode(), [hashlib.sha256(secret.encode()).hexdigest(), scopes, MANAGER])
    for day, entitled, words in ((today, True, f"{name} was entitled"), (before, False, f"{name} was not entitled")):
        page.goto(f"/c/{OFFICE}/people/{member}/devices/?product={CODE}&on={day}")
        expect(page.locator("main")).to_contain_text(words)
        where = f"{house.url}/api/v1/customers/{OFFICE}/people/{member}/products/{CODE}/entitled?on={day}"
        call = urllib.request.Request(where, headers={"Authorization": f"Bearer {secret}"})
        with urllib.request.urlopen(call, timeout=60) as answer:
            assert json.load(answer)["entitled"] is entitled


# --- floating seats, files carried by hand: in French ---

YARD, FLOATING, PLAN, HEAD = "5100037", "560008433", "560008380", "SC00037000"


def test_floating_seats_and_files_carried_by_hand(house: House, chromium: Browser, tmp_path: Path) -> None:
    everybody_reads(house, YARD, "fr")
    with psycopg.connect(house.owner_url) as owner:
        owner.execute(b"UPDATE subscriptions_subscription SET sharing = 'multi_user' WHERE number = %s", [FLOATING])
    with visiting(chromium, house, "fr") as head:
        head.sign_in(HEAD, YARD)
        _a_seat_floats(head, house, tmp_path)
        _a_file_is_carried(head, house, tmp_path)


def _seats_say(page: Page, text: str) -> None:
    page.goto(f"/c/{YARD}/subscriptions/{FLOATING}/people/")
    expect(page.locator("main")).to_contain_text(spaced(text))


def _a_seat_floats(head: Visitor, house: House, home: Path) -> None:
    page, keys = head.page, f"/c/{YARD}/subscriptions/{FLOATING}/licence-keys/"
    made = []
    for name in ("Ferme 1", "Ferme 2"):
        page.goto(keys)
        made.append(product(house, home, key_made(page, "Créer la clé", name=name), "PLAN", name))
    farm, ship = made
    leased = farm.take_seat()
    assert farm.keep_seat()["lease"] == leased["lease"]
    ship.take_seat()
    assert ship.borrow_seat(7)["borrowed"] is True
    assert ship.check_offline()["kind"] == "floating"
    _seats_say(page, "Postes utilisés : 2 sur 3 ; 1 est libre.")
    page.goto(f"/c/{YARD}/subscriptions/{FLOATING}/leases/")
    expect(page.locator("main")).to_contain_text(spaced("Postes libres en ce moment : 1 sur 3."))
    expect(page.get_by_role("row").filter(has_text="Ferme 2")).to_contain_text("Emprunté")
    head.look("leases")
    ship.give_seat_back()
    ship.refresh_lists()
    assert refused(ship.check_offline).code == "file_revoked"
    page.reload()
    page.get_by_role("row").filter(has_text="Ferme 1").get_by_role("button").click()
    expect(page.get_by_text("Personne n’utilise de poste flottant")).to_be_visible()
    assert refused(farm.keep_seat).code == "lease_ended"
    _seats_say(page, "Postes utilisés : 0 sur 3 ; 3 sont libres.")


def _a_file_is_carried(head: Visitor, house: House, home: Path) -> None:
    page, files = head.page, f"/c/{YARD}/subscriptions/{PLAN}/licence-files/"
    ((member, name, email, _since),) = asked(house, SEATED, PLAN)
    offline = product(house, home, "", "PLAN", "cafe")
    page.goto(files)
    page.locator("#id_shown").fill(offline.fingerprint)
    page.locator("#id_name").fill("Bateau")
    page.locator("#id_email").fill(email)
    page.get_by_role("button", name="Préparer le fichier").click()
    row = page.get_by_role("row").filter(has_text="Bateau")
    expect(row).to_contain_text(name)
    head.look("licence-files")
    with page.expect_download() as loading:
        row.get_by_role("link").click()
    offline.kept.keep(file=Path(loading.value.path()).read_text())
    assert loading.value.suggested_filename == "PLAN-bateau.licence"
    offline.refresh_lists()
    told = offline.check_offline()  # by joserfc, outside
    assert (told["device"], told["customer"], told["subscription"]) == (offline.fingerprint, YARD, PLAN)
    head.look_narrow_and_dark({"licence-files": files, "leases": f"/c/{YARD}/subscriptions/{FLOATING}/leases/"})
    page.goto(f"/c/{YARD}/subscriptions/{PLAN}/people/?q={email}")
    page.locator(f"input[type=checkbox][value='{member}']").check()
    page.get_by_role("button", name="Reprendre aux personnes cochées").click()
    page.wait_for_url(f"**/{PLAN}/people/")
    assert offline.check_offline()["jti"] == told["jti"]  # nobody has told it
    offline.refresh_lists()
    assert refused(offline.check_offline).code == "file_revoked"
