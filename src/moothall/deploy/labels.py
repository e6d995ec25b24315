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
UPLOADER = "uploader"


Made = TypeVar("Made")


@dataclass(frozen=True)
class Owner:
    """Whose the objects are: the partnership, the stack, and the id of the key they are stood up with."""

    partnership: str
    stack: str
    key_id: str


def owner(stack: str, key_id: str) -> str:
    """Return the value of the owner label: the stack, and the key of the state that it was stood up from."""
    return f"{stack}@{key_id}"


def of_stack(whose: Owner) -> dict[str, str]:
    """Return the labels of everything in a stack."""
    return {PARTNERSHIP: whose.partnership, OWNER: owner(whose.stack, whose.key_id)}


def of_container(whose: Owner, container: Container) -> dict[str, str]:
    """Return the labels of a container: whose it is and what it does."""
    labels = of_stack(whose) | _parts(container, container.role)
    if others := [place.made for place in container.networks if place.made]:
        labels[NETWORKS] = " ".join(sorted(others))
    return labels


def of_uploader(whose: Owner, container: Container) -> dict[str, str]:
    """Return the labels of the uploader of a container's files: also which of them the container takes in place."""
    labels = of_stack(whose) | _parts(container, UPLOADER)
    if container.leaf_files:
        taken = {"command": container.renew, "container": container.name, "files": container.leaf_files}
        labels[REFRESH] = json.dumps(taken, sort_keys=True)
    return labels


def given(argument: Callable[..., Made], labels: Mapping[str, str]) -> list[Made]:
    """Return labels as the `argument` of a resource, in an order that is always the same."""
    return [argument(label=key, value=value) for key, value in sorted(labels.items())]


def _parts(container: Container, role: str) -> dict[str, str]:
    parts = {"council": container.council, "instance": container.instance, "role": role}
    return {f"moothall.{part}": value for part, value in parts.items() if value}
