"""The pages of devices, keys and serial numbers, in both languages."""

import re
from html import unescape

import pytest

from comptoir.entitlements.models import LicenceKey, SerialNumber
from comptoir.entitlements.ports import Ports
from comptoir.entitlements.queries.keys import digest_of, typed_key
from comptoir.entitlements.tests.test_licences import Signed, check, look, secret, who
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, words_of

HERE, LINE = "/c/5200001/", "/c/5200001/subscriptions/560000001/"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(Ports, "bearers", Signed())
    made = raise_curtain()
    seat(made.subscription, made.emil)
    theirs = {"organisation": made.nord, "subscription": made.subscription}
    look(made, lambda: SerialNumber.objects.create(**theirs, number="667-1", version="2026"))
    return made


def test_one_sees_ones_own_devices_and_ends_them(cast: Cast) -> None:
    mine = secret(who(cast.emil), platform="linux")
    emil = signed_in(cast.emil)
    page = emil.get(f"{HERE}devices/")
    assert "Your products are active on 1 device;" in words_of(page)
    assert "Device 1" in words_of(page)
    assert "Vos produits sont activés sur 1 appareil" in words_of(signed_in(cast.emil, "fr").get(f"{HERE}devices/"))
    assert "None of your products is active" in words_of(signed_in(cast.rita).get(f"{HERE}devices/"))
    [end] = re.findall(r'action="([^"]*/devices/\d+/end/)"', page.content.decode())
    assert signed_in(cast.rita).post(end).status_code == 404
    assert check(mine).status_code == 200
    assert emil.post(end).status_code == 302
    assert check(mine).status_code == 401
    assert f"{HERE}devices/" in emil.get(f"{HERE}products/").content.decode()


def test_a_coordinator_makes_a_key_that_is_shown_once_and_ends_it(cast: Cast) -> None:
    sofia = signed_in(cast.sofia)
    page = sofia.post(f"{LINE}licence-keys/", {"email": cast.emil.email, "name": "Laptop", "request_key": "k"})
    [key] = re.findall(r'id="licence-key"[^>]*value="([^"]+)"', unescape(page.content.decode()))
    row = look(cast, LicenceKey.objects.get)
    assert (row.digest, row.membership_id) == (digest_of(typed_key(key) or ""), cast.emil.pk)
    again = sofia.get(f"{LINE}licence-keys/")
    assert key not in again.content.decode()
    assert f"…{key[-4:]}" in words_of(again)
    assert check(key).status_code == 200
    no_seat = sofia.post(f"{LINE}licence-keys/", {"email": cast.rita.email, "request_key": "l"})
    assert "Rita Nielsen has no seat of Sculpt LT." in words_of(no_seat)
    assert signed_in(cast.emil).get(f"{LINE}licence-keys/").status_code == 404
    assert sofia.post(f"{LINE}licence-keys/{row.pk}/end/").status_code == 302
    assert check(key).status_code == 401
    assert "Clés de licence et numéros de série" in words_of(signed_in(cast.sofia, "fr").get(f"{LINE}licence-keys/"))


def test_a_serial_number_stays_with_the_person_that_it_was_given_to(cast: Cast) -> None:
    sofia = signed_in(cast.sofia)
    wanted = {"serial": "667-1", "person": cast.emil.email}
    assert sofia.post(f"{LINE}serial-numbers/", {**wanted, "request_key": "a"}).status_code == 302
    again = sofia.post(f"{LINE}serial-numbers/", {**wanted, "person": cast.rita.email, "request_key": "b"})
    assert "was given to Emil Larsen and stays with them" in words_of(again)
    file = sofia.get(f"{LINE}licence-keys/?download=csv").content.decode()
    assert "667-1" in file
    assert "Emil Larsen" in file
    assert "667-1" in words_of(signed_in(cast.emil).get(f"{HERE}devices/"))


def test_who_was_entitled_on_a_day_is_told_with_the_reason(cast: Cast) -> None:
    sofia, page = signed_in(cast.sofia), f"{HERE}people/{cast.emil.pk}/devices/"
    assert "Yes: on 21 November 2026 Emil Larsen was entitled" in words_of(sofia.get(f"{page}?product=SCLT&on={TODAY}"))
    before = words_of(sofia.get(f"{page}?product=SCLT&on=2026-11-20"))
    assert "No: on 20 November 2026" in before
    assert "They had no seat." in before
    assert sofia.get(f"{page}?product=SCLT&on=2027-01-01").status_code == 422
    assert signed_in(cast.emil).get(page).status_code == 404
