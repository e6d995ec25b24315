"""Who can only write the state puts no generation back: what is altered is refused, with what happened and the mend."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.keys.keyrings import cipher, opened

from moothall.failures import OperationError
from moothall.keys import open_keyring
from moothall.keys.changes import advance, retire
from moothall.keys.key_versions import PARTNERSHIP
from moothall.keys.keyring_file import keyring_path

Ring = dict[str, Any]


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ring]:
    """Keyrings as they are, as they were before the last rotation, and of another partnership."""
    state = tmp_path_factory.mktemp("state")
    for partnership in ("north", "south"):
        open_keyring(state, partnership, cipher(), create=True)
        advance(state, partnership, "u-1", cipher())
        retire(state, partnership, "dales", "u-2", cipher())
    older = json.loads(keyring_path(state, "north").read_text())
    advance(state, "north", PARTNERSHIP, cipher())
    now, other = (json.loads(keyring_path(state, name).read_text()) for name in ("north", "south"))
    return {"now": now, "older": older, "other": other}


def without(ring: Ring, *members: str) -> Ring:
    """Return a keyring from which members were stricken out."""
    return {name: value for name, value in ring.items() if name not in members}


ALTERED: dict[str, tuple[Callable[[Ring, Ring, Ring], Ring], str]] = {
    "generations stricken out": (lambda now, older, other: without(now, "generations"), "not those that are sealed"),
    "leavers stricken out": (lambda now, older, other: without(now, "left"), "not those that are sealed"),
    "all numbers stricken out": (lambda now, older, other: without(now, "generations", "left"), "not those"),
    "a number that falls": (lambda now, older, other: {**now, "generations": {**now["generations"], "u-1": 1}}, "not"),
    "a number that rises": (lambda now, older, other: {**now, "generations": {**now["generations"], "u-9": 3}}, "not"),
    "an authority put back": (lambda now, older, other: {**now, "authorities": [1, [2, "00", 9]]}, "not those"),
    "the numbers of before": (lambda now, older, other: {**now, "generations": older["generations"]}, "not those"),
    "the sealed part missing": (lambda now, older, other: without(now, "sealed"), '"sealed" is missing'),
    "the sealed part cut": (lambda now, older, other: {**now, "sealed": now["sealed"][:-8]}, "cut, changed or taken"),
    "the sealed part of before": (lambda now, older, other: {**now, "sealed": older["sealed"]}, "not those that are"),
    "another's sealed part": (lambda now, older, other: {**now, "sealed": other["sealed"]}, "taken from another"),
    "another's, and its salt": (
        lambda now, older, other: {**now, "sealed": other["sealed"], "salt": other["salt"]},
        "it is that of south",
    ),
    "another's as a whole": (lambda now, older, other: other, "it is that of south"),
    "another id": (lambda now, older, other: {**now, "id": "0123456789ab"}, "it is that of north, with the key"),
    "no id": (lambda now, older, other: without(now, "id"), "it is that of north, with the key"),
}


@pytest.mark.parametrize("how", ALTERED)
def test_it_is_refused(rings: dict[str, Ring], tmp_path: Path, how: str) -> None:
    """The sentence says what is not right, the hint is one command, and the file is left as it is."""
    alter, says = ALTERED[how]
    path = keyring_path(tmp_path, "north")
    path.parent.mkdir()
    path.write_text(json.dumps(alter(rings["now"], rings["older"], rings["other"])))
    before = path.read_bytes()

    with pytest.raises(OperationError) as refused:
        opened(tmp_path)

    assert refused.value.message.startswith(f"Somebody has altered the keyring {path}: ")
    assert says in refused.value.message
    assert refused.value.hint == f"cp BACKUP_OF_THE_STATE/keyring/north.json {path}"
    assert path.read_bytes() == before
    with pytest.raises(OperationError):
        advance(tmp_path, "north", PARTNERSHIP, cipher())
    assert path.read_bytes() == before


@given(data=st.data())
def test_no_part_of_it_changes_unnoticed(
    rings: dict[str, Ring], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any member taken from the keyring of before, from another's or stricken out: the same is opened, or nothing."""
    now = rings["now"]
    sources = data.draw(
        st.fixed_dictionaries({name: st.sampled_from(["now", "older", "other", "none"]) for name in now})
    )
    mixed = {
        name: rings[source][name] for name, source in sources.items() if source != "none" and name in rings[source]
    }
    state = tmp_path_factory.mktemp("mixed")
    path = keyring_path(state, "north")
    path.parent.mkdir()
    path.write_text(json.dumps(now))
    right = opened(state)

    path.write_text(json.dumps(mixed))
    try:
        found = opened(state)
    except OperationError:
        return
    finally:
        shutil.rmtree(state)
    assert found == right or mixed == rings["older"]


@given(data=st.data())
def test_no_byte_of_the_sealed_part_changes_unnoticed(
    rings: dict[str, Ring], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Another byte anywhere in it."""
    sealed = rings["now"]["sealed"]
    place = data.draw(st.integers(0, len(sealed) - 1))
    byte = data.draw(st.characters(codec="ascii", exclude_characters=sealed[place]))
    state = tmp_path_factory.mktemp("byte")
    path = keyring_path(state, "north")
    path.parent.mkdir()
    path.write_text(json.dumps({**rings["now"], "sealed": sealed[:place] + byte + sealed[place + 1 :]}))
    with pytest.raises(OperationError):
        opened(state)
