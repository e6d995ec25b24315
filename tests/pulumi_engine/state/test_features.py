"""States of version 4: Pulumi writes it where a resource uses one of its later features, of which taint is ours too."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_engine.lab import PROJECT, ops
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once
from tests.waiting import wait_until

from moothall import pulumi_engine
from moothall.model.outcome import FAILED, PASSED
from moothall.pulumi_engine.errors import StateTooNew
from moothall.pulumi_engine.state import checkpoint, exporting, history, repair
from moothall.pulumi_engine.state.rekeying import rekey
from moothall.verify.states import states

STACK = "dev"
VERSION_4 = {"version": 4, "features": ["taint"]}


def two(w: Any) -> None:
    """Two containers and a secret."""
    w.container("first")
    w.container("second")
    w.pulumi.export("secret", w.pulumi.Output.secret("hush"))


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab without Docker."""
    return MemoryLab(tmp_path / "lab")


@pytest.fixture
def tainted(lab: MemoryLab) -> MemoryLab:
    """A lab in whose state the first container failed."""
    lab.engine.on_create = fails_once(lab.name("first"))
    assert lab.up(two).status == "failed"
    return lab


def whole(lab: MemoryLab) -> dict[str, Any]:
    """The checkpoint."""
    found: dict[str, Any] = json.loads(lab.backend.checkpoint(PROJECT, STACK).read_text())
    return found


def format_of(written: dict[str, Any]) -> dict[str, Any]:
    """What a file says of its format."""
    return {key: value for key, value in written.items() if key in ("version", "features")}


def test_a_failed_container_makes_it_version_4_until_it_is_mended(tainted: MemoryLab) -> None:
    """As with Pulumi's CLI; every reader takes both."""
    assert format_of(whole(tainted)) == VERSION_4
    assert ops(tainted.preview(two)) == {"first": "replace"}
    assert pulumi_engine.survey(PROJECT, tainted.backend).stacks[0].failed

    assert tainted.up(two).status == "succeeded"
    assert format_of(whole(tainted)) == {"version": 3}


def test_what_older_versions_of_ours_wrote_is_read(tainted: MemoryLab) -> None:
    """They marked a resource and said version 3 of it; the file is put right by whoever writes it next."""
    older = whole(tainted)
    older["checkpoint"]["latest"]["manifest"].pop("digest")
    del older["features"]
    tainted.backend.checkpoint(PROJECT, STACK).write_text(json.dumps({**older, "version": 3}))

    assert ops(tainted.preview(two)) == {"first": "replace"}
    assert format_of(exporting.export(tainted.backend, PROJECT, STACK)) == VERSION_4


def test_versions_exports_and_new_passphrases_keep_the_format(tainted: MemoryLab) -> None:
    """Taken out, put in, gone back to, sealed anew: what is written says what has to be known."""
    exported = exporting.export(tainted.backend, PROJECT, STACK)
    assert format_of(exported) == VERSION_4
    tainted.up(two)

    repair.put(tainted.backend, PROJECT, STACK, exported)
    assert format_of(whole(tainted)) == VERSION_4
    assert [old.wrong for old in repair.examine(tainted.backend, PROJECT, STACK)] == [""] * 5

    rekey(tainted.backend, PROJECT, tainted.backend.passphrase(), "another one")
    newest = history.versions(tainted.backend, PROJECT, STACK)[0]
    for path in (tainted.backend.checkpoint(PROJECT, STACK), newest.path):
        text = path.read_text()
        assert format_of(json.loads(text)) == VERSION_4
        assert checkpoint.parse(path, STACK, text)


def test_a_killed_run_that_failed_before_is_folded_into_version_4(lab: MemoryLab, tmp_path: Path) -> None:
    """The journal holds the marked resource, and the checkpoint before it was of version 3."""
    left, journal, fail = MemoryLab(tmp_path / "killed"), lab.backend.journal(PROJECT, STACK), fails_once("mem-first")
    lab.up(lambda w: w.volume("old"))

    def on_create(name: str) -> None:
        if name == lab.name("second"):
            wait_until(lambda: '"taint"' in journal.read_text(), pause=0.01)
            shutil.copytree(lab.root, left.root)
        fail(name)

    lab.engine.on_create = on_create
    lab.up(two)
    assert format_of(whole(left)) == {"version": 3}

    assert checkpoint.load(left.backend, PROJECT, STACK).resources
    checkpoint.fold(left.backend, PROJECT, STACK)
    assert format_of(whole(left)) == VERSION_4


def test_our_own_digest_covers_the_format(tainted: MemoryLab) -> None:
    """A bit that falls over in the version or a feature is damage, and is mended as such."""
    good = whole(tainted)
    for wrong in ({"version": 3}, {"version": 6}, {"features": ["taiot"]}, {"features": []}):
        tainted.backend.checkpoint(PROJECT, STACK).write_text(json.dumps({**good, **wrong}))
        with pytest.raises(pulumi_engine.StateCorrupt, match="its digest says") as refused:
            tainted.preview(two)
        assert refused.value.hint == f"moothall state repair {STACK}"


NEWER: dict[str, dict[str, Any]] = {
    "it needs 'hooks' and 'views'": {"version": 4, "features": ["views", "taint", "hooks"]},
    "it is of version 5": {"version": 5},
}


@pytest.mark.parametrize("why", NEWER)
def test_what_is_not_known_is_refused_by_name(tainted: MemoryLab, why: str) -> None:
    """Nothing is touched, no older version is put in its place, and the mend is somebody who knows it."""
    path, told = tainted.backend.checkpoint(PROJECT, STACK), whole(tainted)
    told["checkpoint"]["latest"]["manifest"].pop("digest")
    path.write_text(json.dumps({**told, **NEWER[why]}))

    for attempt in (lambda: tainted.up(two), lambda: repair.examine(tainted.backend, PROJECT, STACK)):
        with pytest.raises(StateTooNew, match=why) as refused:
            attempt()
        assert "state repair" not in refused.value.hint
        assert refused.value.hint.startswith("pulumi preview --stack dev")
    assert json.loads(path.read_text())["version"] == NEWER[why]["version"]
    [told_by_doctor] = states(tainted.backend)
    assert (told_by_doctor.status, why in told_by_doctor.detail) == (FAILED, True)


def test_doctor_looks_at_every_state(tainted: MemoryLab) -> None:
    """One line where all can be worked on, else one for each that cannot, with its mend."""
    tainted.up(lambda w: w.volume("other"), "other")
    [sound] = states(tainted.backend)
    assert (sound.status, sound.detail) == (PASSED, "2 can be worked on")

    tainted.backend.checkpoint(PROJECT, "other").write_text("{")
    [broken] = states(tainted.backend)
    assert (broken.status, broken.hint) == (FAILED, "moothall state repair other")
