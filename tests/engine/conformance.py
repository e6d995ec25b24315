"""The conformance suite: two Pulumi programs one after the other, and what the second does to the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lab import Declare, Words


@dataclass(frozen=True)
class Case:
    """`first` is stood up, then `then`; `changes` are the second run's steps, `keys` why something is replaced.

    `sample` names the recorded answer of the real engine that the case is held to, where there is one. `differs` says
    what the real engine does otherwise, on purpose of ours; `theirs` are its steps then, and `fails` is a part of what
    it says where it fails. The real plug-in is played by a stand-in: `by_guess` names the parts of it that the case
    stands on and that nobody has seen the real one do (words of `standin.GUESSES`). Without any, all of the case is
    fact: `test_conformance_real.py` does the same with the real plug-in.
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


def mounted(source: str, *, extra: bool = False, **options: Any) -> Declare:
    """A container with one of two volumes mounted, or with both; `options` are resource options."""

    def declare(w: Words) -> None:
        volumes = {name: w.volume(name) for name in ("one", "two")}
        mounts = w.mounted(volumes[source])
        more = w.mounted(volumes["two"], "/more") if extra else []
        w.container("app", w.pulumi.ResourceOptions(**options), mounts=[*mounts, *more])

    return declare


def with_ports(*inner: int) -> Declare:
    """A container whose ports are published on free ports of this machine."""
    return lambda w: w.container(
        "app", ports=[w.docker.ContainerPortArgs(internal=each, ip="127.0.0.1") for each in inner]
    )


def with_files(*names: str, permissions: str = "0440") -> Declare:
    """A container with these files."""
    return lambda w: w.container(
        "app",
        uploads=[w.docker.ContainerUploadArgs(file=f"/tmp/{name}", content="x", permissions=permissions) for name in names],
    )


def net_and_app(number: int, *, literal: bool = False) -> Declare:
    """A network and a container in it, named by resource or by a literal string."""

    def declare(w: Words) -> None:
        config = w.docker.NetworkIpamConfigArgs(subnet=w.subnet(number))
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


def chain(number: int) -> Declare:
    """A network, a container in it, one made from the first one's id, and one made from the second one's."""

    def declare(w: Words) -> None:
        network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=w.subnet(number))])
        first = w.container("first", networks_advanced=w.joined(network))
        second = w.container("second", envs=[w.pulumi.Output.concat("A=", first.id)])
        w.container("third", envs=[w.pulumi.Output.concat("B=", second.id)])
        w.container("fourth")

    return declare


def secret(text: str, *, marked: bool = True) -> Declare:
    """A container with a file whose content is secret, or is not marked so."""

    def declare(w: Words) -> None:
        content = w.pulumi.Output.secret(text) if marked else text
        file = w.docker.ContainerUploadArgs(file="/tmp/key", content=content)
        w.container("app", uploads=[file])

    return declare


def below(w: Words, name: str, opts: Any) -> Any:
    """An empty component."""
    return w.pulumi.ComponentResource("bench:index:Group", name, None, opts)


def nested(*, alias: bool = False) -> Declare:
    """A container inside two components; with `alias` it says that it stood on top before."""

    def declare(w: Words) -> None:
        outer = below(w, "outer", w.pulumi.ResourceOptions(providers={"docker": w.provider}))
        inner = below(w, "inner", w.pulumi.ResourceOptions(parent=outer))
        aliases = [w.pulumi.Alias(parent=w.pulumi.ROOT_STACK_RESOURCE)] if alias else None
        w.container("app", w.pulumi.ResourceOptions(parent=inner, aliases=aliases))

    return declare


def volume(**how: Any) -> Declare:
    """A volume with resource options."""
    return lambda w: w.volume("data", w.pulumi.ResourceOptions(**how))


def everything(*, later: bool) -> Declare:
    """One of each: a resource that stays, one that changes in place, one replaced, one that goes, one that comes."""

    def declare(w: Words) -> None:
        w.volume("stays")
        w.container("changes", memory=24 if later else 16, memory_swap=24 if later else 16)
        w.container("replaced", envs=["A=2" if later else "A=1"])
        w.network("comes" if later else "goes")
        w.pulumi.export("later", later)

    return declare


def on_provider(name: str) -> Declare:
    """A container on a provider of its own."""

    def declare(w: Words) -> None:
        provider = w.docker.Provider(name, host=w.provider.host)
        w.container("app", w.pulumi.ResourceOptions(provider=provider))

    return declare


def depending(*, late: bool) -> Declare:
    """Two containers; `late` lets the second depend on the first."""

    def declare(w: Words) -> None:
        first = w.container("first")
        w.container("second", w.pulumi.ResourceOptions(depends_on=[first]) if late else None)

    return declare


def mount_and_app(w: Words, **how: Any) -> None:
    """A container with a volume."""
    w.container("app", mounts=w.mounted(w.volume("extra"), **how))


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
    "a volume more": Case(mounted("one"), mounted("one", extra=True), {"app": "replace"}),
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
    "a file more": Case(with_files("a"), with_files("a", "b"), {"app": "replace"}),
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
