"""The pages of files for devices without a network, and of floating seats (rules 9)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comptoir.entitlements.models import Device, Lease, LicenceFile
from comptoir.entitlements.tests.test_leases import taken
from comptoir.entitlements.tests.test_licences import licensed, look
from comptoir.entitlements.tests.test_offline import key_set, opened, revoked
from tests.cast import Cast, signed_in, words_of

PRINT = "ab12" * 8
FILES = "/c/5200001/subscriptions/560000001/licence-files/"
LEASES = "/c/5200001/subscriptions/560000001/leases/"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    yield from licensed(monkeypatch)


def post(browser: Client, **told: Any) -> Any:
    return browser.post(FILES, {"request_key": "k", **told})


def test_a_person_types_what_the_device_shows_and_carries_the_file(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    assert "No device has a licence file." in words_of(browser.get(FILES))
    answer = post(browser, shown=f"{PRINT[:16]} {PRINT[16:]}\n", name="Ship")
    assert answer.status_code == 302
    assert post(browser, shown=PRINT, name="Ship").status_code == 302  # the same click again
    [row] = look(cast, lambda: list(LicenceFile.objects.all()))
    page = words_of(browser.get(FILES))
    assert "1 device has a licence file." in page
    assert "20 December 2026" in page  # the last day with it
    file = browser.get(f"{FILES}{row.pk}/")
    assert file["Content-Disposition"] == 'attachment; filename="SCLT-ship.licence"'
    assert opened(file.content.decode(), key_set())["device"] == PRINT
    assert browser.post(f"{FILES}{row.pk}/revocation/").status_code == 302
    assert len(revoked()) == 1
    assert "No device has a licence file." in words_of(browser.get(FILES))


def test_a_manager_uploads_a_request_for_somebody(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    saved = SimpleUploadedFile("device.json", f'{{"fingerprint": "{PRINT}", "name": "Vessel"}}'.encode())
    answer = post(browser, saved=saved, email=cast.emil.email)
    assert answer.status_code == 302, words_of(answer)
    [device] = look(cast, lambda: list(Device.objects.all()))
    assert (device.name, device.membership_id) == ("Vessel", cast.emil.pk)
    assert "Vessel Emil Larsen" in words_of(browser.get(FILES))
    assert "Vessel" not in words_of(signed_in(cast.rita).get(FILES))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"shown": "", "name": "x"}, "Copy the whole of what the product shows"),
        ({"shown": "too short", "name": "x"}, "Copy the whole of what the product shows"),
        ({"shown": "{broken", "name": "x"}, "Copy the whole of what the product shows"),
        ({"shown": '{"fingerprint": ["a"]}', "name": "x"}, "Copy the whole of what the product shows"),
        ({"shown": PRINT}, "Give the device a name"),
        ({"shown": PRINT, "name": "x", "email": "nobody@example.com"}, "nobody"),
        ({"shown": PRINT, "name": "x", "email": "rita.nielsen@example.com"}, "seat"),
    ],
)
def test_what_is_no_request_is_told_and_kept(cast: Cast, told: dict[str, str], words: str) -> None:
    answer = post(signed_in(cast.sofia), **told)
    assert answer.status_code in {403, 422}
    assert words in words_of(answer) or words in answer.content.decode()
    assert look(cast, lambda: Device.objects.count()) == 0


def test_nobody_downloads_or_revokes_a_file_of_somebody_else(cast: Cast) -> None:
    post(signed_in(cast.emil), shown=PRINT, name="Ship")
    pk = look(cast, lambda: LicenceFile.objects.get().pk)
    for other in (cast.rita, cast.anton, cast.oskar):
        browser = signed_in(other)
        assert browser.get(f"{FILES}{pk}/").status_code == 404
        assert browser.post(f"{FILES}{pk}/revocation/").status_code == 404
    assert revoked() == set()


def test_managers_see_who_uses_floating_seats_and_end_one(cast: Cast) -> None:
    cast.sculpt.sharing = "multi_user"
    cast.sculpt.save()
    browser = signed_in(cast.sofia)
    assert "Nobody uses a floating seat now" in words_of(browser.get(LEASES))
    taken(cast.rita)
    page = words_of(browser.get(LEASES))
    assert "2 of 4 seats are free now. Given to people: 1. Used by whoever came first: 1." in page
    assert "Rita Nielsen" in page
    assert "Who uses a floating seat now" in words_of(browser.get("/c/5200001/subscriptions/560000001/people/"))
    pk = look(cast, lambda: Lease.objects.get().pk)
    assert signed_in(cast.emil).get(LEASES).status_code == 404
    assert signed_in(cast.emil).post(f"{LEASES}{pk}/end/").status_code == 404
    assert browser.post(f"{LEASES}{pk}/end/", {"request_key": "e"}).status_code == 302
    assert "Nobody uses a floating seat now" in words_of(browser.get(LEASES))
    again = browser.post(f"{LEASES}{pk}/end/", {"request_key": "f"}, follow=True)
    assert "This use of a floating seat has ended." in words_of(again)
