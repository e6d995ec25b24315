"""The resources that a stack declares: its objects, and the components and the provider that hold them.

The same URNs as those of the Pulumi program in `deploy`, so that a review and a preview speak of the same things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moothall.model.dedicated import used_instance
from moothall.model.planned import Container, Stack
from moothall.review.properties import CertificateInputs, Properties, of_container, of_network, of_volume
from moothall.source import Span

PROJECT = "moothall"
CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"

_STACK = "pulumi:pulumi:Stack"
_PROVIDER = "pulumi:providers:docker"
_TENANT = "moothall:units:Tenant"


@dataclass(frozen=True)
class DeclaredResource:
    """One resource. `physical` is its name on the engine, empty for components and the provider.

    `data` marks a volume that is protected, `is_holder` a parent of all objects of a stack. `dependencies` maps the
    networks and volumes of the same stack that a container names to the property that names them; `networks` are all
    that it is on.
    """

    urn: str
    type: str
    name: str
    council: str | None
    physical: str = ""
    properties: Properties = field(default_factory=dict)
    data: bool = False
    is_holder: bool = False
    instance: str | None = None
    dependencies: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    declared_at: Span | None = None


def declare(stack: Stack, certificates: CertificateInputs) -> dict[str, DeclaredResource]:
    """Return the resources of a stack by URN, each after what it needs."""
    resources = [
        *_logical(stack),
        *_objects(stack),
        *(_container(stack, each, certificates) for each in stack.containers),
    ]
    return {resource.urn: resource for resource in resources}


def _logical(stack: Stack) -> Iterator[DeclaredResource]:
    unit = _unit_type(stack)
    for type_, name in ((_STACK, f"{PROJECT}-{stack.name}"), (_PROVIDER, "engine"), (unit, stack.unit)):
        yield DeclaredResource(_urn(stack, type_, name), type_, name, stack.council, is_holder=True)
    for instance in sorted({used_instance(c.instance) for c in stack.containers if c.council and c.instance}):
        yield DeclaredResource(_urn(stack, f"{unit}${_TENANT}", instance), _TENANT, instance, stack.council)


def _objects(stack: Stack) -> Iterator[DeclaredResource]:
    chain = _unit_type(stack)
    for network in stack.networks:
        urn = _urn(stack, f"{chain}${NETWORK}", network.key)
        properties = of_network(network)
        yield DeclaredResource(
            urn, NETWORK, network.key, stack.council, network.name, properties, declared_at=network.declared_at
        )
    for volume in stack.volumes:
        urn = _urn(stack, f"{chain}${VOLUME}", volume.key)
        properties = of_volume(volume)
        yield DeclaredResource(
            urn, VOLUME, volume.key, stack.council, volume.name, properties, volume.data, declared_at=volume.declared_at
        )


def _container(stack: Stack, container: Container, certificates: CertificateInputs) -> DeclaredResource:
    chain = f"{_unit_type(stack)}${_TENANT}" if container.council and container.instance else _unit_type(stack)
    volumes = {volume.key: volume.name for volume in stack.volumes}
    networks = {place.network: "networksAdvanced" for place in container.networks if place.own}
    return DeclaredResource(
        urn=_urn(stack, f"{chain}${CONTAINER}", container.key),
        type=CONTAINER,
        name=container.key,
        council=container.council,
        physical=container.name,
        properties=of_container(container, certificates),
        instance=container.instance,
        dependencies=networks | {volumes[mount.volume]: "mounts" for mount in container.mounts},
        networks=tuple(place.network for place in container.networks),
        declared_at=container.declared_at,
    )


def _unit_type(stack: Stack) -> str:
    return f"moothall:units:{stack.kind.capitalize()}"


def _urn(stack: Stack, chain: str, name: str) -> str:
    return f"urn:pulumi:{stack.name}::{PROJECT}::{chain}::{name}"
