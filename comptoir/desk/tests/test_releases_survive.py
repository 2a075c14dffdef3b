"""Uploads and publications under fire: killed anywhere nothing is half there, at once nothing is twice, and leftovers go."""

import errno
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.desk.views import releases as views
from comptoir.downloads.adapters.receiving import LEFT_BEHIND, place_for_upload
from comptoir.downloads.adapters.store import StoreUnreachable
from comptoir.downloads.models import Release, ReleaseFile
from comptoir.identity.models import Person
from comptoir.kernel.clock import now
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, staff_member, words_of
from tests.released import CONTENT, file, release
from tests.visitor import visited

FOR = {"platform": "windows", "architecture": "x64", "language": "", "kind": "installer"}


@pytest.fixture
def home(settings: Any) -> Iterator[Path]:
    """A home of this test's own, on the disk of the store: what a killed process leaves is nobody else's."""
    with tempfile.TemporaryDirectory(dir=Path(settings.STORAGES["releases"]["OPTIONS"]["location"]).parent) as place:
        settings.COMPTOIR_HOME = Path(place)
        yield Path(place) / "work" / "uploads"


def drafted() -> tuple[Cast, Person, Release]:
    cast = raise_curtain()
    return cast, staff_member("Karl", "Lang", "catalogue"), release(cast.sculpt, "2028", TODAY, state="draft", published_at=None)


def session_of(karl: Person) -> dict[str, object]:
    proof = {"account_authentication_methods": [{"method": "password", "at": now().timestamp()}]}
    return {**proof, "account_authentication_methods_user": str(karl.pk)}


def house_log() -> list[str]:
    with wall_opened(house=True):
        return list(Event.objects.filter(chain="h").order_by("seq").values_list("kind", flat=True))


@pytest.mark.parametrize("point", ["upload.running", "release.kept", "gate.before_commit", "gate.after_commit"])
def test_killed_in_an_upload_the_draft_has_the_whole_file_or_none(fresh_database: FreshDatabase, home: Path, point: str) -> None:
    _cast, karl, draft = drafted()
    address = f"/desk/releases/SCLT/{draft.pk}/files/"
    content = CONTENT + secrets.token_bytes(9)  # bytes that no test before has kept

    def click(failpoint: str = "") -> int:
        upload = SimpleUploadedFile("sculpt.exe", content)
        form = {**FOR, "file": upload, "request_key": "the same click"}
        return visited(karl.pk, address, form, fresh_database.app_url, failpoint, session=session_of(karl)).returncode

    assert click(f"{point}:kill") == -9
    assert ReleaseFile.objects.count() == (point == "gate.after_commit")
    assert Release.objects.get().state == "draft"
    assert len(list(home.glob("*.part"))) == (point == "upload.running")  # else it was moved into the store
    assert click() == 0
    found = ReleaseFile.objects.get()
    assert found.size == len(content)
    assert house_log() == ["release.file_added"]


def test_what_a_killed_upload_left_is_swept_after_a_day(home: Path) -> None:
    left, running = place_for_upload(), place_for_upload()
    for path in (left, running):
        path.write_bytes(b"MZ half")
    old = time.time() - LEFT_BEHIND - 1
    os.utime(left, (old, old))
    assert not place_for_upload().exists()
    assert not left.exists()
    assert running.exists()  # of somebody who uploads at this moment


@pytest.mark.parametrize("point", ["gate.before_commit", "gate.after_commit"])
def test_killed_while_publishing_it_is_out_once_or_not_at_all(fresh_database: FreshDatabase, point: str) -> None:
    _cast, karl, draft = drafted()
    file(draft)
    address, form = f"/desk/releases/SCLT/{draft.pk}/publication/", {"request_key": "the same click"}

    def click(failpoint: str = "") -> int:
        return visited(karl.pk, address, form, fresh_database.app_url, failpoint, session=session_of(karl)).returncode

    assert click(f"{point}:kill") == -9
    out = point == "gate.after_commit"
    assert (Release.objects.get().state == "published") is out
    assert told_jobs() == int(out)
    for _again in range(2):
        assert click() == 0
    assert Release.objects.get().state == "published"
    assert house_log() == ["release.published"]
    assert told_jobs() == 1


def told_jobs() -> int:
    return ProcrastinateJob.objects.filter(args__name="downloads.announce").count()


def at_once(number: int, body: Any) -> None:
    ready = threading.Barrier(number)

    def run(nth: int) -> None:
        try:
            ready.wait(timeout=20)
            body(nth)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


def test_two_who_publish_at_once_publish_it_once(fresh_database: FreshDatabase) -> None:
    _cast, karl, draft = drafted()
    file(draft)
    clients = [at_desk(karl), at_desk(staff_member("Karla", "Lang", "catalogue"))]
    answers: dict[int, int] = {}

    def publish(nth: int) -> None:
        answers[nth] = clients[nth].post(f"/desk/releases/SCLT/{draft.pk}/publication/", {"request_key": f"{nth}"}).status_code

    at_once(2, publish)
    assert sorted(answers.values()) == [302, 409]
    assert house_log() == ["release.published"]
    assert told_jobs() == 1


def test_two_who_add_a_file_of_one_name_at_once_add_one(fresh_database: FreshDatabase) -> None:
    _cast, karl, draft = drafted()
    clients = [at_desk(karl), at_desk(staff_member("Karla", "Lang", "catalogue"))]
    answers: dict[int, int] = {}

    def add(nth: int) -> None:
        upload = SimpleUploadedFile("sculpt.exe", CONTENT + b"%d" % nth)
        answers[nth] = clients[nth].post(f"/desk/releases/SCLT/{draft.pk}/files/", {**FOR, "file": upload}).status_code

    at_once(2, add)
    assert sorted(answers.values()) == [302, 409]
    assert ReleaseFile.objects.count() == 1


@pytest.mark.django_db
def test_while_the_store_is_away_an_upload_is_refused_in_words_and_nothing_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cast, karl, draft = drafted()
    client, address = at_desk(karl), f"/desk/releases/SCLT/{draft.pk}/files/"

    def away(_path: Path, _stored_as: str) -> None:
        raise StoreUnreachable("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(views, "keep", away)
        answer = client.post(address, {**FOR, "file": SimpleUploadedFile("sculpt.exe", CONTENT)})
    assert answer.status_code == 503
    assert "The store of files can’t be reached: nothing was kept. Try again in a few minutes." in words_of(answer)
    assert not ReleaseFile.objects.exists()
    assert list(home.glob("*")) == []
    assert client.post(address, {**FOR, "file": SimpleUploadedFile("sculpt.exe", CONTENT)}).status_code == 302


@pytest.mark.django_db
def test_a_store_on_another_disk_takes_the_file_whole(home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _cast, karl, draft = drafted()
    replace, asked = os.replace, []

    def across(source: Any, target: Any) -> None:
        asked.append(target)
        if len(asked) == 1:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(source, target)

    monkeypatch.setattr(os, "replace", across)
    content = CONTENT + secrets.token_bytes(9)
    upload = SimpleUploadedFile("sculpt.exe", content)
    assert at_desk(karl).post(f"/desk/releases/SCLT/{draft.pk}/files/", {**FOR, "file": upload}).status_code == 302
    place = Path(settings.STORAGES["releases"]["OPTIONS"]["location"]) / ReleaseFile.objects.get().stored_as
    assert (place.read_bytes(), len(asked)) == (content, 2)
    assert [path.name for path in place.parent.iterdir() if path.name.endswith(".part")] == []
    assert list(home.glob("*")) == []
