"""Files in an object store: kept there under their digest, handed out by an address that ends; S3 played by moto."""

import hashlib
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comptoir.downloads.adapters import checks, orphans
from comptoir.downloads.adapters.store import keep
from comptoir.downloads.models import Download, ReleaseFile
from comptoir.downloads.models.releases import place_of
from comptoir.environment import release_key, release_storage
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, at_desk, raise_curtain, seat, signed_in, staff_member, words_of
from tests.database import CHECKOUT
from tests.released import CONTENT, release

pytestmark = pytest.mark.django_db
BUCKET = "releases-of-the-house"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that answers as S3 does, on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The store of releases is a bucket there."""
    import boto3

    told = {"BUCKET": BUCKET, "URL": s3, "REGION": "us-east-1", "KEY": "a-key", "SECRET": "a-secret"}
    for name, value in told.items():
        monkeypatch.setenv(f"COMPTOIR_S3_{name}", value)
    client = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="a-key", aws_secret_access_key="a-secret"
    )
    client.create_bucket(Bucket=BUCKET)
    settings.STORAGES = {**settings.STORAGES, "releases": release_storage(Path())}  # type: ignore[attr-defined]
    yield
    client.close()


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast, bucket: None, tmp_path: Path) -> ReleaseFile:
    seat(cast.subscription, cast.emil)
    told = {"platform": "windows", "architecture": "x64", "kind": "installer", "media_type": "application/zip"}
    digest = {"size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest(), "signature": "s"}
    out = release(cast.sculpt, "2027", date(2026, 3, 24))
    made = ReleaseFile.objects.create(release=out, name='été "x".exe', **told, **digest)
    path = tmp_path / "upload.part"
    path.write_bytes(CONTENT)
    keep(path, made.stored_as)
    return made


def test_a_file_is_handed_out_by_the_store_with_ranges_and_counted_as_begun(cast: Cast, installer: ReleaseFile) -> None:
    address = signed_in(cast.emil).get(f"/c/5200001/downloads/SCLT/files/{installer.pk}/").headers["Location"]
    there = Client().get(address).headers["Location"]
    assert "X-Amz-Expires=3600" in there
    with urllib.request.urlopen(urllib.request.Request(there, headers={"Range": "bytes=100-199"})) as answer:
        assert (answer.status, answer.read()) == (206, CONTENT[100:200])
        assert answer.headers["Content-Disposition"] == 'attachment; filename="_t_ _x_.exe"'
    with wall_opened(read=[cast.nord.pk]):
        assert list(Download.objects.values_list("elsewhere", "sent", "finished_at")) == [(True, 0, None)]


def test_what_is_kept_once_is_not_sent_again(installer: ReleaseFile, tmp_path: Path) -> None:
    other = tmp_path / "other.part"
    other.write_bytes(b"something else under the same digest")
    keep(other, installer.stored_as)
    with storages["releases"].open(installer.stored_as) as kept:
        assert kept.read() == CONTENT


def test_what_this_house_does_not_know_in_a_bucket_is_left_to_whoever_keeps_it_there(
    cast: Cast, bucket: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "of-another-house.part"
    path.write_bytes(b"bytes of another house")
    digest = hashlib.sha256(b"bytes of another house").hexdigest()
    keep(path, place_of(digest))
    monkeypatch.setattr(orphans, "YOUNG", timedelta(0))
    assert list(orphans.orphans()) == []
    monkeypatch.setattr(orphans, "is_this_disk", lambda: True)
    assert digest in orphans.orphans(), "it would have been swept"


def test_who_lost_the_right_is_not_led_to_the_store(cast: Cast, installer: ReleaseFile) -> None:
    address = signed_in(cast.emil).get(f"/c/5200001/downloads/SCLT/files/{installer.pk}/").headers["Location"]
    type(installer.release).objects.update(state="withdrawn", withdrawn_because="no")
    answer = Client().get(address)
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_while_the_store_is_away_pages_stay_and_an_upload_says_so(
    cast: Cast, installer: ReleaseFile, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = release(cast.sculpt, "2028", TODAY, state="draft", published_at=None)
    karl, emil = at_desk(staff_member("Karl", "Lang", "catalogue")), signed_in(cast.emil)
    there = settings.STORAGES  # type: ignore[attr-defined]
    nobody_there = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{nobody_there.getsockname()[1]}"
    nobody_there.close()
    monkeypatch.setenv("COMPTOIR_S3_URL", address)
    settings.STORAGES = {**settings.STORAGES, "releases": release_storage(Path())}  # type: ignore[attr-defined]
    told = {"platform": "windows", "architecture": "x64", "language": "", "kind": "installer"}
    upload = SimpleUploadedFile("new.exe", CONTENT)
    answer = karl.post(f"/desk/releases/SCLT/{draft.pk}/files/", {**told, "file": upload})
    assert (answer.status_code, "The store of files can’t be reached" in words_of(answer)) == (503, True)
    assert not draft.files.exists()
    assert karl.get(f"/desk/releases/SCLT/{draft.pk}/").status_code == 200
    # what people see asks the store for nothing; nobody is led to it, and the link works again once it is back
    assert emil.get("/c/5200001/downloads/SCLT/").status_code == 200
    link = emil.get(f"/c/5200001/downloads/SCLT/files/{installer.pk}/").headers["Location"]
    answer = Client().get(link)
    assert (answer.status_code, answer.headers["Retry-After"], "Location" in answer.headers) == (503, "120", False)
    assert answer.content.decode().endswith("can’t be read from the store at the moment. Try again in a few minutes.\n")
    with wall_opened(read=[cast.nord.pk]):
        assert not Download.objects.exists()
    (said,) = checks.files_lost()
    assert said.startswith("the store of releases can't be asked: EndpointConnectionError")
    settings.STORAGES = there  # type: ignore[attr-defined]
    assert Client().get(link).status_code == 302


def test_without_a_bucket_no_process_carries_the_client_of_s3() -> None:
    look = "import django, sys; django.setup(); import comptoir.urls; sys.exit(any(n.startswith('boto') for n in sys.modules))"
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "comptoir.settings", "DATABASE_URL": "postgresql:///nothing"}
    assert subprocess.run([sys.executable, "-c", look], cwd=CHECKOUT, env=told).returncode == 0


def test_the_key_is_made_once_and_one_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert release_key(tmp_path) == release_key(tmp_path)
    assert (tmp_path / "keys" / "releases").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("COMPTOIR_RELEASE_KEY", "no key")
    with pytest.raises(SystemExit, match="COMPTOIR_RELEASE_KEY is no key"):
        release_key(tmp_path)
