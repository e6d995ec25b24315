"""The uid of each deployed council, recorded beside the state: a council's secrets are derived from its uid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from moothall.deploy.local_state import read, write
from moothall.model.planned import Plan
from moothall.model.stackname import parts


def changed_uids(state: Path, plan: Plan) -> Mapping[str, tuple[str, str]]:
    """Return the recorded and the present uid of each council whose uid has changed.

    Councils without a record are left out.
    """
    record = read(_path(state, plan.partnership))
    return {
        council: (record[council], uid) for council, uid in plan.identities.items() if record.get(council, uid) != uid
    }


def departed_councils(state: Path, plan: Plan, leaving_stacks: Iterable[str]) -> Mapping[str, str]:
    """Return the uids, by council, of those that have no stack left without `leaving_stacks`; none without a record."""
    remaining_units = {stack.unit for stack in plan.stacks}
    record = {**read(_path(state, plan.partnership)), **plan.identities}
    units = {parts(stack).unit for stack in leaving_stacks} - remaining_units
    return {council: uid for council, uid in sorted(record.items()) if council in units}


def remember(state: Path, plan: Plan) -> None:
    """Record the uid of every council of the plan; names that are gone stay on record."""
    path = _path(state, plan.partnership)
    write(path, {**read(path), **plan.identities})


def _path(state: Path, partnership: str) -> Path:
    return state / "identities" / f"{partnership}.json"
