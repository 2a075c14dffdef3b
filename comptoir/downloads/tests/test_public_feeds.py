"""Update feeds for everybody, of products that the desk opened: as Sparkle and winget read them, and nothing of the others."""

import re
from datetime import date
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client

from comptoir.downloads.models import Download, PublicFeed, Release, ReleaseFile
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, at_desk, product, raise_curtain, staff_member, words_of
from tests.released import CONTENT, file, release

pytestmark = pytest.mark.django_db
DESK = "/desk/releases/SCLT/"
SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast) -> ReleaseFile:
    """Sculpt LT 2027 for three machines, and a draft; and Plan, which is not public."""
    out = release(cast.sculpt, "2027", date(2026, 3, 24), notes_en="Faster & <b>bolder</b>.\x0b\n\nÉté.")
    file(out, "sculpt.pkg", b"xar!" * 9, platform="macos", architecture="any")
    ReleaseFile.objects.filter(name="sculpt.pkg").update(media_type="application/x-xar")
    file(out, "manual.pdf", b"%PDF-", kind="documentation", platform="any")
    file(release(cast.sculpt, "2028", date(2026, 11, 1), state="draft"), "draft.exe")
    file(release(product("PLAN", "Plan", {"year": (100, 100)}), "1", date(2026, 1, 1)), "plan.exe")
    return file(out)


@pytest.fixture
def opened(cast: Cast, installer: ReleaseFile) -> ReleaseFile:
    PublicFeed.objects.create(product=cast.sculpt, since=date(2026, 11, 1))
    return installer


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def searched(body: object, **headers: str) -> tuple[int, dict[str, object]]:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/feeds/winget/manifestSearch", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json() if answer.content else {}


def test_nothing_is_public_before_the_desk_says_so(cast: Cast, installer: ReleaseFile) -> None:
    for path in ("SCLT/appcast/macos.xml", "winget/packageManifests/AtelierSculpt.SCLT", f"files/{installer.pk}/a.exe"):
        assert Client().get(f"/feeds/{path}").status_code == 404
    assert searched({"FetchAllManifests": True}) == (204, {})


