"""Who may reach what, from the plan alone; and who has what mounted, from the engine's words."""

from __future__ import annotations

import json
from itertools import permutations

from tests.commands.front_door import PROJECT, moothall
from tests.verify.plans import COUNCILS, plan

from moothall.docker_engine.stale import LABEL
from moothall.verify.reachability_matrix import edges, matrix
from moothall.verify.volume_users import mounted_by, strangers_on, users


def test_a_council_reaches_its_own_relay_and_nothing_else() -> None:
    """On its own network, at the users' port, by its names."""
    small = plan()
    is_allowed = {(edge.kind, edge.what) for edge in edges(small, "durham", "durham") if edge.is_allowed}
    assert ("port", "p.durham.relay:443 on p.durham.network") in is_allowed
    assert ("name", "durham.erp.test") in is_allowed
    assert not any(edge.is_allowed for a, b in permutations(COUNCILS, 2) for edge in edges(small, a, b))


def test_every_ordered_pair_is_there_with_every_means() -> None:
    """Also the database of the other on the same server."""
    found = matrix(plan())
    assert {(edge.council, edge.owner) for edge in found} == {(a, b) for a in COUNCILS for b in COUNCILS}
    assert {edge.kind for edge in found if edge.council != edge.owner} >= {"port", "name", "gateway", "database"}


def test_the_matrix_of_nine_boroughs() -> None:
    """72 ordered pairs, none of which reaches anything of the other; nothing is looked at for it."""
    words = ("--isolation", "--expected", "--partnership", "london-procurement", "--format", "json")
    answer = moothall("verify", PROJECT, *words)
    found = json.loads(answer.stdout)["edges"]
    pairs = {(edge["council"], edge["owner"]) for edge in found if edge["council"] != edge["owner"]}
    assert answer.returncode == 0
    assert len(pairs) == 72
    assert not [edge for edge in found if edge["allowed"] and edge["council"] != edge["owner"]]
    kinds = {pair: {edge["kind"] for edge in found if (edge["council"], edge["owner"]) == pair} for pair in pairs}
    all_kinds = {"port", "name", "gateway", "application", "database", "files"}
    assert {frozenset(kind) for kind in kinds.values()} == {frozenset(all_kinds)}


def container(
    name: str,
    mounts: tuple[dict[str, str], ...] = (),
    *,
    networks: tuple[str, ...] = (),
    shares: str = "bridge",
    labels: dict[str, str] | None = None,
) -> dict[str, object]:
    """Return an engine's summary of a container."""
    return {
        "Id": f"id-{name}",
        "Names": [f"/{name}"],
        "Mounts": list(mounts),
        "Labels": labels or {},
        "HostConfig": {"NetworkMode": shares},
        "NetworkSettings": {"Networks": {network: {} for network in networks}},
    }


def volume(name: str, at: str) -> dict[str, str]:
    """Return a mounted volume."""
    return {"Type": "volume", "Name": name, "Source": f"/var/lib/docker/volumes/{name}/_data", "Destination": at}


def test_who_has_whose_files() -> None:
    """By the volume itself, and by a folder of the machine around it; the uploader puts them in."""
    owner = container("owner", (volume("own", "/cfg"),))
    uploader = container("owner-files", (volume("own", "/cfg"),))
    thief = container("thief", (volume("own", "/stolen"),))
    everything = container("everything", ({"Type": "bind", "Source": "/var/lib/docker", "Destination": "/d"},))
    elsewhere = container(
        "elsewhere", (volume("other", "/cfg"), {"Type": "bind", "Source": "/srv", "Destination": "/s"})
    )
    found = [owner, uploader, thief, everything, elsewhere]
    assert mounted_by(found, "owner") == {"thief", "everything"}
    assert mounted_by(found, "elsewhere") == {"everything"}
    assert users(found, "own") == {"owner", "owner-files", "thief", "everything"}


def test_who_is_on_a_network() -> None:
    """Foreign containers on it, and those that share the view of one on it; probes are ours."""
    there = container("planned", networks=("n",))
    found = [
        there,
        container("stranger", networks=("n",)),
        container("inside", shares="container:id-planned"),
        container("probe", networks=("n",), labels={LABEL: "p"}),
        container("elsewhere", networks=("m",)),
    ]
    assert list(strangers_on(found, "n", {"planned"})) == ["stranger is on n", "inside shares the network of planned"]
