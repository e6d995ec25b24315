"""The steps from one plan of a stack to another: what the engine would do if the first stood as planned.

The same steps, under the same names and with the same effects, as `preview` shows for the two plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moothall.model.effects import DATA_LOSS, IN_PLACE, NONE, REPLACE, RESTART
from moothall.review.declared import CONTAINER, VOLUME, DeclaredResource
from moothall.review.differences import differences, is_in_place
from moothall.review.properties import certificates_alone

Resources = Mapping[str, DeclaredResource]


@dataclass(frozen=True)
class Step:
    """What happens to one resource; `diff` holds its changed properties, `before` and `after` what it is made from."""

    op: str
    before: DeclaredResource | None
    after: DeclaredResource | None
    diff: tuple[str, ...] = ()

    @property
    def resource(self) -> DeclaredResource:
        """The resource as it will be, or as it was when it goes."""
        resource = self.after or self.before
        assert resource is not None
        return resource

    @property
    def effect(self) -> str:
        """What the step means to the people who use what stands.

        A container holds nothing of its own: made again it has restarted, however many of its settings changed.
        """
        resource = self.resource
        if not resource.physical or self.op == "create":
            return NONE
        if resource.type == VOLUME and resource.data and self.op in ("replace", "delete"):
            return DATA_LOSS
        if resource.type == CONTAINER and self.op == "replace":
            return RESTART
        return IN_PLACE if self.op == "update" else REPLACE


def changes(before: Resources, after: Resources) -> tuple[Step, ...]:
    """Return what changes in a stack that is in both plans: first what is wanted in its order, then what goes."""
    own_steps = {urn: _step(before.get(urn), resource) for urn, resource in after.items()}
    replaced_names = {step.resource.physical for step in own_steps.values() if step and step.op == "replace"}
    steps = (_with_replaced_dependencies(replaced_names, own_steps[urn], before.get(urn), after[urn]) for urn in after)
    deletions = (Step("delete", resource, None) for urn, resource in [*before.items()][::-1] if urn not in after)
    return (*(step for step in steps if step), *deletions)


def creation(after: Resources) -> tuple[Step, ...]:
    """Return the steps of a stack that is new."""
    return tuple(Step("create", None, resource) for resource in after.values())


def removal(before: Resources) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Return the steps of a stack that is in no plan any more, and the names of the data volumes that are left.

    What holds a data volume together stays with it: the stack itself, its provider and its component.
    """
    retained_volumes = tuple(resource.physical for resource in before.values() if resource.data)
    removed_resources = [
        resource for resource in before.values() if not (resource.data or (retained_volumes and resource.is_holder))
    ]
    return tuple(Step("delete", resource, None) for resource in reversed(removed_resources)), retained_volumes


def _step(before: DeclaredResource | None, after: DeclaredResource) -> Step | None:
    if before is None:
        return Step("create", None, after)
    paths = differences(before.properties, after.properties)
    if not paths:
        return None
    deciding_paths = paths
    if "uploads" in paths and certificates_alone(before.properties, after.properties):
        deciding_paths = tuple(path for path in paths if path != "uploads")
    return Step("update" if is_in_place(deciding_paths) else "replace", before, after, paths)


def _with_replaced_dependencies(
    replaced_names: set[str], step: Step | None, before: DeclaredResource | None, after: DeclaredResource
) -> Step | None:
    """Return the step of a resource, or that it is made again because a network or volume that it was made from is."""
    if before is None:
        return step
    replaced_properties = {name for physical, name in before.dependencies.items() if physical in replaced_names}
    return Step("replace", before, after, tuple(sorted(replaced_properties))) if replaced_properties else step
