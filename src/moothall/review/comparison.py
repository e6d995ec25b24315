"""Two plans of one partnership compared, stack by stack, and what `up` would refuse to do.

That data is lost is for the policy to judge (`review.policy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from moothall.model.dedicated import may_be_left
from moothall.model.planned import Plan, Stack
from moothall.review.declared import NETWORK, declare
from moothall.review.properties import CertificateInputs
from moothall.review.steps import Step, changes, creation, removal

PREVIEWED = "previewed"
REFUSED = "refused"


@dataclass(frozen=True)
class StackReview:
    """One stack in which something changes. `before` or `after` is None when the stack is new or goes.

    `unchanged_count` is how many resources stay as they are, `retained_volumes` names data volumes that are left on the
    engine, `reason` says why `up` would refuse.
    """

    before: Stack | None
    after: Stack | None
    steps: tuple[Step, ...]
    unchanged_count: int = 0
    retained_volumes: tuple[str, ...] = ()
    status: str = PREVIEWED
    reason: str = ""

    @property
    def stack(self) -> Stack:
        """The stack as it will be, or as it was when it goes."""
        stack = self.after or self.before
        assert stack is not None
        return stack


@dataclass(frozen=True)
class Comparison:
    """What becomes of one partnership: `base` or `head` is None when only the other revision has it."""

    base: Plan | None
    head: Plan | None
    stacks: tuple[StackReview, ...]
    unchanged_count: int

    @property
    def partnership(self) -> str:
        """The partnership's name."""
        plan = self.head or self.base
        assert plan is not None
        return plan.partnership


def compare(base: Plan | None, head: Plan | None, defined_units: Iterable[str], renewal_day: date) -> Comparison:
    """Return what changes between two plans of one partnership.

    `defined_units` names the units that the head's definitions still hold, whether anything of theirs stands or not.
    The server that a council had for itself is left standing: that is no change. `renewal_day` is the day on which
    certificates are made.
    """
    old = {stack.name: stack for stack in base.stacks} if base else {}
    new = {stack.name: stack for stack in head.stacks} if head else {}
    units = frozenset(defined_units)
    left = {name for name in old.keys() - new.keys() if may_be_left(old[name].unit, units)}
    sides = {stack: (old.get(stack), new.get(stack)) for stack in sorted((old.keys() | new.keys()) - left)}
    certificate_inputs = (
        CertificateInputs(base, renewal_day) if base else None,
        CertificateInputs(head, renewal_day) if head else None,
    )
    reviews = [_review(before, after, *certificate_inputs) for before, after in sides.values()]
    users = _users(old, {name for name in old if name not in new} - left)
    changed_uids = _changed_uids(base, head)
    checked_reviews = [_with_refusal(review, units, users, changed_uids) for review in reviews]
    return Comparison(
        base,
        head,
        tuple(review for review in checked_reviews if review.steps or review.retained_volumes),
        sum(review.unchanged_count for review in checked_reviews),
    )


def _review(
    before: Stack | None, after: Stack | None, base: CertificateInputs | None, head: CertificateInputs | None
) -> StackReview:
    old = declare(before, base) if before and base else {}
    new = declare(after, head) if after and head else {}
    if not after:
        deletions, retained_volumes = removal(old)
        return StackReview(before, None, deletions, retained_volumes=retained_volumes)
    steps = changes(old, new) if before else creation(new)
    return StackReview(before, after, steps, len(new) - sum(1 for step in steps if step.op != "delete"))


def _with_refusal(
    review: StackReview, defined_units: frozenset[str], users: Mapping[str, set[str]], changed_uids: frozenset[str]
) -> StackReview:
    reason = (
        _refusal_of_removal(review, defined_units)
        or _refusal_of_uid_change(review, changed_uids)
        or _refusal_of_used_network(review, users)
    )
    if not reason:
        return review
    return StackReview(
        review.before,
        review.after,
        review.steps,
        review.unchanged_count,
        review.retained_volumes,
        status=REFUSED,
        reason=reason,
    )


def _refusal_of_removal(review: StackReview, defined_units: frozenset[str]) -> str:
    if review.after or review.stack.unit in defined_units:
        return ""
    unit = review.stack.unit
    return f"{unit} would be defined no more while this stands; removing it from the files is no permission to delete"


def _changed_uids(base: Plan | None, head: Plan | None) -> frozenset[str]:
    """Return the councils that have another uid than they had."""
    if not base or not head:
        return frozenset()
    uids = head.identities
    return frozenset(council for council, uid in base.identities.items() if uids.get(council, uid) != uid)


def _refusal_of_uid_change(review: StackReview, changed_uids: frozenset[str]) -> str:
    if review.stack.council not in changed_uids:
        return ""
    return f"the uid of {review.stack.council} would change while it stands, and with it every password and key"


def _refusal_of_used_network(review: StackReview, users: Mapping[str, set[str]]) -> str:
    # Who is on a network that is recreated is recreated as well; on one that goes, nobody may be.
    deletions = [s for s in review.steps if s.resource.type == NETWORK and s.op == "delete" and review.after]
    for step in deletions:
        remaining_users = sorted(users.get(step.resource.physical, set()) - {review.stack.name})
        if remaining_users:
            return f"{step.resource.physical} is still used by {', '.join(remaining_users)}, which must be down first"
    return ""


def _users(stacks: Mapping[str, Stack], removed_stacks: set[str]) -> dict[str, set[str]]:
    """Return for each network the stacks with a container on it; those that leave are down before it goes."""
    users: dict[str, set[str]] = {}
    for name in stacks.keys() - removed_stacks:
        for container in stacks[name].containers:
            for place in container.networks:
                users.setdefault(place.network, set()).add(name)
    return users
