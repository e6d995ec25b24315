"""Every conformance case on the real engine: the same steps, the same calls, the same state, or a named difference.

Each case is stood up by the embedded engine, and taken over: so each is a handover too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory, revealed
from tests.pulumi_cli.standin import standin
from tests.pulumi_engine.conformance import CASES, Case
from tests.pulumi_engine.lab import ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine.protocol.resource_types import KINDS
from moothall.pulumi_engine.protocol.values import plain, without_defaults
from moothall.pulumi_engine.steps.diff import diff
from moothall.pulumi_engine.steps.events import top_level_properties
from moothall.pulumi_engine.steps.outcome import Outcome

pytestmark = pytest.mark.pulumi

# What both engines record of a resource; ids and times are of the run, and outputs have more in the real plug-in.
RECORDED = ("type", "custom", "parent", "protect", "retainOnDelete", "additionalSecretOutputs")


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, shared: SharedMemory, tmp_path: Path) -> None:
    """Preview, up and what is recorded are those of the embedded engine, and then there is nothing left to do."""
    case = CASES[name]
    ours, theirs = (_stood_up(case, tmp_path / which) for which in ("embedded", "pulumi"))
    shared.use(theirs)

    foreseen = shared.pulumi.preview(theirs.run(case.then), theirs.backend)
    done = shared.pulumi.up(theirs.run(case.then), theirs.backend)
    expected = ours.up(case.then)

    assert foreseen.status == "previewed", foreseen.failures
    assert standin.played == set(case.by_guess)
    if case.differs:
        _assert_differs(case, done, ours, theirs)
        return
    assert done.status == "succeeded", done.failures
    assert _changes(foreseen, done) == _changes(done, foreseen)
    assert _changes(done, expected) == _changes(expected, done)
    assert _on_the_engine(theirs) == _on_the_engine(ours)
    _assert_recorded_alike(theirs, ours)
    assert ops(theirs.preview(case.then)) == {}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.changes])
def test_handed_back(name: str, shared: SharedMemory, tmp_path: Path) -> None:
    """What the real engine stood up, the embedded one takes over: an empty preview, then the same change."""
    case = CASES[name]
    ours, theirs = _stood_up(case, tmp_path / "embedded"), MemoryLab(tmp_path / "pulumi")
    shared.use(theirs)

    first = shared.pulumi.up(theirs.run(case.first), theirs.backend)

    assert first.status == "succeeded", first.failures
    assert ops(theirs.preview(case.first)) == {}
    changed, expected = theirs.up(case.then), ours.up(case.then)
    assert _changes(changed, expected) == _changes(expected, changed)
    _assert_recorded_alike(theirs, ours)


def _stood_up(case: Case, root: Path) -> MemoryLab:
    lab = MemoryLab(root)
    assert lab.up(case.first).status == "succeeded"
    lab.engine.calls.clear()
    return lab


def _assert_differs(case: Case, done: Outcome, ours: MemoryLab, theirs: MemoryLab) -> None:
    """The real engine does otherwise as the case says, and it is otherwise than ours."""
    if case.fails:
        assert case.fails in str(done.failures)
    else:
        assert done.status == "succeeded", done.failures
        assert ops(done) == case.theirs
        assert ops(done) != case.changes or _on_the_engine(theirs) != _on_the_engine(ours)


def _on_the_engine(lab: MemoryLab) -> tuple[Counter[tuple[str, str]], dict[str, bool]]:
    """What was made and removed, and what runs now. A change in place is a call of the real plug-in for some
    attributes only, and is not counted."""
    calls = Counter(call for call in lab.engine.calls if call[0] != "update")
    return calls, {live.name: live.running for live in lab.engine.objects.values()}


def _changes(outcome: Outcome, other: Outcome) -> list[tuple[str, str, tuple[str, ...]]]:
    """The steps that change something, with the properties: the real plug-in names elements of sets and lists, ours
    the whole. Of a resource that is replaced only because what it is made from is, now one and now the other names no
    property; where either does not, none is compared."""
    silent = {step.urn for told in (outcome, other) for step in told.steps if not step.diff}
    return sorted(
        (s.urn, s.op, () if s.urn in silent else tuple(sorted(top_level_properties(s.diff)))) for s in outcome.changes
    )


def _assert_recorded_alike(theirs: MemoryLab, ours: MemoryLab) -> None:
    """The same resources with the same options, and inputs between which the provider sees no difference: of what is
    left as it is, the real engine records the new spelling and ours keeps the old one."""
    left, right = _recorded(theirs), _recorded(ours)
    assert left.keys() == right.keys()
    for urn, record in left.items():
        other, kind = right[urn], KINDS.get(record["type"])
        assert {**record, "inputs": None} == {**other, "inputs": None}
        assert not diff(kind, record["inputs"], other["inputs"]) if kind else record["inputs"] == other["inputs"]


def _recorded(lab: MemoryLab) -> dict[str, Any]:
    vault = revealed(lab) if "secrets_providers" in lab.checkpoint() else None
    found = {}
    for item in lab.checkpoint().get("resources", ()):
        inputs = vault.reveal(item.get("inputs", {})) if vault else item.get("inputs", {})
        kept: dict[str, Any] = {key: item.get(key) for key in RECORDED if item.get(key)}
        kept["inputs"] = json.loads(json.dumps(plain(without_defaults(inputs)), sort_keys=True))
        kept["needs"] = sorted(item.get("dependencies", ()))
        kept["made from"] = _sets(item.get("propertyDependencies", {}))
        found[item["urn"]] = kept
    return found


def _sets(by_property: Mapping[str, list[str] | None]) -> dict[str, list[str]]:
    return {key: sorted(urns) for key, urns in by_property.items() if urns}
