"""Releases at the desk: drafted, given files whose bytes are told, published once whole, withdrawn."""

import base64
import hashlib
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comptoir.downloads.adapters.store import public_key
from comptoir.downloads.models import Release, ReleaseFile
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, at_desk, raise_curtain, staff_member, words_of
from tests.released import CONTENT

pytestmark = pytest.mark.django_db
PRODUCT = "/desk/releases/SCLT/"
TOLD = {
    "version": "2028",
    "kind": "release",
    "released_on": "2026-11-21",
    "title": "Sculpt LT 2028",
    "title_fr": "",
    "notes_en": "New.",
}
FOR = {"platform": "windows", "architecture": "x64", "language": "", "kind": "installer"}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def karl(cast: Cast) -> Client:
    """Somebody of the catalogue, who has just signed in."""
    return at_desk(staff_member("Karl", "Lang", "catalogue"))


@pytest.fixture
def draft(karl: Client) -> str:
    """The address of a draft."""
    return karl.post(f"{PRODUCT}new/", TOLD).headers["Location"]


def sent(client: Client, draft: str, content: bytes = CONTENT, name: str = "sculpt.exe", **more: str) -> int:
    upload = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(f"{draft}files/", {**FOR, **more, "file": upload}).status_code


def bytes_kept() -> list[Path]:
    return [path for path in (Path(settings.COMPTOIR_HOME) / "work" / "uploads").glob("*") if path.is_file()]


def house_log() -> list[str]:
    with wall_opened(house=True):
        return list(Event.objects.filter(chain="h").order_by("seq").values_list("kind", flat=True))


def test_a_file_is_typed_digested_and_signed_by_its_bytes(karl: Client, draft: str) -> None:
    content = CONTENT + secrets.token_bytes(9)  # bytes that no test before has kept
    assert sent(karl, draft, content, name="../..\\evil<b>.exe") == 302
    file = ReleaseFile.objects.get()
    assert (file.name, file.size) == ("evil-b-.exe", len(content))
    assert file.media_type == "application/vnd.microsoft.portable-executable"
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key())).verify(base64.b64decode(file.signature), content)
    place = Path(settings.STORAGES["releases"]["OPTIONS"]["location"]) / file.stored_as
    assert place.read_bytes() == content
    assert place.stat().st_mode & 0o077 == 0
    assert bytes_kept() == []


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"<!DOCTYPE html><script>", {"kind": "documentation"}),
        (b"MZ" + b"\0" * 600, {"platform": "macos"}),
        (b"PK\x03\x04" + b"\0" * 600, {"kind": "documentation", "name": "x.exe"}),
        (b"\x00\x01\x02", {}),
    ],
)
def test_what_a_file_is_not_is_refused(karl: Client, draft: str, content: bytes, more: dict[str, str]) -> None:
    ok = more.pop("name", "") == "x.exe"  # a package of documents may be called anything
    assert (sent(karl, draft, content, **more) == 302) is ok
    assert ReleaseFile.objects.exists() is ok
    assert bytes_kept() == []


def test_a_file_that_came_otherwise_than_it_was_built_is_not_kept(karl: Client, draft: str) -> None:
    built = hashlib.sha256(CONTENT).hexdigest()
    assert sent(karl, draft, CONTENT[:-1], sha256=built) == 422
    assert sent(karl, draft, sha256="no digest") == 422
    assert not ReleaseFile.objects.exists()
    assert bytes_kept() == []
    assert sent(karl, draft, sha256=f" {built.upper()} ") == 302
    assert ReleaseFile.objects.get().sha256 == built


def test_an_upload_that_breaks_off_leaves_nothing(karl: Client, draft: str) -> None:
    end = b"\r\n--b--\r\n"
    fields = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{told}\r\n' for name, told in FOR.items())
    head = f'{fields}--b\r\nContent-Disposition: form-data; name="file"; filename="a.exe"\r\n\r\n'.encode()
    told = {"content_type": "multipart/form-data; boundary=b"}
    for whole in (head + CONTENT, head + CONTENT + end[:5]):  # cut in the file, and in the mark that ends it
        assert karl.post(f"{draft}files/", data=whole, **told).status_code == 422
    assert not ReleaseFile.objects.exists()
    assert bytes_kept() == []
    assert karl.post(f"{draft}files/", data=head + CONTENT + end, **told).status_code == 302


