"""Every conformance case with the real Docker plug-in on a real engine: so that the stand-in's answers are not ours.

Only where there is a real one: `MOOTHALL_REAL_PLUGIN=…/pulumi-resource-docker`.
"""

from __future__ import annotations

import pytest
from tests.pulumi_cli.real_pulumi import REAL_PLUGIN, installation
from tests.pulumi_engine.conformance import CASES
from tests.pulumi_engine.lab import Lab, ops

from moothall.pulumi_cli import Pulumi

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not REAL_PLUGIN, reason="no real Docker plug-in: MOOTHALL_REAL_PLUGIN names its program"),
]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Pulumi:
    """The real engine with the real plug-in."""
    return Pulumi(installation(tmp_path_factory.mktemp("pulumi")))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, real: Pulumi, lab: Lab) -> None:
    """What the embedded engine stood up, the real plug-in changes as the case says; then nothing is left to do."""
    case = CASES[name]
    assert lab.up(case.first).status == "succeeded"

    foreseen = real.preview(lab.run(case.then), lab.backend)
    done = real.up(lab.run(case.then), lab.backend)

    assert foreseen.status == "previewed", foreseen.failures
    if case.fails:
        assert case.fails in str(done.failures)
        return
    assert done.status == "succeeded", done.failures
    assert ops(done) == (case.changes if case.theirs is None else case.theirs)
    assert ops(real.preview(lab.run(case.then), lab.backend)) == {}
    if not case.differs:
        assert ops(lab.preview(case.then)) == {}
