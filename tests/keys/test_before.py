"""Keyrings of before, in which numbers stood in the clear: read, sealed, and nothing that is derived changes."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from tests.keys.keyrings import cipher, opened, vault

from moothall.failures import OperationError
from moothall.keys.changes import advance, seal
from moothall.keys.key_versions import PARTNERSHIP
from moothall.keys.keyring import Keyring
from moothall.keys.keyring_file import key_id, keyring_path, public_versions, salt_line
from moothall.keys.rotation import rekey_keyrings
from moothall.model.planned import Certificate

BEFORE = Path(__file__).parent / "before"
PASSPHRASE = "correct horse battery"
"""That with which the stored keyrings were made."""
IDENTITIES = {"durham": "u-1", "dales": "u-3"}
"""Of `numbered`: Durham was rotated twice, everybody once, and the council `dales` with the uid `u-2` has left."""


@pytest.fixture(params=["first", "numbered"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A state with a stored keyring, and the keyring's name."""
    keyring_path(tmp_path, "north").parent.mkdir()
    shutil.copy(BEFORE / f"{request.param}.json", keyring_path(tmp_path, "north"))
    return tmp_path, request.param


def derived(keyring: Keyring, expected: dict[str, dict[str, str]]) -> dict[str, object]:
    """Return what is derived now of all that was derived then; of keys and certificates the digest."""
    derives = vault(keyring, IDENTITIES)
    return {
        "secret": {label: derives.secret(label) for label in expected["secret"]},
        "authority": digest(derives.authority()),
        "key": {name: digest(derives.key(leaf(name))) for name in expected["key"]},
        "certificate": {name: digest(derives.certificate(leaf(name))) for name in expected["certificate"]},
    }


def leaf(name: str) -> Certificate:
    """Return a client's certificate."""
    return Certificate(name, name, (), (), ("client",))


def digest(text: str) -> str:
    """Return what stands for a long text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def test_nothing_that_is_derived_changes(before: tuple[Path, str]) -> None:
    """Neither where it is read, nor when it is sealed, nor with another passphrase: no secret changes by an upgrade."""
    state, name = before
    expected = json.loads((BEFORE / f"{name}.derived.json").read_text())
    assert derived(opened(state, PASSPHRASE), expected) == expected
    public = public_versions(state, "north")

    seal(state, "north", cipher(PASSPHRASE))

    assert derived(opened(state, PASSPHRASE), expected) == expected
    assert public_versions(state, "north") == public
    rekey_keyrings(state, cipher(PASSPHRASE), cipher("another passphrase"))
    assert derived(opened(state, "another passphrase"), expected) == expected


def test_it_is_sealed_once(before: tuple[Path, str]) -> None:
    """The id and the salt line stay, by which the engine's objects and the states go; the second time nothing is."""
    state, _ = before
    id_, line = key_id(state, "north"), salt_line(state, "north")

    sealed = seal(state, "north", cipher(PASSPHRASE))

    content = keyring_path(state, "north").read_bytes()
    assert (json.loads(content)["version"], sealed.sequence > 0) == (2, True)
    assert (key_id(state, "north"), salt_line(state, "north")) == (id_, line)
    assert seal(state, "north", cipher(PASSPHRASE)) == sealed
    assert keyring_path(state, "north").read_bytes() == content


def test_the_next_rotation_seals_it(before: tuple[Path, str]) -> None:
    """The number goes on from where it was, and with salt; those who were not rotated derive what they did."""
    state, _ = before
    old = opened(state, PASSPHRASE)

    new = advance(state, "north", "u-1", cipher(PASSPHRASE))

    assert opened(state, PASSPHRASE) == new
    assert new.sequence > 1
    was, now = (each.versions.of("leaf/relay.durham.erp", IDENTITIES) for each in (old, new))
    assert (now.number, bool(was.salt), len(now.salt)) == (was.number + 1, False, 64)
    assert vault(new, IDENTITIES).secret("tenant/u-3/x") == vault(old, IDENTITIES).secret("tenant/u-3/x")


def test_another_passphrase_seals_it(before: tuple[Path, str]) -> None:
    """It is not taken for one of before afterwards."""
    state, _ = before
    rekey_keyrings(state, cipher(PASSPHRASE), cipher("another passphrase"))
    assert opened(state, "another passphrase").sequence > 0


def test_a_sealed_one_is_not_taken_for_one_of_before(before: tuple[Path, str]) -> None:
    """Whatever is stricken out, and under whichever name the sealed text then stands."""
    state, _ = before
    sealed = advance(state, "north", PARTNERSHIP, cipher(PASSPHRASE))
    path = keyring_path(state, "north")
    ring = json.loads(path.read_text())
    text = ring.pop("sealed")
    for forged in (
        {**ring, "version": 1},
        {**ring, "version": 1, "master": text},
        {"version": 1, "id": ring["id"], "salt": ring["salt"], "master": text},
    ):
        path.write_text(json.dumps(forged))
        with pytest.raises(OperationError, match="Somebody has altered the keyring"):
            opened(state, PASSPHRASE)
    path.write_text(json.dumps({**ring, "sealed": text}))
    assert opened(state, PASSPHRASE) == sealed


def test_salts_have_no_place_in_one_of_before(before: tuple[Path, str]) -> None:
    """Chosen ones, which whoever wrote them knows, would be derived from."""
    state, _ = before
    path = keyring_path(state, "north")
    path.write_text(json.dumps({**json.loads(path.read_text()), "generations": {"": [2, "00" * 32, 1]}}))
    with pytest.raises(OperationError, match="it has salts"):
        opened(state, PASSPHRASE)
