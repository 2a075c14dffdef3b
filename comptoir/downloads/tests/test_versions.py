"""Which version is the newest, which may be installed: the rule by cases, and what people and machines find."""

from datetime import date
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client

from comptoir.catalogue.models import Product
from comptoir.downloads.models import PublicFeed
from comptoir.downloads.rules.versions import Version, is_preview, newest, newest_first, of_the_newest, place_of, window
from tests.cast import TODAY, raise_curtain, seat, signed_in, words_of
from tests.released import file, release

SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


def out(version: str, on: date, kind: str = "release") -> Version:
    return Version(version, kind, on)


def test_versions_are_compared_number_by_number() -> None:
    told = ["1.9", "1.10", "2.0-beta.2", "1.10.0-rc.1", "2", "1.10.1", "2.0-beta.10", "2.0-alpha", "2.0 RC 1"]
    in_order = ["1.9", "1.10.0-rc.1", "1.10", "1.10.1", "2.0-alpha", "2.0-beta.2", "2.0-beta.10", "2.0 RC 1", "2"]
    assert sorted(told, key=place_of) == in_order
    assert place_of("3.0.0") == place_of("3")


@pytest.mark.parametrize(
    ("version", "told"),
    [("2028-beta", True), ("3.1.0-rc.2", True), ("2028 Preview", True), ("1.0b2", False), ("2028", False), ("Alphabet 3", False)],
)
def test_a_preview_says_so_in_its_version(version: str, told: bool) -> None:
    assert is_preview(version) is told


def test_of_one_day_the_higher_number_is_newer() -> None:
    assert [one.version for one in newest_first([out("1.9", SPRING), out("1.10", SPRING)])] == ["1.10", "1.9"]


def test_an_update_to_an_older_release_is_nobodys_newest_version() -> None:
    versions = [out("2026", SPRING), out("2027", SUMMER), out("2026.4", AUTUMN, "update"), out("2027.1", SUMMER, "update")]
    assert [one.version for one in newest_first(versions)] == ["2027.1", "2027", "2026.4", "2026"]
    assert newest(versions) == "2027.1"
    assert window(versions, 0).too_old == ("2026.4", "2026")


def test_a_preview_takes_no_version_from_anybody_and_is_nobodys_newest() -> None:
    versions = [out("2026", SPRING), out("2027", SUMMER), out("2028-beta", AUTUMN)]
    told = window(versions, 1)
    assert (told.allowed, told.too_old) == (("2028-beta", "2027", "2026"), ())
    assert newest(versions) == "2027"
    assert of_the_newest(versions) == {"2028-beta", "2027"}
    assert newest([out("1-beta", SPRING)]) == "1-beta"  # there is nothing else


def test_a_preview_goes_where_the_release_goes_that_it_led_to() -> None:
    versions = [out("2027-rc1", SPRING), out("2027", SUMMER), out("2028", AUTUMN)]
    assert [one.version for one in newest_first(versions)] == ["2028", "2027", "2027-rc1"]
    assert window(versions, 0).too_old == ("2027", "2027-rc1")
    # one whose release never came out, and which was overtaken
    assert window([out("2027", SPRING), out("2028-beta", SUMMER), out("2029", AUTUMN)], 0).too_old == ("2028-beta", "2027")


@pytest.mark.django_db
def test_people_and_machines_find_the_finished_version_first() -> None:
    cast = raise_curtain()
    Product.objects.filter(pk=cast.sculpt.pk).update(previous_versions=1)
    seat(cast.subscription, cast.emil)
    file(release(cast.sculpt, "2027", SUMMER), "sculpt-2027.exe")
    release(cast.sculpt, "2026", SPRING)
    file(release(cast.sculpt, "2026.9", AUTUMN, "update"), "sculpt-2026-9.exe")
    file(release(cast.sculpt, "2028-beta", TODAY), "sculpt-beta.exe")
    emil = signed_in(cast.emil)
    assert "Sculpt LT SCLT 2027 1 June 2026" in words_of(emil.get("/c/5200001/downloads/"))
    page = words_of(emil.get("/c/5200001/downloads/SCLT/?platform=windows"))
    assert "File sculpt-2027.exe" in page
    assert page.index("sculpt-beta.exe") < page.index("sculpt-2026-9.exe")
    PublicFeed.objects.create(product=cast.sculpt, since=TODAY)
    items = list(Xml.fromstring(Client().get("/feeds/SCLT/appcast/windows.xml").content).iter("item"))
    channels = {item.findtext(f"{SPARKLE}version"): item.findtext(f"{SPARKLE}channel") for item in items}
    assert channels == {"2028-beta": "beta", "2027": None, "2026.9": None}
    (found,) = Client().post("/feeds/winget/manifestSearch", {}, content_type="application/json").json()["Data"]
    assert [each["PackageVersion"] for each in found["Versions"]] == ["2027", "2026.9"]
