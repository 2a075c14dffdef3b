"""Secret addresses for machines: lists, scripts, appcasts and a winget source, never more than their owner may now."""

import re
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client

from comptoir.downloads.models import Download, Installed, ReleaseFile, SecretAddress
from comptoir.downloads.queries.links import digest_of
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, RoleGrant
from tests.cast import Cast, product, raise_curtain, seat, signed_in, words_of
from tests.released import CONTENT, file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/machines/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast) -> ReleaseFile:
    out = release(cast.sculpt, "2027", date(2026, 3, 24), notes_en="Faster & <b>bolder</b>.")
    file(out, "sculpt.dmg", b"mac" * 9, platform="macos", architecture="any")
    file(release(cast.sculpt, "2028", date(2026, 11, 1), state="draft"), "draft.exe")
    file(release(product("PLAN", "Plan", {"year": (100, 100)}), "1", date(2026, 1, 1)), "plan.exe")
    return file(out)


def made(member: Membership, purpose: str = "machines") -> str:
    """The path of a new address."""
    page = signed_in(member).post(PAGE, {"name": "Machine room", "purpose": purpose}).content.decode()
    return re.search(r'value="[^"]*(/machines/[\w-]{40,}/)"', page)[1]  # type: ignore[index]


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_the_list_names_every_file_with_its_digest_and_address(cast: Cast, installer: ReleaseFile) -> None:
    told = Client().get(f"{made(cast.sofia)}packages.json").json()
    assert [each["file"] for each in told["packages"]] == ["sculpt.dmg", "sculpt-x64.exe"]
    mine = told["packages"][1]
    assert (mine["product"], mine["version"], mine["size"], mine["sha256"]) == ("SCLT", "2027", len(CONTENT), installer.sha256)
    answer = Client().get(path_of(mine["url"]))
    assert b"".join(answer) == CONTENT


def test_machines_are_counted_and_install_for_nobody(cast: Cast, installer: ReleaseFile) -> None:
    url = path_of(Client().get(f"{made(cast.sofia)}packages.json").json()["packages"][1]["url"])
    for headers in ({"range": "bytes=0-99"}, {"range": "bytes=100-"}, {}):
        b"".join(Client().get(url, headers=headers))
    with wall_opened(read=[cast.nord.pk]):
        told = Download.objects.order_by("id").values_list("how", "sent")
        # the second goes on with the first
        assert list(told) == [("machines", len(CONTENT)), ("machines", len(CONTENT))]
        assert not Installed.objects.exists()


