"""What `comptoir verify` looks at in the store of releases."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from comptoir.downloads.adapters import checks
from comptoir.downloads.models import ReleaseFile
from tests.cast import Cast, raise_curtain
from tests.released import CONTENT, file, release

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def kept(cast: Cast) -> ReleaseFile:
    return file(release(cast.sculpt, "2027", date(2026, 3, 24)))


def place_of(kept: ReleaseFile) -> Path:
    return Path(settings.STORAGES["releases"]["OPTIONS"]["location"]) / kept.stored_as


def test_a_byte_that_changed_on_the_disk_is_found(kept: ReleaseFile, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of(kept)
    assert list(checks.files_lost()) == []
    try:
        place.write_bytes(CONTENT[:-1] + b"?")  # of the same size
        assert list(checks.files_lost()) == ["SCLT 2027: sculpt-x64.exe has other bytes in the store"]
        monkeypatch.setattr(checks, "SAMPLE", 0)
        assert list(checks.files_lost()) == []  # not among those that are read this time
        monkeypatch.setattr(checks, "whole_asked", lambda: True)
        assert len(list(checks.files_lost())) == 1
    finally:
        place.write_bytes(CONTENT)


def test_a_store_that_does_not_answer_is_told_once(kept: ReleaseFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "size_kept", _unreachable)
    file(kept.release, "other.exe", b"MZ other")
    assert list(checks.files_lost()) == ["the store of releases can't be asked: the disk is away"]


def _unreachable(_file: ReleaseFile) -> int:
    raise checks.StoreUnreachable("the disk is away")
