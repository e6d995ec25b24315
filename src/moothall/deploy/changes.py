"""What is planned for, or was done to, one stack."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.pulumi_engine.steps.outcome import FailedStep, Step

OPS = ("create", "update", "replace", "delete", "same")


@dataclass(frozen=True)
class StackChange:
    """What is planned for, or was done to, one stack; `unchanged` resources were not even looked at one by one.

    Where it could not be done, `mend` is the command that leads on, empty where that is the same one again.
    `stands` says of one that could not be looked at that it was as planned when it was.
    """

    stack: str
    status: str
    steps: tuple[Step, ...] = ()
    unchanged: int = 0
    failures: tuple[FailedStep, ...] = ()
    reason: str = ""
    hint: str = ""
    stands: bool = False

    def counts(self) -> dict[str, int]:
        """Return the number of resources for each kind of step; one that failed is none."""
        failed_urns = {failure.urn for failure in self.failures}
        counts = {op: sum(1 for step in self.steps if step.op == op and step.urn not in failed_urns) for op in OPS}
        return counts | {"same": counts["same"] + self.unchanged}

    @property
    def changes(self) -> bool:
        """Say whether anything changes."""
        return any(step.op != "same" for step in self.steps)
