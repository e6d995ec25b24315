"""Conformance cases on the real engine: two programs one after the other, and what the second does to the first.

Each case also holds that preview says what up then does, and that a further run of the same program finds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from lab import Declare, Lab, Words, ops, step_of

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Case:
    """`first` is stood up, then `then`; `changes` are the second run's steps, `keys` why something is replaced."""

    first: Declare
    then: Declare
    changes: dict[str, str]
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    diff: dict[str, tuple[str, ...]] = field(default_factory=dict)


def app(**how: object) -> Declare:
    """A program of one container."""
    return lambda w: w.container("app", **how)


def labelled(w: Words, *extra: str) -> list[object]:
    """The owner's label and further ones."""
    form = w.docker.ContainerLabelArgs
    return [form(label="moothall.engine-test", value=w.owner), *(form(label=text, value="1") for text in extra)]


def health(w: Words, interval: str) -> object:
    """A health check that is always well."""
    return w.docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval=interval, retries=3)


def net_and_app(subnet: str, *, literal: bool = False) -> Declare:
    """A network and a container in it, named by resource or by a literal string."""

    def declare(w: Words) -> None:
        config = w.docker.NetworkIpamConfigArgs(subnet=subnet)
        network = w.network("net", ipam_configs=[config])
        w.container("app", networks_advanced=w.joined(w.name_of("net") if literal else network))

    return declare


def two_tiers(label: str) -> Declare:
    """A volume, a database on it, and an application whose environment is made from the database's id."""

    def declare(w: Words) -> None:
        volume = w.volume("data", driver_opts={"type": "tmpfs", "device": "tmpfs", "o": f"size={label}"})
        database = w.container("db", mounts=w.mounted(volume))
        w.container("web", envs=[database.id.apply(lambda id_: f"DB={id_}")])
        w.container("other", w.pulumi.ResourceOptions(depends_on=[database]))

    return declare


def in_component(group: str, alias: str | None = None) -> Declare:
    """A container inside a component of this name; `alias` is the name that the component had before."""

    def declare(w: Words) -> None:
        aliases = [w.pulumi.Alias(name=alias)] if alias else None
        options = w.pulumi.ResourceOptions(aliases=aliases, providers={"docker": w.provider})
        parent = w.pulumi.ComponentResource("bench:index:Group", group, None, options)
        w.container("app", w.pulumi.ResourceOptions(parent=parent))
        parent.register_outputs({"group": group})

    return declare


def option(**how: object) -> Declare:
    """A container with resource options; an `envs` among them is its environment."""
    envs = how.pop("envs")
    memory = how.pop("memory", 16)
    return lambda w: w.container("app", w.pulumi.ResourceOptions(**how), envs=envs, memory=memory, memory_swap=memory)


CASES = {
    "nothing changed": Case(app(), app(), {}),
    "a resource more": Case(app(), lambda w: (app()(w), w.volume("data")), {"data": "create"}),
    "a resource less": Case(lambda w: (app()(w), w.network("net")), app(), {"net": "delete"}),
    "everything goes, in order": Case(
        net_and_app("10.213.10.0/24"), lambda w: None, {"app": "delete", "net": "delete"}
    ),
    "a limit, in place": Case(
        app(memory=16, memory_swap=16),
        app(memory=24, memory_swap=24),
        {"app": "update"},
        diff={"app": ("memory", "memorySwap")},
    ),
    "restart policy, in place": Case(app(), app(restart="unless-stopped"), {"app": "update"}),
    "a limit taken away": Case(app(memory=16, memory_swap=16), app(), {"app": "replace"}),
    "environment": Case(app(envs=["A=1"]), app(envs=["A=2"]), {"app": "replace"}, {"app": ("envs",)}),
    "environment in another order": Case(app(envs=["A=1", "B=2"]), app(envs=["B=2", "A=1"]), {}),
    "labels in another order": Case(
        lambda w: w.container("app", labels=labelled(w, "a", "b")),
        lambda w: w.container("app", labels=labelled(w, "b", "a")),
        {},
    ),
    "a default written out": Case(app(), app(network_mode="bridge", restart="no", start=True, envs=[]), {}),
    "what upstream records and does not do": Case(
        lambda w: w.container("app", healthcheck=health(w, "5s")),
        lambda w: w.container("app", healthcheck=health(w, "7s")),
        {"app": "replace"},
        {"app": ("healthcheck.interval",)},
    ),
    "tmpfs": Case(app(tmpfs={"/run": "size=1m"}), app(tmpfs={"/run": "size=2m"}), {"app": "replace"}),
    "grace, only recorded": Case(app(), app(destroy_grace_seconds=3), {"app": "update"}),
    "a stand-by is woken": Case(app(must_run=False, start=False), app(must_run=True, start=True), {"app": "update"}),
    "and put to sleep again": Case(app(), app(must_run=False, start=False), {"app": "update"}),
    "network replaced under a container": Case(
        net_and_app("10.213.11.0/24"),
        net_and_app("10.213.12.0/24"),
        {"net": "replace", "app": "replace"},
        {"net": ("ipamConfigs",), "app": ("networksAdvanced",)},
    ),
    "network replaced, named by a literal": Case(
        net_and_app("10.213.11.0/24", literal=True),
        net_and_app("10.213.12.0/24", literal=True),
        {"net": "replace", "app": "replace"},
    ),
    "dependants go with what they are made from": Case(
        two_tiers("1m"), two_tiers("2m"), {"data": "replace", "db": "replace", "web": "replace"}
    ),
    "parent renamed without an alias": Case(
        in_component("old"), in_component("new"), {"old": "delete", "new": "create", "app": "replaced-urn"}
    ),
    "parent renamed with an alias": Case(in_component("old"), in_component("new", alias="old"), {}),
    "a resource renamed with an alias": Case(
        app(),
        lambda w: w.container(
            "web", w.pulumi.ResourceOptions(aliases=[w.pulumi.Alias(name="app")]), name=w.name_of("app")
        ),
        {},
    ),
    "ignoreChanges": Case(
        option(envs=["A=1"]), option(envs=["A=2"], memory=24, ignore_changes=["envs"]), {"app": "update"}
    ),
    "ignoreChanges of everything": Case(option(envs=["A=1"]), option(envs=["A=2"], ignore_changes=["*"]), {}),
    "replaceOnChanges": Case(
        option(envs=["A=1"]),
        option(envs=["A=1"], memory=24, replace_on_changes=["memory"]),
        {"app": "replace"},
        {"app": ("memory",)},
    ),
    "protection alone": Case(option(envs=[]), option(envs=[], protect=True), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, lab: Lab) -> None:
    """The second program makes the expected steps, as previewed, and then there is nothing left to do."""
    case = CASES[name]
    assert lab.up(case.first).status == "succeeded"

    foreseen = lab.preview(case.then)
    done = lab.up(case.then)

    assert done.status == "succeeded", done.failures
    expected = {key: op for key, op in case.changes.items() if op != "replaced-urn"}
    assert expected.items() <= ops(foreseen).items()
    assert sorted((s.urn, s.op) for s in foreseen.changes) == sorted((s.urn, s.op) for s in done.changes)
    if "replaced-urn" not in case.changes.values():
        assert ops(done) == expected
    for key, wanted in case.keys.items():
        assert step_of(foreseen, key).replace_keys == wanted
    for key, wanted in case.diff.items():
        assert step_of(foreseen, key).diff == wanted
    assert ops(lab.preview(case.then)) == {}
