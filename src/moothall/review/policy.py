"""What a single change may destroy: nobody's data, and no more than a number of objects, unless the definition says so.

It says so by its policy, or by the date on which a council leaves or a site is used no more.

Works on the changes view, so that the same rule holds for a diff of two revisions and for what `up` is about to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moothall.model import filesname
from moothall.model.agreed import Policy
from moothall.model.stackname import parts


def refusals(stacks: Iterable[Mapping[str, Any]], policies: Mapping[str, Policy]) -> tuple[str, ...]:
    """Return why the change is refused, one sentence for each reason; nothing when it may be made.

    `stacks` are those of a changes view, `policies` the policy of each partnership by name; where the definition is
    gone there is none.
    """
    by_partnership: dict[str, list[Mapping[str, Any]]] = {}
    for stack in stacks:
        by_partnership.setdefault(parts(stack["stack"]).partnership, []).append(stack)
    return tuple(
        sentence
        for partnership, changed in sorted(by_partnership.items())
        for sentence in _of_partnership(partnership, changed, policies.get(partnership, Policy()))
    )


def _of_partnership(partnership: str, stacks: Iterable[Mapping[str, Any]], policy: Policy) -> Iterator[str]:
    file = f"partnerships/{partnership}/partnership.yaml"
    destroyed = 0
    for stack in stacks:
        lost = [step["name"] for step in stack["steps"] if step["effect"] == "data-loss"]
        name = parts(stack["stack"])
        if not {name.holds, name.site} & set(policy.ended):
            destroyed += sum(step["op"] == "delete" and _counts(step) for step in stack["steps"])
        if lost and not {stack["stack"], name.holds} & set(policy.may_lose):
            yield (
                f"{stack['stack']} would lose the data in {', '.join(lost)}; "
                f"if that is meant, name {name.holds} in spec.policy.data-loss of {file}"
            )
    if destroyed > policy.destroy_at_most:
        yield (
            f"{destroyed} objects of {partnership} would be destroyed, and a single change may destroy "
            f"{policy.destroy_at_most}; if that is meant, raise spec.policy.destroy-at-most in {file}"
        )


def _counts(step: Mapping[str, Any]) -> bool:
    """Whether a step is about an object of its own: what holds a container's files comes and goes with them."""
    kind = step["type"]
    return kind.startswith("docker:") and not filesname.holds_files(kind, step["name"])
