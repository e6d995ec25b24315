"""The labels by which everything that stands is found again; volumes and networks carry none that may change."""

from __future__ import annotations

from moothall.model.planned import Container

STACK = "moothall.stack"
PARTNERSHIP = "moothall.partnership"


def of_stack(partnership: str, stack: str) -> dict[str, str]:
    """Return the labels of everything in a stack."""
    return {PARTNERSHIP: partnership, STACK: stack}


def of_container(partnership: str, stack: str, container: Container) -> dict[str, str]:
    """Return the labels of a container: whose it is and what it does."""
    labels = of_stack(partnership, stack) | {"moothall.role": container.role}
    if container.council:
        labels["moothall.council"] = container.council
    if container.instance:
        labels["moothall.instance"] = container.instance
    return labels
