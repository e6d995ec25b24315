"""The planned objects as pulumi-docker resources, in the property forms that keep a second preview empty."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from moothall.deploy import labels
from moothall.deploy.files import REPLACE_ON_CHANGES
from moothall.deploy.labels import Owner
from moothall.model import filesname
from moothall.model.planned import JOB, Attachment, Container, Network, Volume

_LOG_OPTIONS = {"max-file": "2", "max-size": "2m"}
# Of names that its networks do not know a container asks nobody: no name of ours is told to a server outside, and the
# engine, which stops no container before its questions are answered, has none to wait for (Docker 20.10: up to 4 s).
_NO_DNS_SERVER = ["127.0.0.1"]
_RESOLVER_OPTIONS = ["attempts:1", "timeout:1"]  # an internal network's DNS does not answer for an absent name


def network(owner: Owner, spec: Network, options: pulumi.ResourceOptions) -> docker.Network:
    """Declare one network."""
    return docker.Network(
        spec.key,
        name=spec.name,
        driver="bridge",
        internal=spec.internal,
        ipam_configs=[docker.NetworkIpamConfigArgs(subnet=spec.subnet, gateway=spec.gateway, ip_range=spec.ip_range)],
        options=dict(spec.options) or None,
        labels=labels.label_args(docker.NetworkLabelArgs, labels.of_stack(owner)),
        opts=options,
    )


def volume(owner: Owner, spec: Volume, options: pulumi.ResourceOptions) -> docker.Volume:
    """Declare one volume; data volumes are protected, and stay on the engine even when forgotten."""
    protection = pulumi.ResourceOptions(protect=spec.data, retain_on_delete=spec.data)
    return docker.Volume(
        spec.key,
        name=spec.name,
        driver="local",
        driver_opts=dict(spec.driver_opts) or None,
        labels=labels.label_args(docker.VolumeLabelArgs, labels.of_stack(owner)),
        opts=pulumi.ResourceOptions.merge(options, protection),
    )


def container(
    owner: Owner,
    spec: Container,
    files: docker.Volume | None,
    networks: Mapping[str, docker.Network],
    volumes: Mapping[str, docker.Volume],
    options: pulumi.ResourceOptions,
) -> docker.Container:
    """Declare one container; `files` is the volume with its files."""
    return docker.Container(
        spec.key,
        name=spec.name,
        image=spec.image,
        user=spec.user,
        command=list(spec.command),
        envs=[f"{key}={value}" for key, value in sorted(spec.environment.items())],
        network_mode="bridge",
        networks_advanced=[_attachment(place, networks) for place in spec.networks],
        mounts=[
            *(_mount(volumes[mount.volume], mount.path, read_only=mount.read_only) for mount in spec.mounts),
            *([_mount(files, filesname.FOLDER, read_only=True)] if files else []),
        ],
        tmpfs=dict(spec.tmpfs) or None,
        ports=[
            docker.ContainerPortArgs(internal=port.internal, external=port.external, ip=port.address, protocol="tcp")
            for port in spec.ports
        ]
        or None,
        labels=labels.label_args(docker.ContainerLabelArgs, labels.of_container(owner, spec)),
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        memory=spec.memory_mb,
        memory_swap=spec.memory_mb,
        cpu_shares=spec.cpu_shares,
        shm_size=spec.shm_mb,
        ulimits=[docker.ContainerUlimitArgs(name="nofile", soft=4096, hard=4096)],
        log_driver="json-file",
        log_opts=_LOG_OPTIONS,
        dns=_NO_DNS_SERVER,
        dns_opts=_RESOLVER_OPTIONS,
        healthcheck=_health(spec),
        stop_signal=spec.stop_signal,
        stop_timeout=spec.stop_seconds,
        destroy_grace_seconds=spec.stop_seconds,
        restart=spec.restart,
        must_run=spec.kind != JOB,
        start=True,
        attach=spec.kind == JOB,
        logs=False,
        opts=pulumi.ResourceOptions.merge(options, REPLACE_ON_CHANGES),
    )


def _attachment(place: Attachment, networks: Mapping[str, docker.Network]) -> docker.ContainerNetworksAdvancedArgs:
    return docker.ContainerNetworksAdvancedArgs(
        name=networks[place.own].name if place.own else place.network,
        aliases=list(place.aliases) or None,
        ipv4_address=place.address,
    )


def _mount(volume: docker.Volume, path: str, *, read_only: bool) -> docker.ContainerMountArgs:
    return docker.ContainerMountArgs(type="volume", source=volume.name, target=path, read_only=read_only)


def _health(spec: Container) -> docker.ContainerHealthcheckArgs | None:
    if spec.health is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=list(spec.health.command),
        interval=spec.health.interval,
        timeout="5s",
        start_period=spec.health.start_period,
        retries=3,
    )
