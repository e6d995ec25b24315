"""Deleting recorded resources: in which order, and which of them only from the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moothall.pulumi_engine.protocol.resource_types import KINDS
from moothall.pulumi_engine.protocol.urns import name_of
from moothall.pulumi_engine.state.ledger import Ledger, uses
from moothall.pulumi_engine.state.snapshot import Resource
from moothall.pulumi_engine.steps.outcome import Step


@dataclass(frozen=True)
class Delete:
    """A resource to delete. `shared`: another record has taken the object over, so that it stays on the engine."""

    resource: Resource
    shared: bool = False
    with_data: bool = False

    @classmethod
    def of(cls, resource: Resource, ledger: Ledger) -> Delete:
        """The delete of a resource that the program no longer declares."""
        return cls(resource, shared=any(_same_object(resource, other) for other in ledger.resources()))

    @property
    def retained(self) -> bool:
        """Whether the object stays on the engine."""
        return self.shared or (self.resource.retain_on_delete and not self.with_data)

    @property
    def touches_engine(self) -> bool:
        """Whether a call on the engine is needed."""
        resource = self.resource
        return resource.type in KINDS and not self.retained and not resource.pending_replacement and bool(resource.id)

    @property
    def step(self) -> Step:
        """The step as it is shown."""
        resource = self.resource
        return Step(
            op="delete",
            urn=resource.urn,
            type=resource.type,
            name=name_of(resource.urn),
            physical=resource.name if resource.type in KINDS else "",
            protected=resource.protect,
            retained=self.retained,
        )


def next_wave(remaining: Sequence[Delete]) -> list[Delete]:
    """Those that no other one still needs, so that they can all be deleted at once."""
    return [
        delete
        for delete in remaining
        if not any(uses(other.resource, delete.resource) for other in remaining if other is not delete)
    ]


def still_deletable(remaining: Sequence[Delete], undeletable: Sequence[Delete]) -> list[Delete]:
    """Those that can still be deleted when some had to be kept: nothing that these need, in any way."""
    staying_resources = [delete.resource for delete in undeletable]
    for resource in staying_resources:
        staying_resources += [
            d.resource for d in remaining if d.resource not in staying_resources and uses(resource, d.resource)
        ]
    return [delete for delete in remaining if delete.resource not in staying_resources]


def _same_object(resource: Resource, other: Resource) -> bool:
    return (
        other.urn != resource.urn
        and resource.type in KINDS
        and other.type == resource.type
        and bool(resource.name)
        and other.name == resource.name
    )
