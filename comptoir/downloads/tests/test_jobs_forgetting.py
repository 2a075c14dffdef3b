"""Drafts that are deleted leave nothing in the store, and what a file stands on is never taken from it."""

import hashlib
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection, connections, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.downloads.adapters.checks import files_lost
from comptoir.downloads.adapters.store import hold, keep
from comptoir.downloads.jobs.forgetting import HeldBack, forget_bytes, sweep
from comptoir.downloads.models import Release, ReleaseFile
from comptoir.downloads.models.releases import place_of
from comptoir.downloads.tests.test_updates import work_off
from comptoir.kernel.actor import Actor
from comptoir.kernel.checks import lost_results
from comptoir.kernel.models import Event, House
from comptoir.kernel.tests.stage import work
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, staff_member, words_of
from tests.released import file, release

JOB = Actor.job("downloads.forget_bytes", None)


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def karl(cast: Cast) -> Client:
    return at_desk(staff_member("Karl", "Lang", "catalogue"))


@pytest.fixture
def own_store(settings: Any) -> Iterator[None]:
    """A store of this test's own."""
    with tempfile.TemporaryDirectory() as place:
        own = {**settings.STORAGES["releases"], "OPTIONS": {"location": place}}
        settings.STORAGES = {**settings.STORAGES, "releases": own}
        yield


def drafted(cast: Cast, version: str = "2028") -> Release:
    return release(cast.sculpt, version, TODAY, state="draft", published_at=None)


def filed(draft: Release, content: bytes, name: str = "sculpt.exe") -> ReleaseFile:
    """A file of a draft with these bytes in the store."""
    digest = stored(content)
    told = {"platform": "windows", "architecture": "x64", "kind": "installer", "media_type": "application/octet-stream"}
    return ReleaseFile.objects.create(release=draft, name=name, size=len(content), sha256=digest, signature="x", **told)


def stored(content: bytes, *, days_ago: int = 0) -> str:
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.NamedTemporaryFile(delete=False) as out:
        out.write(content)
    keep(Path(out.name), place_of(digest))
    place, then = storages["releases"].path(place_of(digest)), time.time() - days_ago * 86_400
    os.utime(place, (then, then))
    return digest


def there(digest: str) -> bool:
    return bool(storages["releases"].exists(place_of(digest)))


def test_a_draft_goes_with_its_files_and_its_version_is_free_again(cast: Cast, karl: Client) -> None:
    draft = drafted(cast)
    digest = filed(draft, secrets.token_bytes(30)).sha256
    page = f"/desk/releases/SCLT/{draft.pk}/deletion/"
    said = words_of(karl.get(page))
    assert "Delete the draft Sculpt LT 2028" in said
    assert "1 file of 30 bytes goes with it" in said.replace("\xa0", " ")
    assert (Release.objects.filter(pk=draft.pk).exists(), there(digest)) == (True, True)  # looking changes nothing
    done = karl.post(page, {"request_key": "once"}, follow=True)
    assert "The draft of 2028 is deleted." in words_of(done)
    assert not Release.objects.filter(pk=draft.pk).exists()
    assert there(digest)  # the job has not run
    work_off()
    assert not there(digest)
    assert karl.post(page, {"request_key": "once"}).status_code == 404
    drafted(cast)
    with wall_opened(house=True):
        assert Event.objects.get(kind="release.deleted").detail["files"] == 1
        assert list(lost_results()) == []


def test_what_was_published_stays_and_the_page_says_why(cast: Cast, karl: Client) -> None:
    out = release(cast.sculpt, "2027", TODAY)
    file(out)
    page = f"/desk/releases/SCLT/{out.pk}/deletion/"
    for answer in (karl.get(page), karl.post(page)):
        assert answer.status_code == 409
        assert "can’t be deleted" in words_of(answer)
    assert "is no draft any more" in words_of(karl.post(page))
    assert out.files.count() == 1
    assert at_desk(staff_member("Fio", "Nance", "finance")).get(page).status_code == 404
    assert not ProcrastinateJob.objects.filter(args__name="downloads.forget_bytes").exists()


def test_bytes_that_another_file_has_too_stay(cast: Cast, karl: Client) -> None:
    content = secrets.token_bytes(30)
    draft, other = drafted(cast), drafted(cast, "2029")
    digest = filed(draft, content).sha256
    last = filed(other, content)
    karl.post(f"/desk/releases/SCLT/{draft.pk}/deletion/")
    work_off()
    assert there(digest)
    karl.post(f"/desk/releases/SCLT/{other.pk}/files/{last.pk}/removal/")  # the last file that has them
    work_off()
    assert not there(digest)


@pytest.mark.usefixtures("own_store", "cast")
def test_what_belongs_to_no_file_is_told_and_swept_after_a_day_and_never_while_the_house_is_paused() -> None:
    old, young = stored(b"old", days_ago=2), stored(b"young")
    assert list(files_lost()) == [f"{old} in the store belongs to no file"]
    House.objects.update(paused_because="restored")
    sweep()
    assert not ProcrastinateJob.objects.filter(args__name="downloads.forget_bytes").exists()
    with pytest.raises(HeldBack):
        forget_bytes(JOB, sha256=old)
    House.objects.update(paused_because="")
    sweep()
    work_off()
    assert (there(old), there(young), list(files_lost())) == (False, True, [])


def test_an_upload_of_the_same_bytes_is_waited_for_and_keeps_them(fresh_database: FreshDatabase) -> None:
    cast = raise_curtain()
    draft, content = drafted(cast), secrets.token_bytes(30)
    digest = hashlib.sha256(content).hexdigest()

    def forgetting() -> None:
        with transaction.atomic():
            forget_bytes(JOB, sha256=digest)
        connections.close_all()

    with transaction.atomic():
        hold(digest)
        stored(content)
        job = threading.Thread(target=forgetting)
        job.start()
        while not _somebody_waits():
            time.sleep(0.01)
        filed(draft, content)
    job.join()
    assert there(digest)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


def test_a_worker_killed_after_the_bytes_are_gone_leaves_a_job_that_ends(fresh_database: FreshDatabase) -> None:
    cast = raise_curtain()
    draft = drafted(cast)
    digest = filed(draft, secrets.token_bytes(30)).sha256
    at_desk(staff_member("Karl", "Lang", "catalogue")).post(f"/desk/releases/SCLT/{draft.pk}/deletion/")
    died = work(fresh_database.app_url, COMPTOIR_FAILPOINT="release.forgotten:kill")
    assert died.returncode == -SIGKILL, died.stderr
    assert not there(digest)
    ProcrastinateJob.objects.filter(args__name="downloads.forget_bytes").update(status="todo")
    assert work(fresh_database.app_url).returncode == 0
    assert not ProcrastinateJob.objects.filter(args__name="downloads.forget_bytes", status="todo").exists()
