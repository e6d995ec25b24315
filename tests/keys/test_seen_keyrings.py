"""A whole keyring of an earlier day is sound in itself: whoever has used a newer one does not go on with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.keys.keyrings import cipher, opened, vault

from moothall.failures import OperationError
from moothall.keys import open_keyring
from moothall.keys.changes import advance
from moothall.keys.key_versions import PARTNERSHIP
from moothall.keys.keyring_file import keyring_path
from moothall.keys.seen_keyrings import last_seen, refuse_older, remember

LABEL = "tenant/u-1/erp/database-password"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a keyring."""
    open_keyring(tmp_path / "state", "north", cipher(), create=True)
    return tmp_path / "state"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The user's environment."""
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_an_older_one_is_refused(state: Path, home: dict[str, str]) -> None:
    """The sentence says what would come back, and the hint is the command that makes it worthless."""
    older = keyring_path(state, "north").read_bytes()
    remember(home, advance(state, "north", "u-1", cipher()))
    refuse_older(home, opened(state))

    keyring_path(state, "north").write_bytes(older)

    with pytest.raises(OperationError, match="keys that were exchanged since would come back") as refused:
        refuse_older(home, opened(state))
    assert refused.value.hint.startswith("moothall keys rotate --partnership north ")


def test_a_rotation_for_everybody_leads_on(state: Path, home: dict[str, str]) -> None:
    """What comes then is newer than anything seen, and none of the keys that were put back is in use again."""
    older, leaked = keyring_path(state, "north").read_bytes(), vault(opened(state)).secret(LABEL)
    for _ in range(3):
        remember(home, advance(state, "north", "u-1", cipher()))
    used = vault(opened(state)).secret(LABEL)
    keyring_path(state, "north").write_bytes(older)

    seen = last_seen(home, opened(state))
    remember(home, advance(state, "north", PARTNERSHIP, cipher(), seen=seen))

    refuse_older(home, opened(state))
    assert opened(state).sequence > seen
    assert vault(opened(state)).secret(LABEL) not in (leaked, used)


def test_nothing_is_kept_of_one_that_was_never_changed(state: Path, home: dict[str, str], tmp_path: Path) -> None:
    """There is nothing that could be put back."""
    remember(home, opened(state))
    assert not (tmp_path / "config").exists()


def test_what_was_seen_never_falls(state: Path, home: dict[str, str]) -> None:
    """Whoever is handed an older one remembers the newer."""
    first, second = advance(state, "north", "u-1", cipher()), advance(state, "north", "u-1", cipher())
    remember(home, second)
    remember(home, first)
    assert last_seen(home, first) == second.sequence


def test_where_nothing_can_be_remembered_nothing_is(state: Path, tmp_path: Path) -> None:
    """A home that is none stops nobody; a user who has seen nothing takes what is there."""
    (tmp_path / "file").touch()
    home = {"XDG_CONFIG_HOME": str(tmp_path / "file")}
    keyring = advance(state, "north", "u-1", cipher())
    remember(home, keyring)
    refuse_older(home, keyring)
    assert last_seen(home, keyring) == 0
