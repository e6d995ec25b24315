"""What the tests stand up meets nobody: no shipped partnership, nothing that stands, no other process or place."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests import networks
from tests.live.helpers import running
from tests.live.helpers.running import PLACES, PROJECT, small, weardale, whole

from moothall.validation.validate import validate

MEETING = {"network-overlap", "network-reserved", "network-not-contained", "local-access-clash", "published-port-clash"}
"""The rules by which one partnership is in another's way."""
HOLD = "from tests.networks import lease; print(lease(3), flush=True); input()"


@pytest.fixture
def stands(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What stands on the engine and the machine, as this process of tests alone sees it; nothing at first."""
    found = list[str]()
    monkeypatch.setattr(networks, "standing", lambda: iter(found))
    monkeypatch.setattr(networks, "_engine", lambda: "nowhere")
    monkeypatch.setattr(networks, "_LOCKS", {})
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("leases")))
    running._octets.cache_clear()
    yield found
    for lock in networks._LOCKS.values():
        lock.close()
    running._octets.cache_clear()


def test_places_meet_no_shipped_partnership_and_not_each_other(tmp_path: Path, stands: list[str]) -> None:
    """All of them side by side below one root: moothall's own rules find none in another's way."""
    shutil.copytree(PROJECT / "partnerships", tmp_path / "partnerships")
    shutil.copytree(PROJECT / "modules", tmp_path / "modules")
    shipped = {folder.name for folder in (tmp_path / "partnerships").iterdir()}
    assert len(shipped) == 7
    for name in PLACES:
        place = whole(tmp_path, name) if name in ("acceptance", "apart", "move") else small(tmp_path, name)
        weardale(place)

    found = validate(tmp_path, date.today())

    assert len(found.definitions.folders) == len(PLACES) + len(shipped)
    assert [each for each in found.diagnostics if each.rule in MEETING] == []
    assert not any(name.startswith("mh-") for name in shipped)


def test_a_place_that_would_meet_another_is_found_so(tmp_path: Path, stands: list[str]) -> None:
    """The rules that the test above asks do see two places on the same networks."""
    for name in ("little", "change"):
        place = small(tmp_path, name)
        running._octets.cache_clear()
        networks._LOCKS.clear()
    assert place.name == "mh-change"

    assert "network-overlap" in {each.rule for each in validate(tmp_path, date.today()).diagnostics}


def test_what_stands_on_the_engine_is_left_alone(tmp_path: Path, stands: list[str]) -> None:
    """Networks of any size, and loopback addresses of partnerships outside of 10.0.0.0/8, which would be ours."""
    stands += ["10.255.8.0/24", "10.240.0.0/13", "172.254.0.0/16", "127.253.8.1", "192.168.0.0/16"]

    leased = set(networks.lease(30))

    assert leased.isdisjoint({255, 254, 253, *range(240, 248)})
    assert leased.isdisjoint(networks.in_files())
    assert all(octet in networks.ROOM for octet in leased)


def test_where_all_of_it_is_taken_it_is_said(stands: list[str]) -> None:
    """A network of the whole of 10.0.0.0/8 leaves nothing."""
    stands.append("10.0.0.0/8")

    with pytest.raises(AssertionError, match="no second octet"):
        networks.lease(1)


def test_processes_hold_what_they_lease_until_they_end(stands: list[str]) -> None:
    """Another process gets others, and those of one that was killed are free again."""
    folder = Path(tempfile.gettempdir())
    paths = {"PYTHONPATH": str(PROJECT), "TMPDIR": str(folder), "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    with subprocess.Popen([sys.executable, "-c", HOLD], env=paths, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout
        theirs = {int(each) for each in other.stdout.readline().strip("[]\n").split(",")}
        (folder / "moothall-tests-none").rename(folder / "moothall-tests-nowhere")
        ours = set(networks.lease(10))
        other.kill()

    assert len(theirs) == 3
    assert theirs.isdisjoint(ours)
    assert theirs <= set(networks.lease(len(networks.ROOM) - len(ours) - 3))


def test_ports_that_somebody_has_everywhere_are_passed_over() -> None:
    """Each instance gets a port of its own."""
    assert networks.free_ports([8443, 8444], busy=[8443]) == {8443: 8444, 8444: 8445}
    assert networks.free_ports([8443, 8444], busy=[]) == {8443: 8443, 8444: 8444}


def test_the_machine_says_what_is_in_use() -> None:
    """A socket that listens, on one address and on all of them, is seen in the kernel's own list."""
    import socket

    with socket.create_server(("127.77.1.1", 0)), socket.create_server(("0.0.0.0", 0)) as everywhere:
        port = everywhere.getsockname()[1]

        assert 77 in networks.octets(networks.standing())
        assert networks.free_ports([port]) != {port: port}


def test_whom_the_machine_asks_for_names_is_left_alone(tmp_path: Path) -> None:
    """A network around a name server would cut the machine off from all names."""
    file = tmp_path / "resolv.conf"
    file.write_text("search example.org\nnameserver 10.255.255.53\nnameserver fd00::53\nnameserver 192.0.2.53\n")

    assert networks._name_servers(file) == ["10.255.255.53", "192.0.2.53"]
    assert networks._name_servers(tmp_path / "none") == []
    assert set(networks._name_servers()) <= set(networks.standing())


def test_small_networks_are_of_one_name_each(stands: list[str]) -> None:
    """The same for the same name, another for another; never one of a place."""
    networks.subnet.cache_clear()
    networks._small.cache_clear()
    place = networks.lease(5)

    first, second = networks.subnet("lab-one", 1), networks.subnet("lab-two", 1)

    assert first == networks.subnet("lab-one", 1) != second
    assert networks.octets([first]) == networks.octets([second])
    assert networks.octets([first]).isdisjoint(place)
    networks.subnet.cache_clear()
    networks._small.cache_clear()
