"""Files for those entitled, at the moment that they ask: whole or in parts, counted, by links that end."""

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from comptoir.downloads.models import Download, Installed, Release, ReleaseFile
from comptoir.entitlements.models import Assignment
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from tests.cast import (
    TODAY,
    Cast,
    at_desk,
    make_contract,
    product,
    raise_curtain,
    seat,
    signed_in,
    staff_member,
    subscribe,
    words_of,
)
from tests.released import CONTENT, file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/downloads/SCLT/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast) -> ReleaseFile:
    """The installer of Sculpt LT 2027, which is out; Emil has a seat."""
    seat(cast.subscription, cast.emil)
    return file(release(cast.sculpt, "2027", date(2026, 3, 24)))


def link(member: Membership, file: ReleaseFile) -> str:
    """Where a click on the download leads."""
    return signed_in(member).get(f"{PAGE}files/{file.pk}/").headers["Location"]


def got(address: str, **headers: str) -> tuple[int, bytes]:
    answer = Client().get(address, headers=headers)
    return answer.status_code, b"".join(answer) if answer.streaming else answer.content


def counted(cast: Cast) -> list[tuple[int, bool, int]]:
    with wall_opened(read=[cast.nord.pk]):
        rows = Download.objects.order_by("id")
        return [(row.membership_id, row.finished_at is not None, row.sent) for row in rows]


def test_who_has_a_seat_downloads_and_is_counted_once(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    answer = Client().get(address)
    assert b"".join(answer) == CONTENT
    assert answer.headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert "sculpt-x64.exe" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert got(address)[0] == 200  # again by the same link
    assert counted(cast) == [(cast.emil.pk, True, len(CONTENT))]
    with wall_opened(read=[cast.nord.pk]):
        kinds = list(Event.objects.filter(kind__startswith="download.").order_by("seq").values_list("kind", flat=True))
        assert Installed.objects.get().how == "download"
    assert kinds[:2] == ["download.begun", "download.sent"]
    file = ReleaseFile.objects.get()
    assert (file.downloads, file.of_trials) == (1, 0)


def test_a_download_goes_on_where_it_broke_off(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    etag = f'"{installer.sha256}"'
    assert got(address, range="bytes=0-3999") == (206, CONTENT[:4000])
    assert counted(cast) == [(cast.emil.pk, False, 4000)]
    answer = Client().get(address, headers={"range": "bytes=4000-", "if-range": etag})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes 4000-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert b"".join(answer) == CONTENT[4000:]
    assert counted(cast) == [(cast.emil.pk, True, len(CONTENT))]


@pytest.mark.parametrize(
    ("headers", "status", "length"),
    [
        ({"range": "bytes=-10"}, 206, 10),
        ({"range": "bytes=99999-"}, 416, 0),
        ({"range": "bytes=0-1,5-6"}, 200, len(CONTENT)),
        ({"range": "lines=1-2"}, 200, len(CONTENT)),
        ({"range": "bytes=0-9", "if-range": '"another file"'}, 200, len(CONTENT)),
        ({"if-none-match": f'"{hashlib.sha256(CONTENT).hexdigest()}"'}, 304, 0),
    ],
)
def test_parts_are_answered_as_http_wants(
    headers: dict[str, str], status: int, length: int, cast: Cast, installer: ReleaseFile
) -> None:
    told, content = got(link(cast.emil, installer), **headers)
    assert (told, len(content)) == (status, length)
    assert len(counted(cast)) == (1 if status < 300 else 0)


def test_asking_for_the_head_alone_counts_nothing(cast: Cast, installer: ReleaseFile) -> None:
    answer = Client().head(link(cast.emil, installer))
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(CONTENT)))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.content == b""
    assert counted(cast) == []