def test_the_version_of_a_draft_is_corrected_unless_another_release_has_it(karl: Client, draft: str) -> None:
    other = karl.post(f"{PRODUCT}new/", {**TOLD, "version": "2029"}).headers["Location"]
    assert karl.post(draft, {**TOLD, "version": "2028.5"}).status_code == 302
    assert "2028.5" in words_of(karl.get(draft))
    assert karl.post(other, {**TOLD, "version": "2028.5"}).status_code == 409
    assert set(Release.objects.values_list("version", flat=True)) == {"2028.5", "2029"}


def test_a_file_over_the_limit_is_not_kept(karl: Client, draft: str, settings: object) -> None:
    settings.LARGEST_FILE = 5_000  # type: ignore[attr-defined]
    assert sent(karl, draft) == 413
    assert not ReleaseFile.objects.exists()
    assert bytes_kept() == []


def test_an_upload_of_a_stranger_is_not_read(cast: Cast, draft: str) -> None:
    ada, nobody = at_desk(staff_member("Ada", "Roy", "administrator")), Client()
    assert sent(ada, draft) == 404
    assert sent(nobody, draft) == 302
    assert bytes_kept() == []
    assert not ReleaseFile.objects.exists()


def test_an_upload_from_elsewhere_is_refused(cast: Cast, draft: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_desk(staff_member("Karla", "Lang", "catalogue")).cookies
    assert sent(strict, draft) == 403
    assert bytes_kept() == []


def test_a_release_is_published_once_it_has_a_file_and_its_day_has_come(karl: Client, draft: str) -> None:
    answer = karl.post(f"{draft}publication/")
    assert answer.status_code == 409
    assert "has no file yet" in words_of(answer)
    sent(karl, draft)
    Release.objects.update(released_on="2026-11-22")
    assert "today is 21 November 2026" in words_of(karl.post(f"{draft}publication/"))
    Release.objects.update(released_on=TODAY)
    assert karl.post(f"{draft}publication/").status_code == 302
    release = Release.objects.get()
    assert (release.state, release.published_at is not None) == ("published", True)
    assert house_log() == ["release.drafted", "release.file_added", "release.published"]
    # and stays as it is
    assert sent(karl, draft, b"MZ other", name="other.exe") == 409
    assert karl.post(draft, {**TOLD, "title": "Another"}).status_code == 409
    file = release.files.get()
    assert karl.post(f"{draft}files/{file.pk}/removal/").status_code == 409
    assert Release.objects.get().title == "Sculpt LT 2028"


def test_publishing_wants_a_fresh_proof(cast: Cast, karl: Client, draft: str) -> None:
    sent(karl, draft)
    tired = at_desk(staff_member("Klara", "Lang", "catalogue"), fresh=False)
    answer = tired.post(f"{draft}publication/")
    assert answer.headers["Location"].startswith("/sign-in/again/?next=")
    assert Release.objects.get().state == "draft"


def test_what_was_published_is_withdrawn_with_a_reason(karl: Client, draft: str) -> None:
    sent(karl, draft)
    karl.post(f"{draft}publication/")
    assert karl.post(f"{draft}withdrawal/", {"reason": " "}).status_code == 422
    assert karl.post(f"{draft}withdrawal/", {"reason": "It eats files"}).status_code == 302
    assert Release.objects.get().state == "withdrawn"
    assert "Nobody gets it any more: It eats files" in words_of(karl.get(draft))
    assert house_log()[-1] == "release.withdrawn"


def test_a_version_is_drafted_once(karl: Client, draft: str) -> None:
    answer = karl.post(f"{PRODUCT}new/", TOLD)
    assert answer.status_code == 409
    assert "There is a version 2028 of this product already." in words_of(answer)
    assert Release.objects.count() == 1


def test_a_file_of_a_draft_is_removed(karl: Client, draft: str) -> None:
    sent(karl, draft)
    assert karl.post(f"{draft}files/{ReleaseFile.objects.get().pk}/removal/").status_code == 302
    assert not ReleaseFile.objects.exists()


def test_the_lists_say_what_is_out_and_what_is_drafted(karl: Client, draft: str) -> None:
    assert "Sculpt LT SCLT nothing yet 0 1 0" in words_of(karl.get("/desk/releases/"))
    assert "Sculpt LT 2028 2028 Draft 21 November 2026 0 0 0" in words_of(karl.get(PRODUCT))
