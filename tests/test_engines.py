"""The mapping of sites to engines, through the command line: what is refused and where, and what the plan becomes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from docker.errors import DockerException
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall import paths
from moothall.compilation import compile_all
from moothall.docker_engine.connect import open_client
from moothall.engines import load_engine_mapping
from moothall.failures import INVALID
from moothall.language.checks import engines as checks
from moothall.language.checks.endpoints import problem
from moothall.model.engines import Endpoint, Engine, Engines
from moothall.model.planned import Plan
from moothall.plan import receivers
from moothall.validation.validate import ValidationResult, validate

PROJECT = Path(__file__).parents[1]
NAME = "northumberland-durham"
DAY = date(2026, 11, 22)
SOUND = """\
apiVersion: moothall/v1
kind: Engines
spec:
  engines:
    west:
      endpoint: unix:///run/west.sock
      sites: [morpeth]
      links: {link-consett-morpeth: 172.20.1.1}
    middle:
      endpoint: ssh://moothall@consett.test
      sites: [consett]
      links: {link-consett-morpeth: 172.20.1.2, link-consett-durham-dc: 172.20.2.1}
    east:
      endpoint: unix:///run/east.sock
      sites: [durham-dc]
      links: {link-consett-durham-dc: 172.20.2.2}
"""


def plan(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `plan` with a mapping."""
    file = folder / "engines.yaml"
    file.write_text(text)
    command = [sys.executable, "-m", "moothall", "plan", "--root", str(PROJECT), "--partnership", NAME]
    command += ["--as-of", DAY.isoformat(), "--engines", str(file), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def refused(folder: Path, text: str) -> list[str]:
    """Return the first line of every finding about a mapping, without the folder of the file."""
    done = plan(folder, text)
    assert done.returncode == 3, (done.stdout, done.stderr)
    return re.findall(r"engines\.yaml:(\d+:\d+: error\[.*\]: .*)", done.stdout)


def test_a_sound_mapping_gives_a_plan(tmp_path: Path) -> None:
    """Three engines: each site's network towards others has a way out, and no link network is left."""
    done = plan(tmp_path, SOUND, "--format", "json")

    assert done.returncode == 0, done.stdout
    stacks = {stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}
    networks = {n["key"]: n for n in stacks[f"{NAME}.consett"]["networks"]}
    assert networks.keys() == {"crossing", "desk", "local"}
    assert not networks["crossing"]["internal"]
    assert networks["local"]["internal"]


WRONG = {
    "a site that is not there": (("[morpeth]", "[morpeht]"), "7:15: error[engine-site]: there is no site"),
    "a site of two engines": (("[morpeth]", "[morpeth, consett]"), 'error[engine-site]: "consett" is served by two'),
    "an endpoint of two": (("east.sock", "west.sock"), "error[engine-endpoint]: this endpoint stands here twice"),
    "plain tcp": (("unix:///run/east.sock", "tcp://e:2376"), "error[engine-endpoint]: plain tcp gives root"),
    "another scheme": (("unix:///run/east.sock", "http://e:2376"), "14:17: error[wrong-value]:"),
    "ssh as nobody": (("ssh://moothall@", "ssh://"), "10:17: error[wrong-value]:"),
    "certificates for nothing": (
        ("      sites: [durham-dc]", "      certificates: /etc\n      sites: [durham-dc]"),
        "15:21: error[engine-endpoint]: certificates are for tcp:// only",
    ),
    "a link that is none": (("link-consett-morpeth: 172.20.1.1", "link-a-b: 172.20.1.1"), "there is no link"),
    "a link of others": (
        (
            "{link-consett-morpeth: 172.20.1.1}",
            "{link-consett-morpeth: 172.20.1.1, link-consett-durham-dc: 172.20.9.1}",
        ),
        'error[engine-link]: "link-consett-durham-dc" does not leave this engine',
    ),
    "a link without an address": (
        ("      links: {link-consett-morpeth: 172.20.1.1}\n", ""),
        "5:5: error[engine-link]: link-consett-morpeth has no address here",
    ),
    "every address": (("172.20.1.1", "0.0.0.0"), "8:37: error[engine-link]: 0.0.0.0 is no address"),
    "a container's address": (("172.20.1.1", "10.99.1.1"), "8:37: error[engine-link]: 10.99.1.1 lies in the link"),
    "two ways that cannot be told apart": (
        ("link-consett-durham-dc: 172.20.2.2", "link-consett-durham-dc: 172.20.1.1"),
        "link-consett-durham-dc and link-consett-morpeth have the same address at their other end",
    ),
    "a stray key": (("sites: [morpeth]", "site: [morpeth]"), "error[unknown-key]"),
    "another kind": (("kind: Engines", "kind: Partnership"), "2:7: error[wrong-value]"),
    "a link from the local engine": (
        (
            "    east:\n      endpoint: unix:///run/east.sock\n      sites: [durham-dc]\n"
            "      links: {link-consett-durham-dc: 172.20.2.2}\n",
            "",
        ),
        "error[engine-link]: link-consett-durham-dc leaves the local engine",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_where_it_stands(wrong: str, tmp_path: Path) -> None:
    """Each mistake is a finding with its line and column, before anything is asked of an engine."""
    (before, after), finding = WRONG[wrong]
    assert before in SOUND

    found = refused(tmp_path, SOUND.replace(before, after))

    assert [line for line in found if finding in line], found


UNREACHABLE = {
    "a port that is no number": ("ssh://moothall@h.test:abc", "this is no port"),
    "a port beyond the last": ("ssh://moothall@h.test:99999", "this is no port"),
    "the port 0": ("ssh://moothall@h.test:0", "this is no port"),
    "a port that Python does not read": (f"ssh://moothall@h.test:{'9' * 5000}", "this is no port"),
    "no host": ("ssh://moothall@:22", "this is no host"),
    "an open bracket": ("ssh://moothall@[fe80::1", "this is no host"),
    "an IPv6 address without brackets": ("ssh://moothall@fe80::1", "this is no port"),
    "brackets around something else": ("ssh://moothall@[east]", "this is no host"),
    "a question": ("ssh://moothall@h.test?port=22", "something stands behind the host"),
    "a password": ("ssh://moothall:hunter2@h.test", "there is a password in the endpoint"),
    "an empty password": ("ssh://moothall:@h.test", "there is a password in the endpoint"),
    "tcp beyond the last port": ("tcp://h.test:65536", "this is no port"),
}


@pytest.mark.parametrize("wrong", UNREACHABLE)
def test_an_endpoint_that_cannot_be_reached_is_a_finding(wrong: str, tmp_path: Path) -> None:
    """Whatever stands there, it is told before anybody dials it."""
    endpoint, summary = UNREACHABLE[wrong]
    file = tmp_path / "engines.yaml"
    file.write_text(SOUND.replace("ssh://moothall@consett.test", f'"{endpoint}"'))

    found = load_engine_mapping(tmp_path, file, None).findings

    assert [(each.rule, each.primary.span.line) for each in found if each.summary == summary] == [
        ("engine-endpoint", 10)
    ]


def test_a_password_is_told_and_not_repeated(tmp_path: Path) -> None:
    """Not even as the line that the finding is about."""
    done = plan(tmp_path, SOUND.replace("ssh://moothall@", "ssh://moothall:hunter2@"))

    assert "10:17: error[engine-endpoint]: there is a password in the endpoint" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "endpoint",
    [
        "ssh://m@h.test:22",
        "ssh://m@[fe80::1]",
        "ssh://m@[fe80::1%25eth0]:2222",
        "ssh://m@10.1.2.3",
        "ssh://m@H_1",
        "unix:///a",
    ],
)
def test_an_endpoint_that_can_be_reached_is_none(endpoint: str) -> None:
    """Ports, addresses of both kinds, and names that only a machine's own table has."""
    assert problem(endpoint) is None


@pytest.mark.parametrize("endpoint", ["ssh://moothall@h.test:abc", "ssh://moothall@[fe80::1", "tcp://h.test:99999"])
def test_an_endpoint_that_is_none_does_not_answer(endpoint: str) -> None:
    """What an old state may hold is an engine that does not answer, not a bug."""
    with pytest.raises(DockerException, match="no endpoint"):
        open_client(Endpoint(endpoint, "/nowhere"))


def test_doctor_tells_an_endpoint_that_is_none(tmp_path: Path) -> None:
    """It is the verb that should say it."""
    file = tmp_path / "engines.yaml"
    file.write_text(SOUND.replace("ssh://moothall@consett.test", "ssh://moothall@consett.test:abc"))
    command = [sys.executable, "-m", "moothall", "doctor", "--root", str(PROJECT), "--engines", str(file)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == INVALID, (done.stdout, done.stderr)
    assert "error[engine-endpoint]: this is no port" in done.stdout


@pytest.mark.parametrize("missing", checks.FILES)
def test_tcp_needs_all_three_files(missing: str, tmp_path: Path) -> None:
    """A certificate without an authority to hold the other side to proves nothing; nor does one without its key."""
    for name in set(checks.FILES) - {missing}:
        (tmp_path / name).write_text("")
    tcp = f"tcp://east.test:2376\n      certificates: {tmp_path}"

    [found] = refused(tmp_path, SOUND.replace("unix:///run/east.sock", tcp))

    assert found == f"15:21: error[engine-endpoint]: {tmp_path} has no {missing}"


def test_two_receivers_at_one_door_are_refused_and_can_be_parted(tmp_path: Path) -> None:
    """A clash of ports names both receivers, and a port of one's choice mends it."""
    clash = "      ports: {gateway.durham.erp.morpeth: 20001, gateway.derwentside.crm.morpeth: 20001}\n"
    where = "      links: {link-consett-morpeth: 172.20.1.1}\n"

    found = refused(tmp_path, SOUND.replace(where, where + clash))
    mended = plan(tmp_path, SOUND.replace(where, where + clash.replace("20001}", "20002}")), "--format", "json")

    assert found == [
        "8:37: error[engine-port]: gateway.derwentside.crm.morpeth and gateway.durham.erp.morpeth have port 20001 of "
        "172.20.1.1"
    ]
    assert mended.returncode == 0
    assert '"external": 20002' in mended.stdout


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """That is no mapping by which everything is local."""
    command = [sys.executable, "-m", "moothall", "plan", "--root", str(PROJECT), "--partnership", NAME]

    done = subprocess.run([*command, "--engines", str(tmp_path / "none")], capture_output=True, text=True, check=False)

    assert done.returncode == 64
    assert "cannot be read" in done.stderr


def test_the_page_describes_every_finding() -> None:
    """Each finding that only this file can have stands on its page, with a wrong and a right way."""
    page = (PROJECT / "docs" / "engines.md").read_text()
    sections = dict(re.findall(r"(?ms)^### (\S+)\n(.*?)(?=^#|\Z)", page))

    assert set(sections) == set(checks.RULES)
    assert all(re.search(r"(?m)^- ", text) and re.search(r"(?m)^\+ ", text) for text in sections.values())


def test_the_schema_is_sound_and_closed() -> None:
    """It satisfies the metaschema, describes every key, and shares the names of the other schemas."""
    schema = json.loads((paths.SCHEMAS / "engines.schema.json").read_text())
    other = json.loads((paths.SCHEMAS / "partnership.schema.json").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["name"] == other["$defs"]["name"]
    for part in _objects(schema):
        assert part["additionalProperties"] is False
        assert all(value["description"].endswith(".") for value in part["properties"].values())


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a schema that lists its keys."""
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            yield part
        for value in part.values():
            yield from _objects(value)


LOADED: list[ValidationResult] = []


def compiled(engines: Engines | None) -> Plan:
    """Return the plan of Northumberland and Durham on some engines."""
    if not LOADED:
        LOADED.append(validate(PROJECT, DAY))
    [found] = compile_all(LOADED[0].definitions, DAY, NAME, engines)
    return found


ENDS = ("consett", "durham-dc", "morpeth")
LINKS = {"link-consett-morpeth": ("consett", "morpeth"), "link-consett-durham-dc": ("consett", "durham-dc")}


def grouped(groups: tuple[int, int, int]) -> Engines:
    """Return engines so that the sites of one number share one."""
    of = dict(zip(ENDS, groups, strict=True))
    named = []
    for number in sorted(set(groups)):
        sites = tuple(site for site in ENDS if of[site] == number)
        leaving = [
            name for name, ends in LINKS.items() if len({of[site] for site in ends}) == 2 and set(ends) & set(sites)
        ]
        links = {name: f"172.20.{sorted(LINKS).index(name)}.{number + 1}" for name in leaving}
        named.append(Engine(f"engine-{number}", Endpoint(f"unix:///run/{number}.sock"), sites, links, {}))
    return Engines(Endpoint("unix:///run/local.sock"), tuple(named))


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 2)] * 3))
def test_every_receiver_has_a_door_of_its_own_and_is_dialled_there(groups: tuple[int, int, int]) -> None:
    """However sites share engines: doors differ, and every address that a proxy dials is one that is published."""
    found = compiled(grouped(groups))
    doors = list(receivers(found))
    dialled = {
        (address, int(port))
        for stack in found.stacks
        for container in stack.containers
        for file in container.files
        for address, port in re.findall(r"server \S+ (172\.20\.\S+):(\d+)", file.text)
    }

    assert len({(address, port) for address, port, _ in doors}) == len({(a, p, name) for a, p, name in doors})
    assert dialled == {(address, port) for address, port, _ in doors}
    assert all(1024 < port < 32768 for _, port, _ in doors)


def test_sites_that_share_an_engine_are_as_without_a_mapping() -> None:
    """One engine for all, named or not: the same plan."""
    assert compiled(grouped((0, 0, 0))) == compiled(None)


def test_a_joining_council_changes_nobody_elses_port(tmp_path: Path) -> None:
    """The doors of everybody else are where they were."""
    engines = grouped((0, 1, 2))
    loaded = validate(PROJECT, DAY)
    [folder] = [f for f in loaded.definitions.folders if f.partnership.metadata.name == NAME]
    fewer = folder._replace(councils=tuple(c for c in folder.councils if c.metadata.name != "teesdale"))
    without = loaded.definitions._replace(folders=(fewer,))

    [before] = compile_all(without, DAY, NAME, engines)

    after = compiled(engines)
    new = {door for door in receivers(after) if ".teesdale." in door[2]}
    assert new
    assert set(receivers(after)) - new == set(receivers(before))
