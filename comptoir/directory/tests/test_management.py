"""The keys of ID tokens are rotated by a command; the sandbox has an application by itself."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from comptoir.directory.adapters.keys import kept_at, named
from comptoir.directory.models import Application
from comptoir.environment import new_openid_key, openid_keys
from comptoir.kernel.walls import wall_opened
from tests.cast import raise_curtain


@pytest.fixture
def own(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("COMPTOIR_OPENID_KEYS", raising=False)
    settings.COMPTOIR_HOME, settings.OPENID_KEYS = tmp_path, openid_keys(tmp_path)
    return settings


def rotated() -> list[dict[str, object]]:
    said = StringIO()
    call_command("openid_key", "rotate", "--json", stdout=said, stderr=StringIO())
    told: list[dict[str, object]] = json.loads(said.getvalue())
    return told


def test_a_new_key_signs_and_the_one_before_it_stays_published(own: Any, tmp_path: Path) -> None:
    first = named(own.OPENID_KEYS[0])
    told = rotated()
    assert [each["signs"] for each in told] == [True, False]
    assert told[1]["kid"] == first != told[0]["kid"]
    assert kept_at().stat().st_mode & 0o077 == 0
    own.OPENID_KEYS = openid_keys(tmp_path)
    published = [key["kid"] for key in Client().get("/openid/keys.json").json()["keys"]]
    assert published == [each["kid"] for each in told]
    assert "PRIVATE" not in Client().get("/openid/keys.json").content.decode()
    # and the next one drops the first
    assert first not in {each["kid"] for each in rotated()}


def test_keys_of_the_environment_are_not_rotated_in_a_file(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept_at().read_text()
    monkeypatch.setenv("COMPTOIR_OPENID_KEYS", new_openid_key().replace("\n", "\\n"))
    own.OPENID_KEYS = openid_keys(own.COMPTOIR_HOME)
    with pytest.raises(CommandError, match="COMPTOIR_OPENID_KEYS"):
        rotated()
    assert kept_at().read_text() == before
    monkeypatch.setenv("COMPTOIR_OPENID_KEYS", "no key")
    with pytest.raises(SystemExit, match="holds no key"):
        openid_keys(own.COMPTOIR_HOME)


def test_the_sandbox_has_one_application_however_often_it_is_prepared(db: None) -> None:
    raise_curtain()
    for _time in range(2):
        with wall_opened(house=True):
            call_command("sandbox_application")
    made = Application.objects.get()
    assert (made.client_id, made.is_public, made.device_flow) == ("comptoir-demo", True, True)
    assert not made.skip_authorization
