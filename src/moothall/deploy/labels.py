"""The labels by which everything that stands is found again; volumes and networks carry none that may change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from moothall.model.planned import Container
from moothall.pulumi_engine.steps.reload_in_place import LABEL as REFRESH

OWNER = "moothall.owner"
PARTNERSHIP = "moothall.partnership"
NETWORKS = "moothall.networks"
"""On a container: how the networks of other stacks on which it stands are made."""
KEYRING = "moothall.keyring"
"""On an uploader: the change of the keyring that those of its files follow which are not exchanged in place."""
UPLOADER = "uploader"


LabelArgs = TypeVar("LabelArgs")


@dataclass(frozen=True)
class Owner:
    """Whose the objects are: the partnership, the stack, and the id of the key they are stood up with."""

    partnership: str
    stack: str
    key_id: str


def owner(stack: str, key_id: str) -> str:
    """Return the value of the owner label: the stack, and the key of the state that it was stood up from."""
    return f"{stack}@{key_id}"


def of_stack(stack_owner: Owner) -> dict[str, str]:
    """Return the labels of everything in a stack."""
    return {PARTNERSHIP: stack_owner.partnership, OWNER: owner(stack_owner.stack, stack_owner.key_id)}


def of_container(stack_owner: Owner, container: Container) -> dict[str, str]:
    """Return the labels of a container: whose it is and what it does."""
    labels = of_stack(stack_owner) | _parts(container, container.role)
    if network_digests := [place.made for place in container.networks if place.made]:
        labels[NETWORKS] = " ".join(sorted(network_digests))
    return labels


def of_uploader(stack_owner: Owner, container: Container, rotated_at: int) -> dict[str, str]:
    """Return the labels of the uploader of a container's files: also which of them the container takes in place.

    Where the files follow an exchange of keys, it says which change of the keyring that was, for who has an older one.
    """
    labels = of_stack(stack_owner) | _parts(container, UPLOADER)
    if container.leaf_files:
        refresh = {"command": container.renew, "container": container.name, "files": container.leaf_files}
        labels[REFRESH] = json.dumps(refresh, sort_keys=True)
    if rotated_at:
        labels[KEYRING] = str(rotated_at)
    return labels


def label_args(argument: Callable[..., LabelArgs], labels: Mapping[str, str]) -> list[LabelArgs]:
    """Return labels as arguments of a resource, each made by `argument`, sorted by key."""
    return [argument(label=key, value=value) for key, value in sorted(labels.items())]


def _parts(container: Container, role: str) -> dict[str, str]:
    parts = {"council": container.council, "instance": container.instance, "role": role}
    return {f"moothall.{part}": value for part, value in parts.items() if value}
