"""`validate --fix` writes free networks for servers that councils have for themselves, in their file's own style."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, BARTON, PARTNERSHIP, moothall, replace, sound_root

from moothall.failures import INVALID, OK

NETWORKS = re.compile(r"networks: \{hill: (\S+), vale: (\S+)\}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root in which two councils ask for a server, one in lines and one in brackets."""
    made = sound_root(tmp_path)
    replace(made, ALSTON, "      until: 2010-01-01\n", "      dedicated: true # why not\n      until: 2010-01-01\n")
    replace(
        made,
        BARTON,
        "    ledger:\n      planned: true\n      modules:\n        finance: {}\n",
        "    ledger: {planned: true, dedicated: true, modules: {finance: {}}}\n",
    )
    return made


def test_each_gets_networks_of_its_own(root: Path) -> None:
    """Each at both sites, of the size of the instance's, and all else in the files stays, comments too."""
    fixed = moothall("validate", root, "--fix")

    assert fixed.returncode == OK, fixed
    alston, barton = ((root / path).read_text() for path in (ALSTON, BARTON))
    assert "      dedicated: true # why not\n      networks: {hill: " in alston
    assert "    ledger: {planned: true, dedicated: true, networks: {hill: " in barton
    networks = [network for text in (alston, barton) for found in NETWORKS.findall(text) for network in found]
    assert sorted(networks) == ["10.1.2.0/24", "10.1.3.0/24", "10.3.2.0/24", "10.3.3.0/24"]


def test_where_there_is_no_room_none_is_made_up(root: Path) -> None:
    """Where there is room for one server, one council gets its networks, and the other is told that there are none."""
    replace(root, PARTNERSHIP, "network: 10.3.0.0/16", "network: 10.3.0.0/22")
    replace(root, BARTON, "network: 10.3.8.0/24", "network: 10.3.3.0/24")

    fixed = moothall("validate", root, "--fix", "--format", "json")

    assert fixed.returncode == INVALID, fixed
    details = [found["detail"] for found in json.loads(fixed.stdout)["diagnostics"]]
    assert any(detail.startswith("Add the key networks, with a free network of hill and of vale") for detail in details)
    assert len([path for path in (ALSTON, BARTON) if "networks:" in (root / path).read_text()]) == 1
