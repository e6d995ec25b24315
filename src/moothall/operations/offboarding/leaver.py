"""The council that leaves: found in the definitions, with its tenancies and the servers that hold their data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, Inconclusive, OperationError, told
from moothall.model.did_you_mean import nearest
from moothall.model.planned import Plan
from moothall.model.written import Council, Folder
from moothall.operations.context import Context
from moothall.operations.offboarding.holder import holder
from moothall.operations.offboarding.tenancy import Tenancy, tenancies
from moothall.operations.planning import chosen_plan
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

    def server(self, tenancy: Tenancy) -> DatabaseServer:
        """Return the server that holds a tenancy's data now; raises `Inconclusive`."""
        return holder(self.engine_pool, tenancy)


def leaver(context: Context, folder: Folder, council: Council) -> Leaver:
    """Return what is to be known of a council that leaves or has left.

    Raises OperationError when it has no tenancy of its own (at the instance chosen), or an engine is another than it
    was.
    """
    chosen = context._replace(partnership=folder.partnership.metadata.name)
    now = then = chosen_plan(chosen)
    if council.leaves and council.leaves <= context.as_of:
        then = chosen_plan(chosen._replace(as_of=council.leaves - timedelta(days=1)))
    found = tenancies(folder, council.metadata.name, then, now, context.instance)
    if not found:
        where = f" in {context.instance}" if context.instance else ""
        what = f"{council.metadata.name} has no data{where} in {now.partnership}: it uses no instance there"
        raise OperationError(what, state="Nothing was touched.", hint=f"moothall plan --partnership {now.partnership}")
    return Leaver(folder, council, now, EnginePool(now, engine_bindings.reach(context, now).engines), found)


def find(
    context: Context, name: str, folders: tuple[Folder, ...], leaves: date | None = None
) -> tuple[Folder, Council]:
    """Return the council of a name, with its partnership; raises OperationError when there is none, or several.

    `leaves` is the day that is to be written for it, for what is advised.
    """
    found = [
        (folder, council)
        for folder in folders
        for council in folder.councils
        if council.metadata.name == name and context.partnership in (None, folder.partnership.metadata.name)
    ]
    if not found:
        raise _unknown(context, name, folders, leaves)
    if len(found) > 1:
        names = ", ".join(folder.partnership.metadata.name for folder, _ in found)
        what = f"{name} is in several partnerships: {names}"
        raise OperationError(what, state="Nothing was written.", hint="add --partnership NAME", exit_code=USAGE)
    return found[0]


@contextmanager
def world(left: str, hint: str) -> Iterator[None]:
    """Turn what could not be done into an OperationError that says what was left and what mends it."""
    try:
        yield
    except Inconclusive as reason:
        raise OperationError(str(reason), state=left, hint=hint) from reason
    except OSError as error:
        raise OperationError(": ".join(told(error)), state=left, hint=hint) from error


def _unknown(context: Context, name: str, folders: tuple[Folder, ...], leaves: date | None) -> OperationError:
    names = [council.metadata.name for folder in folders for council in folder.councils]
    near = nearest(name, names) or "COUNCIL"
    where = f" in {context.partnership}" if context.partnership else ""
    what = f"there is no council named {name!r}{where}"
    day = f" --from {leaves}" if leaves else ""
    return OperationError(
        what, state="Nothing was written.", hint=f"moothall decommission {near}{day}", exit_code=USAGE
    )
