"""Links as they are used again, by whom and how late; what stops while it is on its way."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from comptoir.downloads.models import Download, PublicFeed, Release, ReleaseFile
from comptoir.downloads.rules.contents import file_name
from comptoir.entitlements.models import Assignment
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, words_of
from tests.released import CONTENT, file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/downloads/SCLT/"
HALF = 5_000  # bytes


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast) -> ReleaseFile:
    """The installer of Sculpt LT 2027, which is out; Emil has a seat."""
    seat(cast.subscription, cast.emil)
    return file(release(cast.sculpt, "2027", date(2026, 3, 24)))


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes at a time, each time looked at anew."""
    monkeypatch.setattr("comptoir.downloads.adapters.sending.PIECE", 1_000)
    monkeypatch.setattr("comptoir.downloads.adapters.sending.STEP", 2_000)


def link(member: Membership, file: ReleaseFile) -> str:
    return signed_in(member).get(f"{PAGE}files/{file.pk}/").headers["Location"]


def got(address: str, client: Client | None = None, **headers: str) -> tuple[int, bytes]:
    answer = (client or Client()).get(address, headers=headers)
    return answer.status_code, b"".join(answer) if answer.streaming else answer.content


def begun(address: str) -> Iterator[bytes]:
    """The bytes of an answer that is on its way, of which the first have come."""
    pieces = iter(Client().get(address))
    assert len(next(pieces)) == 1_000
    return pieces


def test_a_slow_download_goes_on_though_its_link_begins_nothing_any_more(cast: Cast, installer: ReleaseFile) -> None:
    address, unused = link(cast.emil, installer), link(cast.emil, installer)
    assert got(address, range=f"bytes=0-{HALF - 1}") == (206, CONTENT[:HALF])
    with time_machine.travel(now() + timedelta(hours=5), tick=False):
        assert got(unused, range=f"bytes={HALF}-")[0] == 410
        assert got(address)[0] == got(address, range="bytes=0-99")[0] == 410  # from the beginning: a new link
        assert got(address, range=f"bytes={HALF}-") == (206, CONTENT[HALF:])
    with wall_opened(read=[cast.nord.pk]):
        assert [row.finished_at is not None for row in Download.objects.all()] == [True]
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        assert got(address, range=f"bytes={HALF}-")[0] == 410


def test_who_goes_on_late_has_their_right_looked_up_as_well(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    got(address, range=f"bytes=0-{HALF - 1}")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Assignment.objects.update(ended_on=TODAY)
    with time_machine.travel(now() + timedelta(hours=5), tick=False):
        assert got(address, range=f"bytes={HALF}-")[0] == 403


def test_somebody_else_who_is_signed_in_gets_nothing_by_a_link(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    for other in (cast.rita, cast.oskar):  # a colleague, and somebody of another customer
        status, content = got(address, signed_in(other))
        assert (status, content) == (403, b"This link was made for somebody else. Get your own on the download page.\n")
    assert got(address, signed_in(cast.emil)) == (200, CONTENT)
    assert got(address) == (200, CONTENT)  # whatever fetches for them has no cookie


def test_whose_account_is_closed_gets_nothing_by_a_link(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    with signing_in():
        Person.objects.filter(pk=cast.emil.person_id).update(is_active=False)
    assert got(address)[0] == 404


@pytest.mark.usefixtures("slowly")
def test_a_release_that_is_withdrawn_stops_in_the_middle_of_a_download(cast: Cast, installer: ReleaseFile) -> None:
    address = link(cast.emil, installer)
    pieces = begun(address)
    Release.objects.update(state="withdrawn", withdrawn_because="It eats files.")
    came = 1_000 + len(b"".join(pieces))
    assert came < len(CONTENT)
    assert got(address, range=f"bytes={came}-")[0] == 403
    with wall_opened(read=[cast.nord.pk]):
        assert Download.objects.get().finished_at is None


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("what", ["seat", "left"])
def test_who_loses_the_right_gets_no_more_of_what_is_on_its_way(what: str, cast: Cast, installer: ReleaseFile) -> None:
    pieces = begun(link(cast.emil, installer))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        if what == "seat":
            Assignment.objects.update(ended_on=TODAY)
        else:
            Membership.objects.filter(pk=cast.emil.pk).update(left_on=TODAY)
    assert 1_000 + len(b"".join(pieces)) < len(CONTENT)


@pytest.mark.usefixtures("slowly")
def test_a_public_file_that_is_withdrawn_stops_as_well(cast: Cast, installer: ReleaseFile) -> None:
    PublicFeed.objects.create(product=cast.sculpt, since=TODAY)
    address = f"/feeds/files/{installer.pk}/{installer.name}"
    assert b"".join(Client().get(address)) == CONTENT
    pieces = begun(address)
    PublicFeed.objects.all().delete()
    assert 1_000 + len(b"".join(pieces)) < len(CONTENT)


NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system32\\evil.exe": "evil.exe",
    'a"; filename="b.exe': "a-; filename=-b.exe",
    "report\u202efdp.exe": "report-fdp.exe",  # turns what follows round, so that it reads report.exe.pdf
    "a\r\nSet-Cookie: x=1.exe": "a--Set-Cookie- x=1.exe",
    "évolution 日本.exe": "évolution 日本.exe",
    "x" * 400 + ".exe": "x" * 146 + ".exe",
    ". ..": "file",
}


@pytest.mark.parametrize("told", NAMES)
def test_a_name_leads_nowhere_and_says_what_it_is(told: str) -> None:
    assert file_name(told) == NAMES[told]


@pytest.mark.parametrize("name", sorted(NAMES.values()))
def test_every_name_makes_one_header_and_one_address(name: str, cast: Cast, installer: ReleaseFile) -> None:
    ReleaseFile.objects.update(name=name)
    answer = Client().get(link(cast.emil, installer))
    assert answer.status_code == 200
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename=")
    assert said.count('"') == 2
    assert said.isascii()
    assert "\n" not in said


def test_what_a_page_could_run_is_saved_and_never_shown(cast: Cast, installer: ReleaseFile) -> None:
    page = file(installer.release, "page.html", b"plain words, then <script>alert(1)</script>", kind="documentation")
    ReleaseFile.objects.filter(pk=page.pk).update(media_type="text/plain")
    answer = Client().get(link(cast.emil, page))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/plain"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "page.html" in words_of(signed_in(cast.emil).get(PAGE))
