"""The planned objects as pulumi-docker resources, in the property forms that keep a second preview empty."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from moothall.deploy import labels
from moothall.deploy.files import REPLACED
from moothall.deploy.labels import Owner
from moothall.model import filesname
from moothall.model.planned import JOB, Attachment, Container, Network, Volume

_LOG_OPTIONS = {"max-file": "2", "max-size": "2m"}
# Of names that its networks do not know a container asks nobody: no name of ours is told to a server outside, and the
# engine, which stops no container before its questions are answered, has none to wait for (Docker 20.10: up to 4 s).
_NOBODY = ["127.0.0.1"]
_RESOLVER_OPTIONS = ["attempts:1", "timeout:1"]  # an internal network's DNS does not answer for an absent name


def network(owner: Owner, planned: Network, options: pulumi.ResourceOptions) -> docker.Network:
    """Declare one network."""
    return docker.Network(
        planned.key,
        name=planned.name,
        driver="bridge",
        internal=planned.internal,
        ipam_configs=[
            docker.NetworkIpamConfigArgs(subnet=planned.subnet, gateway=planned.gateway, ip_range=planned.ip_range)
        ],
        options=dict(planned.options) or None,
        labels=labels.given(docker.NetworkLabelArgs, labels.of_stack(owner)),
        opts=options,
    )


def volume(owner: Owner, planned: Volume, options: pulumi.ResourceOptions) -> docker.Volume:
    """Declare one volume; data volumes are protected, and stay on the engine even when forgotten."""
    kept = pulumi.ResourceOptions(protect=planned.data, retain_on_delete=planned.data)
    return docker.Volume(
        planned.key,
        name=planned.name,
        driver="local",
        driver_opts=dict(planned.driver_opts) or None,
        labels=labels.given(docker.VolumeLabelArgs, labels.of_stack(owner)),
        opts=pulumi.ResourceOptions.merge(options, kept),
    )


def container(
    owner: Owner,
    planned: Container,
    files: docker.Volume | None,
    networks: Mapping[str, docker.Network],
    volumes: Mapping[str, docker.Volume],
    options: pulumi.ResourceOptions,
) -> docker.Container:
    """Declare one container; `files` is the volume with its files."""
    return docker.Container(
        planned.key,
        name=planned.name,
        image=planned.image,
        user=planned.user,
        command=list(planned.command),
        envs=[f"{key}={value}" for key, value in sorted(planned.environment.items())],
        network_mode="bridge",
        networks_advanced=[_attachment(place, networks) for place in planned.networks],
        mounts=[
            *(_mount(volumes[mount.volume], mount.path, read_only=mount.read_only) for mount in planned.mounts),
            *([_mount(files, filesname.FOLDER, read_only=True)] if files else []),
        ],
        tmpfs=dict(planned.tmpfs) or None,
        ports=[
            docker.ContainerPortArgs(internal=port.internal, external=port.external, ip=port.address, protocol="tcp")
            for port in planned.ports
        ]
        or None,
        labels=labels.given(docker.ContainerLabelArgs, labels.of_container(owner, planned)),
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        memory=planned.memory_mb,
        memory_swap=planned.memory_mb,
        shm_size=planned.shm_mb,
        ulimits=[docker.ContainerUlimitArgs(name="nofile", soft=4096, hard=4096)],
        log_driver="json-file",
        log_opts=_LOG_OPTIONS,
        dns=_NOBODY,
        dns_opts=_RESOLVER_OPTIONS,
        healthcheck=_health(planned),
        stop_signal=planned.stop_signal,
        stop_timeout=planned.stop_seconds,
        destroy_grace_seconds=planned.stop_seconds,
        restart=planned.restart,
        must_run=planned.kind != JOB,
        start=True,
        attach=planned.kind == JOB,
        logs=False,
        opts=pulumi.ResourceOptions.merge(options, REPLACED),
    )


def _attachment(place: Attachment, networks: Mapping[str, docker.Network]) -> docker.ContainerNetworksAdvancedArgs:
    return docker.ContainerNetworksAdvancedArgs(
        name=networks[place.own].name if place.own else place.network,
        aliases=list(place.aliases) or None,
        ipv4_address=place.address,
    )


def _mount(volume: docker.Volume, path: str, *, read_only: bool) -> docker.ContainerMountArgs:
    return docker.ContainerMountArgs(type="volume", source=volume.name, target=path, read_only=read_only)


def _health(planned: Container) -> docker.ContainerHealthcheckArgs | None:
    if planned.health is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=list(planned.health.command),
        interval=planned.health.interval,
        timeout="5s",
        start_period=planned.health.start_period,
        retries=3,
    )