def test_the_checksums_fit_where_the_script_puts_the_files(cast: Cast, installer: ReleaseFile, tmp_path: Path) -> None:
    base = made(cast.sofia)
    sums = Client().get(f"{base}SHA256SUMS").content.decode()
    assert f"{installer.sha256}  SCLT/2027/sculpt-x64.exe\n" in sums
    place = tmp_path / "SCLT" / "2027"
    place.mkdir(parents=True)
    (place / "sculpt-x64.exe").write_bytes(CONTENT)
    (place / "sculpt.dmg").write_bytes(b"mac" * 9)
    done = subprocess.run(["sha256sum", "--check", "--strict"], input=sums, cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


AWKWARD = "a'; touch pwned; $(id) `id` “guillemets” été.exe"


def test_the_scripts_are_sound_whatever_a_file_is_called(cast: Cast, installer: ReleaseFile) -> None:
    ReleaseFile.objects.filter(pk=installer.pk).update(name=AWKWARD)
    base = made(cast.sofia)
    script = Client().get(f"{base}fetch.sh").content.decode()
    assert subprocess.run(["sh", "-n"], input=script, text=True).returncode == 0
    lines = [line for line in script.splitlines() if line.startswith("  fetch '")]
    assert len(lines) == 2
    assert all(re.fullmatch(r"  fetch '[\w.+/-]+' '[0-9a-f]{64}' '\d+' 'http[^' ]+'", line) for line in lines)
    assert "'SCLT/2027/a___touch_pwned____id___id___guillemets__ete.exe'" in lines[1]


def test_the_script_for_windows_holds_nothing_that_powershell_reads_otherwise(cast: Cast, installer: ReleaseFile) -> None:
    ReleaseFile.objects.filter(pk=installer.pk).update(name=AWKWARD)
    answer = Client().get(f"{made(cast.sofia)}fetch.ps1")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    windows = answer.content.decode("ascii")  # whatever encoding it is saved and read in
    lines = [line for line in windows.splitlines() if line.startswith("Get-PackageFile '")]
    assert len(lines) == 2
    # between plain marks, without one inside: nothing is expanded there
    assert all(re.fullmatch(r"Get-PackageFile '[\w.+/-]+' '[0-9a-f]{64}' \d+ 'http[^' ]+'", line) for line in lines)
    assert all(windows.count(left) == windows.count(right) for left, right in ("{}", "()", "[]"))
    assert windows.count("'") % 2 == 0
    # a file counts by its digest alone, one that is missing is counted, and any of them fails the whole at the end
    assert windows.count("Test-Whole $part $Digest") == windows.count("Test-Whole $file $Digest") == 1
    assert windows.count("$script:failed++") == 2
    assert windows.rstrip().endswith('if ($failed) { throw "$failed files could not be fetched." }')
    # names with brackets are no patterns
    assert not re.search(
        r"(Test-Path|Get-FileHash|Remove-Item|Get-Item) (?!-LiteralPath|-Algorithm SHA256 -LiteralPath)", windows
    )


def test_files_whose_names_differ_by_accents_or_capitals_keep_paths_of_their_own(cast: Cast, installer: ReleaseFile) -> None:
    for name in ("été.exe", "ETE.exe", "..", "éte."):
        file(installer.release, name, name.encode())
    sums = Client().get(f"{made(cast.sofia)}SHA256SUMS").content.decode().splitlines()
    paths = [line.split("  ")[1].casefold() for line in sums]
    assert len(set(paths)) == len(paths) == 6
    assert all(re.fullmatch(r"sclt/2027/[a-z0-9_+-][a-z0-9_.+-]*", path) and not path.endswith(".") for path in paths)


def test_sparkle_finds_the_update_with_its_signature(cast: Cast, installer: ReleaseFile) -> None:
    seat(cast.subscription, cast.emil)
    answer = Client().get(f"{made(cast.emil, 'own')}appcast/macos/SCLT.xml")
    assert answer.headers["Content-Type"].startswith("application/rss+xml")
    (item,) = Xml.fromstring(answer.content).iter("item")
    sparkle = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
    assert item.findtext(f"{sparkle}shortVersionString") == "2027"
    assert item.findtext("description") == "Faster & <b>bolder</b>."
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert (enclosure.get("length"), enclosure.get(f"{sparkle}edSignature")) == ("27", "c2lnbmVk")
    assert b"".join(Client().get(path_of(enclosure.get("url") or ""))) == b"mac" * 9


def test_winget_finds_and_describes_the_package(cast: Cast, installer: ReleaseFile) -> None:
    base, client = f"{made(cast.sofia)}winget/", Client(enforce_csrf_checks=True)
    told = client.get(f"{base}information").json()["Data"]
    assert (told["SourceIdentifier"], told["ServerSupportedVersions"]) == ("AtelierSculpt.Comptoir", ["1.0.0", "1.1.0"])
    search = {"Query": {"KeyWord": "sculpt", "MatchType": "Substring"}}
    (found,) = client.post(f"{base}manifestSearch", search, content_type="application/json").json()["Data"]
    assert found["PackageIdentifier"] == "AtelierSculpt.SCLT"
    assert found["Versions"] == [{"PackageVersion": "2027"}]
    exact = {"Filters": [{"PackageMatchField": "PackageIdentifier", "RequestMatch": {"KeyWord": "X.Y", "MatchType": "Exact"}}]}
    assert client.post(f"{base}manifestSearch", exact, content_type="application/json").status_code == 204
    (version,) = client.get(f"{base}packageManifests/ateliersculpt.sclt").json()["Data"]["Versions"]
    (installed,) = version["Installers"]  # the disk image is none for Windows
    assert (installed["Architecture"], installed["InstallerType"]) == ("x64", "exe")
    assert installed["InstallerSha256"] == installer.sha256
    assert b"".join(Client().get(path_of(installed["InstallerUrl"]))) == CONTENT
    assert client.get(f"{base}packageManifests/AtelierSculpt.PLAN").status_code == 404


@pytest.mark.parametrize("body", ["[]", "{", '{"Filters": [1]}', '{"Filters": [{"RequestMatch": 1}]}', "[" * 100_000])
def test_what_is_no_search_is_refused(body: str, cast: Cast, installer: ReleaseFile) -> None:
    answer = Client().post(f"{made(cast.sofia)}winget/manifestSearch", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()[0]["ErrorCode"] == 400


def test_an_address_never_shows_more_than_its_owner_may_now(cast: Cast, installer: ReleaseFile) -> None:
    address, own = made(cast.sofia), made(cast.emil, "own")
    url = path_of(Client().get(f"{address}packages.json").json()["packages"][0]["url"])
    assert Client().get(f"{own}packages.json").json()["packages"] == []  # Emil has no seat
    assert Client().get(url.replace(address, own)).status_code == 403
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        RoleGrant.objects.filter(membership=cast.sofia).delete()
    for path in (f"{address}packages.json", f"{address}fetch.sh", f"{address}winget/information", url):
        assert Client().get(path).status_code == 404


def test_a_revoked_address_is_gone_at_once(cast: Cast, installer: ReleaseFile) -> None:
    address = made(cast.sofia)
    with wall_opened(read=[cast.nord.pk]):
        pk = SecretAddress.objects.get(digest=digest_of(address.split("/")[2])).pk
    assert signed_in(cast.emil).post(f"{PAGE}{pk}/revocation/").status_code == 404
    assert Client().get(f"{address}packages.json").status_code == 200
    assert signed_in(cast.camille).post(f"{PAGE}{pk}/revocation/").status_code == 302  # an administrator, too
    assert Client().get(f"{address}packages.json").status_code == 404


def test_only_who_looks_after_products_makes_an_address_for_machines(cast: Cast, installer: ReleaseFile) -> None:
    answer = signed_in(cast.emil).post(PAGE, {"name": "Mine", "purpose": "machines"})
    assert answer.status_code == 422
    with wall_opened(read=[cast.nord.pk]):
        assert not SecretAddress.objects.exists()
    assert "2 secret addresses are in use" in _after_two(cast)


def _after_two(cast: Cast) -> str:
    made(cast.sofia), made(cast.emil, "own")
    return words_of(signed_in(cast.camille).get(PAGE))


def test_only_the_digest_of_an_address_is_kept(cast: Cast, installer: ReleaseFile) -> None:
    secret = made(cast.sofia).split("/")[2]
    with wall_opened(read=[cast.nord.pk]):
        assert list(SecretAddress.objects.values_list("digest", flat=True)) == [digest_of(secret)]
    assert secret not in signed_in(cast.sofia).get(PAGE).content.decode()


@pytest.mark.parametrize("name", ["", " \t", "a\x00b", "\x7f"])
def test_the_api_takes_no_name_that_nobody_can_read(cast: Cast, name: str) -> None:
    address = "/api/v1/customers/5200001/secret-addresses"
    answer = call("post", address, token_of(cast.sofia), {"name": name, "purpose": "machines"})
    assert (answer.status_code, answer.json()["field"]) == (422, "name")
    with wall_opened(read=[cast.nord.pk]):
        assert not SecretAddress.objects.exists()
