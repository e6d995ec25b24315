"""Two plans of one partnership compared, stack by stack, and what `up` would refuse to do.

That data is lost is for the policy to judge (`review.policy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from moothall.model.planned import Plan, Stack
from moothall.review.declared import NETWORK, declare
from moothall.review.properties import Issued
from moothall.review.steps import Step, changes, creation, removal

PREVIEWED = "previewed"
REFUSED = "refused"


@dataclass(frozen=True)
class StackReview:
    """One stack in which something changes. `before` or `after` is None when the stack is new or goes.

    `unchanged` counts the resources that stay as they are, `kept` names data volumes that are left on the engine,
    `reason` says why `up` would refuse.
    """

    before: Stack | None
    after: Stack | None
    steps: tuple[Step, ...]
    unchanged: int = 0
    kept: tuple[str, ...] = ()
    status: str = PREVIEWED
    reason: str = ""

    @property
    def stack(self) -> Stack:
        """The stack as it will be, or as it was when it goes."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True)
class Comparison:
    """What becomes of one partnership: `base` or `head` is None when only the other revision has it."""

    base: Plan | None
    head: Plan | None
    stacks: tuple[StackReview, ...]
    unchanged: int

    @property
    def partnership(self) -> str:
        """The partnership's name."""
        found = self.head or self.base
        assert found is not None
        return found.partnership


def compare(base: Plan | None, head: Plan | None, defined: Iterable[str], renewed: date) -> Comparison:
    """Return what changes between two plans of one partnership.

    `defined` names the units that the head's definitions still hold, whether anything of theirs stands or not;
    `renewed` is the day on which certificates are made.
    """
    old = {stack.name: stack for stack in base.stacks} if base else {}
    new = {stack.name: stack for stack in head.stacks} if head else {}
    sides = {stack: (old.get(stack), new.get(stack)) for stack in sorted(old.keys() | new.keys())}
    made_from = (Issued(base, renewed) if base else None, Issued(head, renewed) if head else None)
    reviews = [_review(before, after, *made_from) for before, after in sides.values()]
    users = _users(old, {name for name in old if name not in new})
    others = _other_uids(base, head)
    judged = [_judged(review, frozenset(defined), users, others) for review in reviews]
    return Comparison(
        base,
        head,
        tuple(review for review in judged if review.steps or review.kept),
        sum(review.unchanged for review in judged),
    )


def _review(before: Stack | None, after: Stack | None, base: Issued | None, head: Issued | None) -> StackReview:
    old = declare(before, base) if before and base else {}
    new = declare(after, head) if after and head else {}
    if not after:
        gone, kept = removal(old)
        return StackReview(before, None, gone, kept=kept)
    found = changes(old, new) if before else creation(new)
    return StackReview(before, after, found, len(new) - sum(1 for step in found if step.op != "delete"))


def _judged(
    review: StackReview, defined: frozenset[str], users: Mapping[str, set[str]], others: frozenset[str]
) -> StackReview:
    reason = _vanished(review, defined) or _renamed(review, others) or _in_use(review, users)
    if not reason:
        return review
    return StackReview(
        review.before, review.after, review.steps, review.unchanged, review.kept, status=REFUSED, reason=reason
    )


def _vanished(review: StackReview, defined: frozenset[str]) -> str:
    if review.after or review.stack.unit in defined:
        return ""
    unit = review.stack.unit
    return f"{unit} would be defined no more while this stands; removing it from the files is no permission to delete"


def _other_uids(base: Plan | None, head: Plan | None) -> frozenset[str]:
    """Return the councils that have another uid than they had."""
    if not base or not head:
        return frozenset()
    uids = head.identities
    return frozenset(council for council, uid in base.identities.items() if uids.get(council, uid) != uid)


def _renamed(review: StackReview, others: frozenset[str]) -> str:
    if review.stack.council not in others:
        return ""
    return f"the uid of {review.stack.council} would change while it stands, and with it every password and key"


def _in_use(review: StackReview, users: Mapping[str, set[str]]) -> str:
    # Who is on a network that is recreated is recreated as well; on one that goes, nobody may be.
    going = [s for s in review.steps if s.resource.type == NETWORK and s.op == "delete" and review.after]
    for step in going:
        others = sorted(users.get(step.resource.physical, set()) - {review.stack.name})
        if others:
            return f"{step.resource.physical} is still used by {', '.join(others)}, which must be down first"
    return ""


def _users(stacks: Mapping[str, Stack], leaving: set[str]) -> dict[str, set[str]]:
    """Return for each network the stacks with a container on it; those that leave are down before it goes."""
    found: dict[str, set[str]] = {}
    for name in stacks.keys() - leaving:
        for container in stacks[name].containers:
            for place in container.networks:
                found.setdefault(place.network, set()).add(name)
    return found
