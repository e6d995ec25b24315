"""The name of a stack is that of files in the state, and leads nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.hostile.front_door import Type
from tests.hostile.titled import define

from moothall.failures import USAGE

LOCKED = {"pid": 4_000_000, "username": "x", "hostname": "x", "timestamp": ""}
NAMES = [
    "../../../../../../beside",
    "/beside",
    "..",
    "dales..hill",
    "dales/alston",
    "",
    "x" * 300,
    "dales.alston.hill\n",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str, type_: Type) -> None:
    """It is refused before a file is looked for, so nothing is removed there and nothing written."""
    root, beside = define(tmp_path / "root", "good"), tmp_path / "beside"
    (root / ".moothall/.pulumi/locks/organization/moothall").mkdir(parents=True)
    beside.mkdir()
    (beside / "lock.json").write_text(json.dumps(LOCKED))
    deployment = tmp_path / "deployment.json"
    deployment.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": []}}))

    assert type_(root, "unlock", name, "--force", "--confirm", name).code == USAGE
    assert type_(root, "state", "import", name, str(deployment)).code == USAGE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside", "deployment.json", "root"]
    assert [path.name for path in beside.iterdir()] == ["lock.json"]
