"""The council that leaves: found in the definitions, with its tenancies and the servers that hold their data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, Inconclusive, OperationError, describe_os_error
from moothall.model.did_you_mean import nearest
from moothall.model.planned import Plan
from moothall.model.written import Council, Folder
from moothall.operations.context import Context
from moothall.operations.offboarding.holder import holder
from moothall.operations.offboarding.tenancy import Tenancy, tenancies
from moothall.operations.planning import built_plan
from moothall.operations.stacks import engine_bindings
from moothall.postgres.server import DatabaseServer


@dataclass(frozen=True)
class Leaver:
    """A council, its partnership, today's plan with its engines, and its tenancies."""

    folder: Folder
    council: Council
    plan: Plan
    engine_pool: EnginePool
    tenancies: tuple[Tenancy, ...]

    @property
    def name(self) -> str:
        """The council's name."""
        return self.council.metadata.name

    @property
    def stacks(self) -> frozenset[str]:
        """The stacks that nobody else may change meanwhile: its instances', and its own, which may be gone already."""
        instances = {tenancy.tenant.instance for tenancy in self.tenancies}
        planned_stacks = {
            stack.name
            for stack in self.plan.stacks
            if (stack.kind == "instance" and stack.unit in instances) or stack.council == self.name
        }
        return frozenset(planned_stacks.union(*(tenancy.stacks for tenancy in self.tenancies)))

    def server(self, tenancy: Tenancy) -> DatabaseServer:
        """Return the server that holds a tenancy's data now; raises `Inconclusive`."""
        return holder(self.engine_pool, tenancy)


def leaver(context: Context, folder: Folder, council: Council) -> Leaver:
    """Return a council that leaves or has left, with its plan, its engines and its tenancies.

    Raises OperationError when it has no tenancy of its own (at the instance chosen), or an engine is another than it
    was.
    """
    partnership_context = context._replace(partnership=folder.partnership.metadata.name)
    current_plan = member_plan = built_plan(partnership_context)
    if council.leaves and council.leaves <= context.as_of:
        member_plan = built_plan(partnership_context._replace(as_of=council.leaves - timedelta(days=1)))
    council_tenancies = tenancies(folder, council.metadata.name, member_plan, current_plan, context.instance)
    if not council_tenancies:
        place = f" in {context.instance}" if context.instance else ""
        what = f"{council.metadata.name} has no data{place} in {current_plan.partnership}: it uses no instance there"
        raise OperationError(
            what, state="Nothing was touched.", hint=f"moothall plan --partnership {current_plan.partnership}"
        )
    return Leaver(
        folder,
        council,
        current_plan,
        EnginePool(current_plan, engine_bindings.reach(context, current_plan).engines),
        council_tenancies,
    )


def find(
    context: Context, name: str, folders: tuple[Folder, ...], leaves: date | None = None
) -> tuple[Folder, Council]:
    """Return the council of a name, with its partnership; raises OperationError when there is none, or several.

    `leaves` is the day that is to be written for it, for what is advised.
    """
    matches = [
        (folder, council)
        for folder in folders
        for council in folder.councils
        if council.metadata.name == name and context.partnership in (None, folder.partnership.metadata.name)
    ]
    if not matches:
        raise _unknown_council(context, name, folders, leaves)
    if len(matches) > 1:
        names = ", ".join(folder.partnership.metadata.name for folder, _ in matches)
        what = f"{name} is in several partnerships: {names}"
        raise OperationError(what, state="Nothing was written.", hint="add --partnership NAME", exit_code=USAGE)
    return matches[0]


@contextmanager
def raise_operation_errors(state: str, hint: str) -> Iterator[None]:
    """Raise OperationError with a state and a hint in place of an Inconclusive or an OSError."""
    try:
        yield
    except Inconclusive as reason:
        raise OperationError(str(reason), state=state, hint=hint) from reason
    except OSError as error:
        raise OperationError(": ".join(describe_os_error(error)), state=state, hint=hint) from error


def _unknown_council(context: Context, name: str, folders: tuple[Folder, ...], leaves: date | None) -> OperationError:
    names = [council.metadata.name for folder in folders for council in folder.councils]
    nearest_name = nearest(name, names) or "COUNCIL"
    place = f" in {context.partnership}" if context.partnership else ""
    what = f"there is no council named {name!r}{place}"
    day = f" --from {leaves}" if leaves else ""
    return OperationError(
        what, state="Nothing was written.", hint=f"moothall decommission {nearest_name}{day}", exit_code=USAGE
    )
