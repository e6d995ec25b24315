"""The conformance suite: two Pulumi programs one after the other, and what the second does to the first."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.pulumi_engine.conformance_programs import (
    app,
    chain,
    depending,
    everything,
    health,
    in_component,
    labelled,
    mount_and_app,
    mounted,
    nested,
    net_and_app,
    on_provider,
    option,
    secret,
    two_tiers,
    volume,
    with_files,
    with_ports,
)
from tests.pulumi_engine.lab import Declare


@dataclass(frozen=True)
class Case:
    """`first` is stood up, then `then`; `changes` are the second run's steps, `keys` why something is replaced.

    `sample` names the recorded answer of the real engine that the case is held to, where there is one. `differs` says
    what the real engine does otherwise, on purpose of ours; `theirs` are its steps then, and `fails` is a part of what
    it says where it fails.

    The real plug-in is played by a stand-in. `by_guess` states what of that is guess (words of `standin.GUESSES`), and
    all the rest is fact; without any, all of the case is. The stand-in notes what it guesses, and a case that states
    something else fails; `test_conformance_real.py` does every case with the real plug-in.
    """

    first: Declare
    then: Declare
    changes: dict[str, str]
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    diff: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sample: str = ""
    differs: str = ""
    theirs: dict[str, str] | None = None
    fails: str = ""
    by_guess: tuple[str, ...] = ()


ONLY_RECORDED = "the real plug-in records the change, and leaves the container as it was"
KEPT_WHEN_SILENT = "of what a program no longer says the real plug-in keeps what the engine had"
NEW_ONE_FIRST = "only its own replacements go first with the real plug-in; here the new one meets the old one's name"
CASES = {
    "nothing changed": Case(app(), app(), {}, sample="preview-same.json"),
    "a resource more": Case(app(), lambda w: (app()(w), w.volume("data")), {"data": "create"}),
    "a resource less": Case(lambda w: (app()(w), w.network("net")), app(), {"net": "delete"}),
    "everything goes, in order": Case(net_and_app(1), lambda w: None, {"app": "delete", "net": "delete"}),
    "a limit, in place": Case(
        app(memory=16, memory_swap=16),
        app(memory=24, memory_swap=24),
        {"app": "update"},
        diff={"app": ("memory", "memorySwap")},
        sample="preview-update.json",
    ),
    "restart policy, in place": Case(app(), app(restart="unless-stopped"), {"app": "update"}),
    "a limit taken away": Case(
        app(memory=16, memory_swap=16),
        app(),
        {"app": "replace"},
        differs="the real plug-in records that there is none, and Docker keeps it: an update call cannot lift a limit",
        theirs={"app": "update"},
    ),
    "environment": Case(
        app(envs=["A=1"]), app(envs=["A=2"]), {"app": "replace"}, {"app": ("envs",)}, sample="preview-replace.json"
    ),
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
        differs=ONLY_RECORDED,
        theirs={"app": "update"},
    ),
    "tmpfs": Case(
        app(tmpfs={"/run": "size=1m"}),
        app(tmpfs={"/run": "size=2m"}),
        {"app": "replace"},
        differs=ONLY_RECORDED,
        theirs={"app": "update"},
    ),
    "init": Case(app(), app(init=True), {"app": "replace"}, differs=ONLY_RECORDED, theirs={"app": "update"}),
    "another volume at the same place": Case(
        mounted("one"), mounted("two"), {"app": "replace"}, differs=ONLY_RECORDED, theirs={"app": "update"}
    ),
    "another volume, as our programs have it": Case(
        mounted("one"),
        mounted("two", replace_on_changes=["mounts"], delete_before_replace=True),
        {"app": "replace"},
    ),
    "a volume more": Case(mounted("one"), mounted("one", extra=True), {"app": "replace"}, by_guess=("order",)),
    "a health check taken away": Case(
        lambda w: w.container("app", healthcheck=health(w, "5s")),
        app(),
        {"app": "replace"},
        differs=KEPT_WHEN_SILENT,
        theirs={},
    ),
    "a host name taken away": Case(
        app(hostname="host"), app(), {"app": "replace"}, differs=KEPT_WHEN_SILENT, theirs={}
    ),
    "a user taken away": Case(app(user="1000"), app(), {"app": "replace"}, differs=KEPT_WHEN_SILENT, theirs={}),
    "an environment taken away": Case(
        app(envs=["A=1"]), app(), {"app": "replace"}, differs=KEPT_WHEN_SILENT, theirs={}
    ),
    "ports in another order": Case(with_ports(80, 81), with_ports(81, 80), {}),
    "another port": Case(with_ports(80), with_ports(81), {"app": "replace"}),
    "files in another order": Case(with_files("a", "b"), with_files("b", "a"), {}),
    "a file more": Case(with_files("a"), with_files("a", "b"), {"app": "replace"}, by_guess=("order",)),
    "a file's mode": Case(with_files("a"), with_files("a", permissions="0400"), {"app": "replace"}),
    "what says nothing, said": Case(
        lambda w: (w.network("net"), w.volume("one"), mount_and_app(w)),
        lambda w: (
            w.network("net", driver="bridge", internal=False, attachable=False),
            w.volume("one", driver="local"),
            mount_and_app(w, read_only=False),
        ),
        {},
    ),
    "grace, only recorded": Case(app(), app(destroy_grace_seconds=3), {"app": "update"}),
    "a stand-by is woken": Case(app(must_run=False, start=False), app(must_run=True, start=True), {"app": "update"}),
    "and put to sleep again": Case(
        app(),
        app(must_run=False, start=False),
        {"app": "update"},
        differs="the real plug-in records it, and stops nothing",
        theirs={"app": "update"},
    ),
    "network replaced under a container": Case(
        net_and_app(1),
        net_and_app(2),
        {"net": "replace", "app": "replace"},
        {"net": ("ipamConfigs",), "app": ("networksAdvanced",)},
    ),
    "network replaced, named by a literal": Case(
        net_and_app(1, literal=True),
        net_and_app(2, literal=True),
        {"net": "replace", "app": "replace"},
        differs="the real engine does not see that a literal names the network, and fails when it removes it in use",
        theirs={},
        fails="timeout while waiting for state to become 'removed' (last state: 'pending'",
    ),
    "dependants go with what they are made from": Case(
        two_tiers("1m"), two_tiers("2m"), {"data": "replace", "db": "replace", "web": "replace"}
    ),
    "parent renamed without an alias": Case(
        in_component("old"), in_component("new"), {"old": "delete", "new": "create"}
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
        differs=NEW_ONE_FIRST,
        theirs={},
        fails="is already in use by container",
    ),
    "replaceOnChanges of everything": Case(
        option(envs=[]),
        option(envs=[], memory=24, replace_on_changes=["*"]),
        {"app": "replace"},
        differs=NEW_ONE_FIRST,
        theirs={},
        fails="is already in use by container",
    ),
    "replaceOnChanges, and the old one first": Case(
        option(envs=[]),
        option(envs=[], memory=24, replace_on_changes=["memory"], delete_before_replace=True),
        {"app": "replace"},
        {"app": ("memory",)},
    ),
    "ignoreChanges of one member": Case(
        lambda w: w.container("app", healthcheck=health(w, "5s")),
        lambda w: w.container(
            "app", w.pulumi.ResourceOptions(ignore_changes=["healthcheck.interval"]), healthcheck=health(w, "7s")
        ),
        {},
    ),
    "deleteBeforeReplace, said out loud": Case(
        option(envs=["A=1"]), option(envs=["A=2"], delete_before_replace=True), {"app": "replace"}
    ),
    "a chain of replacements": Case(
        chain(1),
        chain(2),
        {"net": "replace", "first": "replace", "second": "replace", "third": "replace"},
        {"third": ("envs",)},
    ),
    "one of each kind": Case(
        everything(later=False),
        everything(later=True),
        {"changes": "update", "replaced": "replace", "goes": "delete", "comes": "create"},
    ),
    "a secret changed": Case(secret("one-secret"), secret("another-secret"), {"app": "replace"}),
    "the same text, now secret": Case(secret("a-text", marked=False), secret("a-text"), {}),
    "the same secret": Case(secret("a-text"), secret("a-text"), {}),
    "an output more is secret": Case(option(envs=[]), option(envs=[], additional_secret_outputs=["image"]), {}),
    "a retained volume is forgotten": Case(volume(retain_on_delete=True), lambda w: None, {"data": "delete"}),
    "retention alone": Case(volume(), volume(retain_on_delete=True), {}),
    "a component goes with what is in it": Case(
        nested(), lambda w: None, {"outer": "delete", "inner": "delete", "app": "delete"}
    ),
    "moved into a component with an alias": Case(app(), nested(alias=True), {"outer": "create", "inner": "create"}),
    "a dependency alone": Case(depending(late=False), depending(late=True), {}),
    "another provider for the same engine": Case(
        on_provider("one"), on_provider("two"), {"one": "delete", "two": "create"}
    ),
    "protection alone": Case(option(envs=[]), option(envs=[], protect=True), {}),
}
