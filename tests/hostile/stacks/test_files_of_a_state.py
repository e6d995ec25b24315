"""Who can write the state, and not open it, writes anything into its files: commands say so, and none breaks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.advice.taking import Operator

from moothall.failures import BUG

MEMBERS = (
    *("dales.hill", "dales.alston.hill", "hill", "alston", "barton", "version", "checkpoint", "images", "seal", "next"),
    *("id", "salt", "key", "sealed", "generations", "left", "authorities", "people", "repositories", "former"),
    *(
        "plan",
        "code",
        "pid",
        "username",
        "hostname",
        "timestamp",
        "message",
        "result",
        "endTime",
        "environment",
        "kind",
    ),
    *("deed", "target", "server", "source", "former_name", "replaces", "followers"),
)
"""What is read in one of the files."""
CONTENTS = {
    "deep": "[" * 100_000,
    "number": "7",
    "list": '[{"a": []}]',
    "huge": "9" * 5000,
    "no text": "\xff",
    "empty": "",
    "null": "null",
    **{
        f"members {value}": json.dumps(dict.fromkeys(MEMBERS, value)) for value in (None, 7, "evil", [[]], {"evil": []})
    },
}
FILES = {
    "a lock": (".pulumi/locks/organization/moothall/dales.hill/x.json", ["unlock", "dales.hill"]),
    "a history": (".pulumi/history/moothall/dales.hill/dales.hill-1.history.json", ["state", "history"]),
    "a journal": (".pulumi/stacks/moothall/dales.hill.json.journal", ["preview"]),
    "a checkpoint": (".pulumi/stacks/moothall/dales.hill.json", ["preview"]),
    "a damaged state": (".pulumi/stacks/moothall/dales.hill.json", ["state", "repair", "dales.hill", "--yes"]),
    "an exchange": ("restores/dales.ledger.json", ["restore", "ledger", "--undo", "--confirm", "ledger"]),
    "a keyring": ("keyring/dales.json", ["preview"]),
    "identities": ("identities/dales.json", ["preview"]),
    "bindings": ("engines/dales.json", ["preview"]),
    "backends": ("backends/dales.json", ["preview"]),
    "images": ("images/dales.json", ["preview"]),
    "digests": ("applied/dales.hill.json", ["preview"]),
}


@pytest.mark.parametrize("what", FILES)
def test_anything_may_be_in_a_file(operator: Operator, tmp_path: Path, what: str) -> None:
    """In each kind of file each kind of nonsense."""
    name, words = FILES[what]
    state, sound = operator.root / ".moothall", tmp_path / "sound"
    shutil.copytree(state, sound)
    for content in CONTENTS.values():
        shutil.rmtree(state)
        shutil.copytree(sound, state)
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_bytes(content.encode("latin-1"))
        code, _ = operator.type(words)
        assert code != BUG, (content[:20], operator.shown)
