"""What a single change may destroy: nobody's data, and no more than a number of objects, unless the definition says so.

It says so by its policy, or by the date on which a council leaves or a site is used no more.

The same rule holds for a diff of two revisions and for what `up` is about to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from moothall.model import filesname
from moothall.model.agreed import Policy
from moothall.model.effects import DATA_LOSS
from moothall.model.stackname import parts


class JudgedStep(NamedTuple):
    """A step as far as the policy judges it: of which stack, what happens to what, and with which effect."""

    stack: str
    op: str
    type: str
    name: str
    effect: str


def refusals(steps: Iterable[JudgedStep], policies: Mapping[str, Policy]) -> tuple[str, ...]:
    """Return why a change is refused, one sentence for each reason; nothing when it may be made.

    `steps` are those of all stacks, `policies` the policy of each partnership by name; where the definition is gone
    there is none.
    """
    by_partnership: dict[str, dict[str, list[JudgedStep]]] = {}
    for step in steps:
        by_partnership.setdefault(parts(step.stack).partnership, {}).setdefault(step.stack, []).append(step)
    return tuple(
        sentence
        for partnership, stacks in sorted(by_partnership.items())
        for sentence in _of_partnership(partnership, stacks, policies.get(partnership, Policy()))
    )


def _of_partnership(partnership: str, stacks: Mapping[str, list[JudgedStep]], policy: Policy) -> Iterator[str]:
    file = f"partnerships/{partnership}/partnership.yaml"
    destroyed_objects = 0
    for stack, steps in stacks.items():
        lost_volumes = [step.name for step in steps if step.effect == DATA_LOSS]
        name = parts(stack)
        if not {name.unit_or_site, name.site} & set(policy.ended):
            destroyed_objects += sum(step.op == "delete" and _counts(step) for step in steps)
        if lost_volumes and not {stack, name.unit_or_site} & set(policy.may_lose):
            yield (
                f"{stack} would lose the data in {', '.join(lost_volumes)}; "
                f"if that is meant, name {name.unit_or_site} in spec.policy.data-loss of {file}"
            )
    if destroyed_objects > policy.destroy_at_most:
        yield (
            f"{destroyed_objects} objects of {partnership} would be destroyed, and a single change may destroy "
            f"{policy.destroy_at_most}; if that is meant, raise spec.policy.destroy-at-most in {file}"
        )


def _counts(step: JudgedStep) -> bool:
    """Whether a step is about an object of its own: what holds a container's files comes and goes with them."""
    return step.type.startswith("docker:") and not filesname.holds_files(step.type, step.name)
