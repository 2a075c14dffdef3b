"""Secrets that the database keeps: sealed by a key of the copy's own, which a backup takes along."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from comptoir.environment import seal_keys
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.sealing import resealed, sealed, unsealed


def test_a_copy_has_one_key_of_its_own_for_its_owners_eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPTOIR_SEAL_KEYS", raising=False)
    first = seal_keys(tmp_path)
    assert (seal_keys(tmp_path), len(first)) == (first, 1)
    assert (tmp_path / "keys" / "seal").stat().st_mode & 0o777 == 0o600


def test_given_keys_come_before_it_and_what_is_no_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [kept] = seal_keys(tmp_path / "other")
    monkeypatch.setenv("COMPTOIR_SEAL_KEYS", f"{kept}  {kept}")
    assert seal_keys(tmp_path) == (kept, kept)
    assert not (tmp_path / "keys").exists()
    for wrong in ("short", "é" * 43, "A" * 44):
        monkeypatch.setenv("COMPTOIR_SEAL_KEYS", wrong)
        with pytest.raises(SystemExit, match="COMPTOIR_SEAL_KEYS"):
            seal_keys(tmp_path)


def test_a_restored_copy_opens_what_was_sealed_and_another_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.delenv("COMPTOIR_SEAL_KEYS", raising=False)
    settings.SEAL_KEYS = seal_keys(tmp_path / "first")
    kept = sealed(b"secret")
    assert "secret" not in kept
    shutil.copytree(tmp_path / "first" / "keys", tmp_path / "restored" / "keys")
    settings.SEAL_KEYS = seal_keys(tmp_path / "restored")
    assert unsealed(kept) == b"secret"
    settings.SEAL_KEYS = seal_keys(tmp_path / "stranger")
    with pytest.raises(HouseRule):
        unsealed(kept)


def test_another_key_in_front_seals_and_the_old_one_still_opens(tmp_path: Path, settings: Any) -> None:
    [old], [new] = seal_keys(tmp_path / "old"), seal_keys(tmp_path / "new")
    settings.SEAL_KEYS = (old,)
    kept = sealed(b"secret")
    settings.SEAL_KEYS = (new, old)
    again = resealed(kept)
    settings.SEAL_KEYS = (new,)
    assert unsealed(again) == b"secret"
    with pytest.raises(HouseRule):
        unsealed(kept)
