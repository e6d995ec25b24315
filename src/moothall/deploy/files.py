"""The files of a container: a volume that it mounts read-only, and an uploader that puts them there.

An engine refuses an upload to a container whose root is read-only, so the files come in through another one that is
created and never started (docs/decisions/0026). The volume is named after what is in it: other files are another
volume, and what runs keeps its own until it is replaced. Certificates are not part of that name: they change in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from moothall.deploy import labels
from moothall.deploy.labels import Owner
from moothall.model import filesname
from moothall.model.planned import Container

REPLACE_ON_CHANGES = pulumi.ResourceOptions(replace_on_changes=["healthcheck", "init", "mounts", "tmpfs"])
"""For every container: of a change of these properties Pulumi's provider takes note without making it."""
Texts = Sequence[tuple[str, str]]
"""Paths and filled-in texts."""


@dataclass(frozen=True)
class Files:
    """The two objects that hold a container's files."""

    volume: docker.Volume
    uploader: docker.Container


def declare(owner: Owner, spec: Container, texts: Texts, rotated_at: int, options: pulumi.ResourceOptions) -> Files:
    """Declare the volume and its uploader; `rotated_at` is the last change of the keyring that the texts follow."""
    digest = _digest(spec, texts)
    volume = docker.Volume(
        filesname.volume(spec.key, digest),
        name=filesname.volume(spec.name, digest),
        driver="local",
        labels=labels.label_args(docker.VolumeLabelArgs, labels.of_stack(owner)),
        opts=options,
    )
    return Files(volume, _uploader(owner, spec, texts, volume, rotated_at, options))


def _uploader(
    owner: Owner,
    spec: Container,
    texts: Texts,
    volume: docker.Volume,
    rotated_at: int,
    options: pulumi.ResourceOptions,
) -> docker.Container:
    uploads = [docker.ContainerUploadArgs(file=path, content=text, permissions="0440") for path, text in texts]
    secret = any(file.secret for file in spec.files)
    return docker.Container(
        filesname.uploader(spec.key),
        name=filesname.uploader(spec.name),
        image=spec.image,
        command=["/bin/true"],
        network_mode="none",
        mounts=[docker.ContainerMountArgs(type="volume", source=volume.name, target=filesname.FOLDER)],
        uploads=pulumi.Output.secret(uploads) if secret else uploads,
        labels=labels.label_args(docker.ContainerLabelArgs, labels.of_uploader(owner, spec, rotated_at)),
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        memory=8,
        memory_swap=8,
        restart="no",
        must_run=False,
        start=False,
        logs=False,
        opts=pulumi.ResourceOptions.merge(options, REPLACE_ON_CHANGES),
    )


def _digest(spec: Container, texts: Texts) -> str:
    """Return what tells these files from others, but for those that change in place.

    It tells nobody anything: each secret in them has more than a hundred bits of the vault's.
    """
    unchanging_texts = [(path, text) for path, text in texts if path not in spec.leaf_files]
    return hashlib.sha256(repr(unchanging_texts).encode()).hexdigest()[: filesname.DIGITS]