def test_the_desk_opens_and_closes_the_feeds_of_a_product(cast: Cast, installer: ReleaseFile) -> None:
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert "Members alone" in words_of(karl.get(DESK))
    assert karl.post(f"{DESK}feeds/", {"public": "yes"}).status_code == 302
    assert "Public since 21 November 2026" in words_of(karl.get(DESK))
    assert Client().get("/feeds/SCLT/appcast/macos.xml").status_code == 200
    assert karl.post(f"{DESK}feeds/", {"public": "no"}).status_code == 302
    assert Client().get("/feeds/SCLT/appcast/macos.xml").status_code == 404
    with wall_opened(house=True):
        kinds = list(Event.objects.filter(chain="h").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["release.feed_opened", "release.feed_closed"]


def test_opening_wants_a_fresh_proof_and_a_role(cast: Cast, installer: ReleaseFile) -> None:
    tired = at_desk(staff_member("Klara", "Lang", "catalogue"), fresh=False)
    assert tired.post(f"{DESK}feeds/", {"public": "yes"}).headers["Location"].startswith("/sign-in/again/?next=")
    ada = at_desk(staff_member("Ada", "Roy", "administrator"))
    assert ada.post(f"{DESK}feeds/", {"public": "yes"}).status_code == 404
    assert "Open them to everybody" not in words_of(ada.get(DESK))
    assert not PublicFeed.objects.exists()


def test_an_appcast_is_what_sparkle_reads(opened: ReleaseFile) -> None:
    answer = Client().get("/feeds/SCLT/appcast/macos.xml")
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    root = Xml.fromstring(answer.content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channel = root.find("channel")
    assert channel is not None
    assert all(channel.findtext(tag) for tag in ("title", "link", "description"))  # RSS 2.0 wants them
    (item,) = channel.findall("item")  # neither the draft, nor the manual
    assert (item.findtext(f"{SPARKLE}version"), item.findtext(f"{SPARKLE}shortVersionString")) == ("2027", "2027")
    assert parsedate_to_datetime(item.findtext("pubDate") or "").year >= 2026
    description = item.find("description")
    assert description is not None
    assert (description.get(f"{SPARKLE}format"), description.text) == ("plain-text", "Faster & <b>bolder</b>.\n\nÉté.")
    (enclosure,) = item.findall("enclosure")
    told = {name.removeprefix(SPARKLE): value for name, value in enclosure.items()}
    assert (told["length"], told["edSignature"], told["os"], told["installationType"]) == ("36", "c2lnbmVk", "macos", "package")
    assert b"".join(Client().get(path_of(told["url"]))) == b"xar!" * 9


def test_winsparkle_tells_processors_apart(opened: ReleaseFile) -> None:
    file(opened.release, "sculpt-arm.exe", b"MZarm", architecture="arm64")
    root = Xml.fromstring(Client().get("/feeds/SCLT/appcast/windows.xml").content)
    assert [each.get(f"{SPARKLE}os") for each in root.iter("enclosure")] == ["windows-arm64", "windows-x64"]
    assert Client().get("/feeds/SCLT/appcast/linux.xml").status_code == 404


def test_sparkle_gives_a_mac_the_file_for_its_processor(opened: ReleaseFile) -> None:
    for architecture in ("x64", "arm64"):
        file(opened.release, f"sculpt-{architecture}.dmg", architecture.encode(), platform="macos", architecture=architecture)
    found = list(Xml.fromstring(Client().get("/feeds/SCLT/appcast/macos.xml").content).iter("item"))
    told = [(item.findtext(f"{SPARKLE}hardwareRequirements"), item.find("enclosure")) for item in found]
    files = [(needs, (at.get("url") or "").rpartition("/")[2]) for needs, at in told if at is not None]
    assert files[-2:] == [("arm64", "sculpt-arm64.dmg"), (None, "sculpt-x64.dmg")]


def test_what_was_brought_over_has_its_day(opened: ReleaseFile) -> None:
    Release.objects.filter(version="2027").update(published_at=None)
    (item,) = Xml.fromstring(Client().get("/feeds/SCLT/appcast/macos.xml").content).iter("item")
    assert item.findtext("pubDate") == "Tue, 24 Mar 2026 00:00:00 GMT"


def test_the_source_says_what_it_speaks(db: None) -> None:
    told = Client().get("/feeds/winget/information").json()["Data"]
    assert re.fullmatch(r"[A-Za-z0-9.]{3,128}", told["SourceIdentifier"])
    assert told["ServerSupportedVersions"] == ["1.0.0", "1.1.0"]
    assert (told["RequiredQueryParameters"], told["RequiredPackageMatchFields"]) == ([], [])


def test_winget_finds_and_describes_a_package(opened: ReleaseFile) -> None:
    status, told = searched({"Query": {"KeyWord": "SCULPT", "MatchType": "Substring"}})
    assert status == 200
    assert [each["PackageIdentifier"] for each in told["Data"]] == ["AtelierSculpt.SCLT"]  # type: ignore[attr-defined]
    told = Client().get("/feeds/winget/packageManifests/ateliersculpt.sclt").json()["Data"]
    (version,) = told["Versions"]  # type: ignore[misc]
    assert (told["PackageIdentifier"], version["PackageVersion"]) == ("AtelierSculpt.SCLT", "2027")
    locale = version["DefaultLocale"]
    assert {"PackageLocale", "Publisher", "PackageName", "License", "ShortDescription"} <= set(locale)
    (one,) = version["Installers"]
    assert (one["Architecture"], one["InstallerType"], one["InstallerSha256"]) == ("x64", "exe", opened.sha256)
    assert b"".join(Client().get(path_of(one["InstallerUrl"]))) == CONTENT


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ({"MatchType": "Exact", "KeyWord": "AtelierSculpt.SCLT"}, True),
        ({"MatchType": "Exact", "KeyWord": "ateliersculpt.sclt"}, False),
        ({"MatchType": "CaseInsensitive", "KeyWord": "ateliersculpt.sclt"}, True),
        ({"MatchType": "StartsWith", "KeyWord": "ateliers"}, True),
        ({"MatchType": "StartsWith", "KeyWord": "sclt"}, False),
        ({"MatchType": "Substring", "KeyWord": "sclt"}, True),
    ],
)
def test_each_kind_of_match_is_its_own(asked: dict[str, str], finds: bool, opened: ReleaseFile) -> None:
    for part in ("Filters", "Inclusions"):
        status, _told = searched({part: [{"PackageMatchField": "PackageIdentifier", "RequestMatch": asked}]})
        assert status == (200 if finds else 204)


