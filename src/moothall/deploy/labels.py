"""The labels by which everything that stands is found again; volumes and networks carry none that may change."""

from __future__ import annotations

import json

from moothall.engine.refreshing import LABEL as REFRESH
from moothall.model.planned import Container

OWNER = "moothall.owner"
PARTNERSHIP = "moothall.partnership"
NETWORKS = "moothall.networks"
"""On a container: how the networks of other stacks on which it stands are made."""


def owner(stack: str, key_id: str) -> str:
    """Return the value of the owner label: the stack, and the key of the state that it was stood up from."""
    return f"{stack}@{key_id}"


def of_stack(partnership: str, stack: str, key_id: str) -> dict[str, str]:
    """Return the labels of everything in a stack."""
    return {PARTNERSHIP: partnership, OWNER: owner(stack, key_id)}


def of_container(partnership: str, stack: str, key_id: str, container: Container) -> dict[str, str]:
    """Return the labels of a container: whose it is and what it does."""
    labels = of_stack(partnership, stack, key_id) | {"moothall.role": container.role}
    if container.council:
        labels["moothall.council"] = container.council
    if container.instance:
        labels["moothall.instance"] = container.instance
    if others := [place.made for place in container.networks if place.made]:
        labels[NETWORKS] = " ".join(sorted(others))
    if container.leaf_files:
        taken = {"command": container.renew, "files": container.leaf_files}
        labels[REFRESH] = json.dumps(taken, sort_keys=True)
    return labels
