"""The Pulumi program of one stack: an explicit provider for its site, and components that hold its objects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pulumi
import pulumi_docker as docker

from moothall.deploy import files, resources
from moothall.deploy.labels import Owner
from moothall.deploy.render_secrets import fill, rotated_at
from moothall.model.dedicated import used_instance
from moothall.model.engines import Endpoint
from moothall.model.planned import Container, Plan, Stack
from moothall.ports import Vault

_MAX_PENDING = 25
"""Objects that are declared before an answer is waited for: each takes a quarter of a megabyte until then."""


class Unit(pulumi.ComponentResource):
    """What one stack holds: a site, an instance on a site, or a council on a site."""

    def __init__(self, stack: Stack, provider: docker.Provider) -> None:
        options = pulumi.ResourceOptions(providers={"docker": provider})
        super().__init__(f"moothall:units:{stack.kind.capitalize()}", stack.unit, None, options)
        self.register_outputs({})


class Tenant(pulumi.ComponentResource):
    """One council's part in one instance, on one site."""

    def __init__(self, instance: str, unit: Unit) -> None:
        super().__init__("moothall:units:Tenant", instance, None, pulumi.ResourceOptions(parent=unit))
        self.register_outputs({})


def program(
    plan: Plan, stack: Stack, vault: Vault, key_id: str, host: Endpoint, digest: str
) -> Callable[[], Awaitable[None]]:
    """Return the Pulumi program that declares the stack on the container engine at `host`.

    `key_id` is the public id of the vault's key. `digest` stands for all that decides the stack; it is exported as
    `plan`, so that anyone with the state can tell what it was made from.
    """

    async def declare() -> None:
        provider = docker.Provider("engine", host=host.host, cert_path=host.certificates or None, ssh_opts=_ssh(host))
        unit = Unit(stack, provider)
        owner = Owner(plan.partnership, stack.name, key_id)
        await _Objects(plan, stack, vault, owner, provider, unit).declare()
        pulumi.export("plan", digest)

    return declare


def _ssh(host: Endpoint) -> list[str] | None:
    """Return what Pulumi's plug-in has to be told: the key of a host over ssh must be known."""
    return ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"] if host.host.startswith("ssh://") else None


class _Objects:
    """The objects of one stack, declared in the order of their needs."""

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        vault: Vault,
        owner: Owner,
        provider: docker.Provider,
        unit: Unit,
    ) -> None:
        self.stack = stack
        self.owner = owner
        self.vault = vault
        self.provider = provider
        self.unit = unit
        self.leaves = plan.leaves
        self.tenants: dict[str, Tenant] = {}
        self.networks: dict[str, docker.Network] = {}
        self.volumes: dict[str, docker.Volume] = {}
        self.containers: dict[str, docker.Container] = {}
        self._declared_count = 0

    async def declare(self) -> None:
        """Declare everything, and wait for answers now and then."""
        options = self._options(self.unit)
        for network in self.stack.networks:
            self.networks[network.key] = network_resource = resources.network(self.owner, network, options)
            await self._wait_periodically(network_resource)
        for volume in self.stack.volumes:
            self.volumes[volume.key] = volume_resource = resources.volume(self.owner, volume, options)
            await self._wait_periodically(volume_resource)
        for container in _by_need(self.stack.containers):
            self.containers[container.key] = container_resource = await self._container(container)
            await self._wait_periodically(container_resource)

    async def _wait_periodically(self, resource: pulumi.CustomResource) -> None:
        self._declared_count += 1
        if self._declared_count % _MAX_PENDING == 0:
            await resource.id.future()

    async def _container(self, container: Container) -> docker.Container:
        options = self._options(self._parent(container))
        needs: list[pulumi.Resource] = [self.containers[key] for key in container.needs]
        own = self._files(container, options)
        if own:
            await self._wait_periodically(own.volume)
            await self._wait_periodically(own.uploader)
            needs.append(own.uploader)
        options = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=needs))
        return resources.container(
            self.owner, container, own.volume if own else None, self.networks, self.volumes, options
        )

    def _files(self, container: Container, options: pulumi.ResourceOptions) -> files.Files | None:
        if not container.files:
            return None
        texts = [(file.path, fill(file.text, self.vault, self.leaves)) for file in container.files]
        return files.declare(self.owner, container, texts, rotated_at(container, self.vault), options)

    def _parent(self, container: Container) -> pulumi.Resource:
        if container.council is None or container.instance is None:
            return self.unit
        used = used_instance(container.instance)
        if used not in self.tenants:
            self.tenants[used] = Tenant(used, self.unit)
        return self.tenants[used]

    def _options(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        # The names are fixed: whatever is recreated, also what is tainted, must be gone first.
        return pulumi.ResourceOptions(parent=parent, provider=self.provider, delete_before_replace=True)


def _by_need(containers: tuple[Container, ...]) -> list[Container]:
    """Return the containers so that each comes after what it needs."""
    ordered_containers: list[Container] = []
    remaining = list(containers)
    while remaining:
        ordered_keys = {container.key for container in ordered_containers}
        ready = [container for container in remaining if ordered_keys.issuperset(container.needs)]
        if not ready:
            raise ValueError(f"containers of a stack need each other: {[c.key for c in remaining]}")
        ordered_containers += ready
        remaining = [container for container in remaining if container not in ready]
    return ordered_containers