def test_many_packages_come_page_by_page(cast: Cast, opened: ReleaseFile) -> None:
    for number in range(4):
        more = product(f"MORE{number}", f"More {number}", {"year": (100, 100)})
        file(release(more, "1", TODAY), f"more{number}.exe")
        PublicFeed.objects.create(product=more, since=TODAY)
    found: list[str] = []
    token: dict[str, str] = {}
    for _ in range(9):
        _status, told = searched({"FetchAllManifests": True, "MaximumResults": 2}, **token)
        found += [each["PackageIdentifier"] for each in told["Data"]]  # type: ignore[attr-defined]
        if "ContinuationToken" not in told:
            break
        token = {"ContinuationToken": str(told["ContinuationToken"])}
    assert found == [*(f"AtelierSculpt.MORE{number}" for number in range(4)), "AtelierSculpt.SCLT"]
    assert searched({"MaximumResults": 2}, ContinuationToken="9' OR 1")[0] == 400
    assert searched({"MaximumResults": -1})[0] == 400
    assert searched({"Filters": {"a": 1}})[0] == 400
    assert searched({"FetchAllManifests": True}, ContinuationToken="99") == (204, {})


def test_one_version_is_asked_for_by_its_number(cast: Cast, opened: ReleaseFile) -> None:
    file(release(cast.sculpt, "2027.1", date(2026, 10, 1), "update"), "update.exe")
    address = "/feeds/winget/packageManifests/AtelierSculpt.SCLT"
    numbers = [each["PackageVersion"] for each in Client().get(address).json()["Data"]["Versions"]]
    assert numbers == ["2027.1", "2027"]
    (one,) = Client().get(f"{address}?Version=2027").json()["Data"]["Versions"]
    assert one["PackageVersion"] == "2027"
    for query in ("Version=3", "Channel=beta"):
        answer = Client().get(f"{address}?{query}")
        assert (answer.status_code, answer.json()[0]["ErrorCode"]) == (404, 404)


def test_a_public_file_takes_ranges_and_is_counted_for_nobody(cast: Cast, opened: ReleaseFile) -> None:
    address = f"/feeds/files/{opened.pk}/any%20name.exe"
    answer = Client().get(address, headers={"range": "bytes=100-199"})
    assert (answer.status_code, b"".join(answer)) == (206, CONTENT[100:200])
    opened.refresh_from_db()
    assert opened.downloads == 0
    with wall_opened(read=[cast.nord.pk]):
        assert not Download.objects.exists()


def test_what_is_withdrawn_too_old_or_elsewhere_is_not_public(cast: Cast, opened: ReleaseFile) -> None:
    cast.sculpt.previous_versions = 0
    cast.sculpt.save()
    old = file(release(cast.sculpt, "2026", date(2025, 3, 24)), "old.exe")
    draft, plan = ReleaseFile.objects.get(name="draft.exe"), ReleaseFile.objects.get(name="plan.exe")
    for other in (old, draft, plan):
        assert Client().get(f"/feeds/files/{other.pk}/{other.name}").status_code == 404
    Release.objects.filter(pk=opened.release_id).update(state="withdrawn", withdrawn_because="It eats files.")
    assert Client().get(f"/feeds/files/{opened.pk}/a.exe").status_code == 404
    assert b"2027" not in Client().get("/feeds/SCLT/appcast/windows.xml").content


def test_a_name_that_no_address_has_is_nothing(opened: ReleaseFile) -> None:
    assert Client().get("/feeds/winget/packageManifests/%00").status_code == 404
    assert Client().get("/feeds/%00/appcast/macos.xml").status_code == 404
