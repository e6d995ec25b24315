"""Who stands under which name: remembered beside the state, because a council's secrets are derived from its uid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from moothall.deploy.local_state import read, write
from moothall.model.planned import Plan
from moothall.model.stackname import parts


def changed(state: Path, plan: Plan) -> Mapping[str, tuple[str, str]]:
    """Return the councils whose uid is another now than when they stood, with the old and the new one.

    Without a record nothing can be said.
    """
    recorded = read(_path(state, plan.partnership))
    return {
        council: (recorded[council], uid)
        for council, uid in plan.identities.items()
        if recorded.get(council, uid) != uid
    }


def gone(state: Path, plan: Plan, leaving: Iterable[str]) -> Mapping[str, str]:
    """Return the councils that leave altogether with the stacks named, with their uids; none without a record."""
    staying = {stack.unit for stack in plan.stacks}
    recorded = {**read(_path(state, plan.partnership)), **plan.identities}
    units = {parts(stack).unit for stack in leaving} - staying
    return {council: uid for council, uid in sorted(recorded.items()) if council in units}


def remember(state: Path, plan: Plan) -> None:
    """Record the uid of every council of the plan; names that are gone stay on record."""
    path = _path(state, plan.partnership)
    write(path, {**read(path), **plan.identities})


def _path(state: Path, partnership: str) -> Path:
    return state / "identities" / f"{partnership}.json"
