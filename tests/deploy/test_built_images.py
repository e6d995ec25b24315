"""The record of what was built: who may write it, and what is believed of it."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from moothall.deploy import built_images
from moothall.keys.key_versions import FIRST, PARTNERSHIP, KeyVersions
from moothall.keys.vault import DerivingVault

TAG, NEWER = (f"moothall/tryton:{digit * 64}" for digit in "12")
POSTGRES = "moothall/postgres:" + "3" * 64
ID, OTHER = (f"sha256:{digit * 64}" for digit in "ab")


def vault(partnership: str = "dales", versions: KeyVersions | None = None, key: bytes = b"k" * 32) -> DerivingVault:
    """Return a vault."""
    day = date(2008, 6, 1)
    return DerivingVault(
        {0: key}, partnership, agreed=day, as_of=day, version=lambda label: (versions or KeyVersions()).of(label, {})
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state with one image on record."""
    built_images.write(tmp_path, "dales", {TAG: ID}, vault())
    return tmp_path


def test_what_was_built_is_on_record(state: Path) -> None:
    """For whoever owns the state, and nobody else."""
    assert built_images.read_sealed(state, "dales", vault()) == {TAG: ID}
    assert os.stat(built_images.record_path(state, "dales")).st_mode & 0o777 == 0o600
    assert built_images.read(state, "elsewhere") == {}


def test_one_version_of_each_name_is_kept(state: Path) -> None:
    """The last, also of what was not needed this time."""
    built_images.write(state, "dales", {POSTGRES: OTHER}, vault())
    built_images.write(state, "dales", {NEWER: OTHER}, vault())

    assert built_images.read_sealed(state, "dales", vault()) == {NEWER: OTHER, POSTGRES: OTHER}


@pytest.mark.parametrize("change", ["another ID", "another tag", "no seal", "of another partnership", "another key"])
def test_whoever_can_only_write_the_state_is_not_believed(state: Path, change: str) -> None:
    """And what he wrote is gone with the next record."""
    path, keeper = built_images.record_path(state, "dales"), vault()
    record = json.loads(path.read_text())
    if change == "another ID":
        record["images"][TAG] = OTHER
    elif change == "another tag":
        record["images"] = {NEWER: ID}
    elif change == "no seal":
        del record["seal"]
    elif change == "of another partnership":
        built_images.write(state, "fells", {TAG: OTHER}, vault())
        record = json.loads(built_images.record_path(state, "fells").read_text())
    else:
        keeper = vault(key=b"K" * 32)
    path.write_text(json.dumps(record))

    assert built_images.is_altered(state, "dales", keeper)
    assert built_images.read_sealed(state, "dales", keeper) == {}
    built_images.write(state, "dales", {POSTGRES: ID}, keeper)
    assert built_images.read_sealed(state, "dales", keeper) == {POSTGRES: ID}


def test_a_rotation_of_keys_leaves_the_seal(state: Path) -> None:
    """What was built is what was built."""
    versions = KeyVersions().advance(PARTNERSHIP, 2)
    assert versions.of("secret/anything", {}) != FIRST

    assert built_images.read_sealed(state, "dales", vault(versions=versions)) == {TAG: ID}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"images": []}', '{"images": {"debian": "x"}, "seal": 1}', '{"images": {"a": {}}}']
)
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    """Nothing is read from it, and it breaks nothing."""
    path = built_images.record_path(tmp_path, "dales")
    path.parent.mkdir()
    path.write_text(text)

    assert built_images.read(tmp_path, "dales") == {}
    assert built_images.read_sealed(tmp_path, "dales", vault()) == {}