def test_a_reader_who_goes_away_is_counted_as_far_as_they_came(
    cast: Cast, installer: ReleaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comptoir.downloads.adapters.sending.PIECE", 1000)
    pieces = iter(Client().get(link(cast.emil, installer)))
    assert len(next(pieces)) == 1000
    del pieces
    gc.collect()
    assert counted(cast) == [(cast.emil.pk, False, 1000)]
    with wall_opened(read=[cast.nord.pk]):
        assert not Installed.objects.exists()


def test_whoever_lost_the_seat_meanwhile_gets_nothing_by_an_old_link(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    assert got(address, range="bytes=0-9")[0] == 206
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Assignment.objects.update(ended_on=TODAY)
    status, content = got(address, range="bytes=10-")
    assert status == 403
    assert content.decode() == "You have no access to Sculpt LT. Ask Sofia Costa and Camille Morel.\n"
    page = Client().get(address, headers={"accept": "text/html"})
    assert "Sofia Costa" in words_of(page)


def test_who_left_the_customer_is_nobody(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Membership.objects.filter(pk=cast.emil.pk).update(left_on=TODAY)
    assert got(address)[0] == 404


def test_a_link_ends_and_can_not_be_made_up(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    token = address.split("/")[2]
    assert got(address.replace(token, token[:-2] + "xx"))[0] == 404
    other = file(release(cast.sculpt, "2027.1", TODAY, "update"), "other.exe")
    assert got(address.replace("sculpt-x64", "other"))[1] == CONTENT  # a name is a name: the link says which file
    assert other.downloads == 0
    with time_machine.travel(now() + timedelta(minutes=61), tick=False):
        status, content = got(address)
    assert status == 410
    assert b"Get a new one" in content


def test_nobody_gets_what_they_are_not_entitled_to(cast: Cast, installer: ReleaseFile) -> None:
    elsewhere = file(release(product("PLAN", "Plan", {"year": (100, 100)}), "1", TODAY), "plan.exe")
    draft = file(release(cast.sculpt, "2028", TODAY, state="draft"), "draft.exe")
    for who in (cast.rita, cast.pierre, cast.anton):  # colleagues without a seat, and who looks after another contract
        answer = signed_in(who).get(f"{PAGE}files/{installer.pk}/", follow=True)
        said = words_of(answer)
        assert "You have no access to Sculpt LT. Ask Sofia Costa and Camille Morel." in said
        assert "sculpt-x64.exe" not in said
    for who in (cast.emil, cast.camille):
        assert signed_in(who).get(f"{PAGE}files/{draft.pk}/").status_code == 404
        said = words_of(signed_in(who).get(f"/c/5200001/downloads/PLAN/files/{elsewhere.pk}/", follow=True))
        assert "Atelier Nord has no working subscription of Plan." in said
    assert signed_in(cast.oskar).get(f"{PAGE}files/{installer.pk}/").status_code == 404
    assert at_desk(staff_member("Karl", "Lang", "catalogue")).get(f"{PAGE}files/{installer.pk}/").status_code == 404
    assert counted(cast) == []


def test_who_stands_beyond_the_seats_has_none(cast: Cast, installer: ReleaseFile) -> None:
    seat(cast.subscription, cast.rita, given_on=date(2026, 11, 1))  # came first
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        # it renews today with one seat, and no night has run
        Subscription.objects.filter(pk=cast.subscription.pk).update(seats_at_renewal=1, renews_on=TODAY)
    assert "You have no access to Sculpt LT." in words_of(signed_in(cast.emil).get(PAGE))
    assert "sculpt-x64.exe" in words_of(signed_in(cast.rita).get(PAGE))


def test_what_no_longer_works_can_not_be_downloaded(cast: Cast, installer: ReleaseFile) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(lapses_on=date(2026, 10, 1))
    assert "has no working subscription" in words_of(signed_in(cast.emil).get(PAGE))
    assert "has no working subscription" in words_of(signed_in(cast.camille).get(PAGE))


def test_versions_too_old_need_an_exception(cast: Cast, installer: ReleaseFile) -> None:
    cast.sculpt.previous_versions = 1
    cast.sculpt.save()
    old = file(release(cast.sculpt, "2025", date(2024, 3, 24)), "old.exe")
    before = file(release(cast.sculpt, "2026", date(2025, 3, 24)), "before.exe")
    page = words_of(signed_in(cast.emil).get(PAGE))
    assert "before.exe" in page
    assert "old.exe" not in page
    assert "Older versions These are too old to be installed." in page
    assert link(cast.emil, before).startswith("/downloads/")
    said = words_of(signed_in(cast.emil).get(f"{PAGE}files/{old.pk}/", follow=True))
    assert "Sculpt LT 2025 is too old: the newest version and 1 before it may be installed." in said


def test_a_withdrawn_release_stops_even_what_is_under_way(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    assert got(address, range="bytes=0-9")[0] == 206
    Release.objects.update(state="withdrawn", withdrawn_because="It eats files.")
    status, content = got(address, range="bytes=10-")
    assert (status, b"It eats files." in content) == (403, True)
    assert "sculpt-x64.exe" not in words_of(signed_in(cast.emil).get(PAGE))


@pytest.mark.parametrize("there", [None, CONTENT[:-1], CONTENT + b"more"])
def test_while_the_disk_is_away_or_has_another_file_a_download_says_when_to_come_back(
    cast: Cast, installer: ReleaseFile, settings: object, tmp_path: Path, there: bytes | None
) -> None:
    address = link(cast.emil, installer)
    with away(settings, tmp_path):
        if there is not None:
            place = tmp_path / "nowhere" / installer.stored_as
            place.parent.mkdir(parents=True)
            place.write_bytes(there)
        answer = Client().get(address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
        assert answer.content.decode().startswith("sculpt-x64.exe can’t be read from the store at the moment.")
        assert signed_in(cast.emil).get(PAGE).status_code == 200
    assert counted(cast) == []
    assert got(address) == (200, CONTENT)


@contextmanager
def away(settings: object, place: Path) -> Iterator[None]:
    """The store lies where nothing is."""
    before = settings.STORAGES  # type: ignore[attr-defined]
    kept = {**before["releases"], "OPTIONS": {"location": place / "nowhere"}}
    settings.STORAGES = {**before, "releases": kept}  # type: ignore[attr-defined]
    yield
    settings.STORAGES = before  # type: ignore[attr-defined]


@pytest.mark.parametrize(("agent", "first"), [(FIREFOX, "sculpt-x64.exe"), (SAFARI, "sculpt.dmg")])
def test_the_file_for_this_machine_comes_first(agent: str, first: str, cast: Cast, installer: ReleaseFile) -> None:
    file(installer.release, "sculpt.dmg", b"mac", platform="macos", architecture="any")
    file(installer.release, "sculpt-arm.exe", b"arm", architecture="arm64")
    page = words_of(signed_in(cast.emil).get(PAGE, headers={"user-agent": agent}))
    assert f"For this machine File {first}" in page
    chosen = signed_in(cast.emil).get(f"{PAGE}?platform=macos", headers={"user-agent": agent})
    assert "For this machine File sculpt.dmg" in words_of(chosen)


def test_administrators_see_who_downloaded_what_and_how_much(cast: Cast, installer: ReleaseFile) -> None:
    got(link(cast.emil, installer), range="bytes=0-5119")
    page = words_of(signed_in(cast.sofia).get("/c/5200001/download-log/")).replace("\xa0", " ")
    assert "Emil Larsen sculpt-x64.exe Sculpt LT 2027 21 Nov 2026 In the browser 5.0 KB of 10.0 KB" in page
    assert signed_in(cast.emil).get("/c/5200001/download-log/").status_code == 404
    # of another contract alone: nothing of this product
    assert "Emil Larsen" not in words_of(signed_in(cast.anton).get("/c/5200001/download-log/"))


def test_the_list_names_what_i_may_have_and_why(cast: Cast, installer: ReleaseFile) -> None:
    assert "Sculpt LT SCLT 2027 24 March 2026 You have a seat" in words_of(signed_in(cast.emil).get("/c/5200001/downloads/"))
    assert "You look after it" in words_of(signed_in(cast.sofia).get("/c/5200001/downloads/"))
    assert "Nothing to download" in words_of(signed_in(cast.rita).get("/c/5200001/downloads/"))
    other = subscribe(make_contract(cast.est, "110000099"), cast.sculpt, "560000099", seats=1, start=date(2026, 6, 1))
    assert other.organisation_id == cast.est.pk


def test_the_public_key_is_there_for_everybody(db: None) -> None:
    told = Client().get("/downloads/keys.json").json()
    assert told["keys"][0]["crv"] == "Ed25519"
    assert len(told["SUPublicEDKey"]) == 44
