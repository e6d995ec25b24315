"""The programs of the conformance suite."""

from __future__ import annotations

from typing import Any

from tests.pulumi_engine.lab import Declare, Words


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
        uploads=[
            w.docker.ContainerUploadArgs(file=f"/tmp/{name}", content="x", permissions=permissions) for name in names
        ],
    )


def net_and_app(number: int, *, literal: bool = False) -> Declare:
    """A network and a container in it, named by resource or by a literal string and then after it."""

    def declare(w: Words) -> None:
        config = w.docker.NetworkIpamConfigArgs(subnet=w.subnet(number))
        network = w.network("net", ipam_configs=[config])
        after = w.pulumi.ResourceOptions(depends_on=[network]) if literal else None
        w.container("app", after, networks_advanced=w.joined(w.name_of("net") if literal else network))

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
