"""The council that leaves: found in the definitions, with its tenancies and the servers that hold their data."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from moothall.failures import USAGE, Failure, told
from moothall.leaving.server import Server, holder
from moothall.leaving.tenancy import Tenancy, tenancies
from moothall.model.did_you_mean import nearest
from moothall.model.planned import Plan
from moothall.model.written import Council, Folder
from moothall.operations import session
from moothall.operations.stacks import engine_bindings
from moothall.verify.crew import Crew
from moothall.verify.task import CouldNotRun


@dataclass(frozen=True)
class Leaver:
    """A council, its partnership, today's plan with its engines, and its tenancies."""

    folder: Folder
    council: Council
    plan: Plan
    crew: Crew
    tenancies: tuple[Tenancy, ...]

    @property
    def name(self) -> str:
        """The council's name."""
        return self.council.metadata.name

    def server(self, tenancy: Tenancy) -> Server:
        """Return the server that holds a tenancy's data now; raises `CouldNotRun`."""
        return holder(self.crew, tenancy)


def leaver(options: argparse.Namespace, folder: Folder, council: Council) -> Leaver:
    """Return what is to be known of a council that leaves or has left.

    Raises Failure when it has no tenancy of its own (at the instance chosen), or an engine is another than it was.
    """
    chosen = _with(options, partnership=folder.partnership.metadata.name)
    now = then = session.plan_of(chosen)
    if council.leaves and council.leaves <= options.as_of:
        then = session.plan_of(_with(chosen, as_of=council.leaves - timedelta(days=1)))
    found = tenancies(folder, council.metadata.name, then, now, options.instance)
    if not found:
        where = f" in {options.instance}" if options.instance else ""
        what = f"{council.metadata.name} has no data{where} in {now.partnership}: it uses no instance there"
        raise Failure(what, left="Nothing was touched.", mend=f"moothall plan --partnership {now.partnership}")
    return Leaver(folder, council, now, Crew(now, engine_bindings.reach(options, now).engines), found)


def find(options: argparse.Namespace, folders: tuple[Folder, ...]) -> tuple[Folder, Council]:
    """Return the council that is meant, with its partnership; raises Failure when there is none, or several."""
    found = [
        (folder, council)
        for folder in folders
        for council in folder.councils
        if council.metadata.name == options.leaving and options.partnership in (None, folder.partnership.metadata.name)
    ]
    if not found:
        raise _unknown(options, folders)
    if len(found) > 1:
        names = ", ".join(folder.partnership.metadata.name for folder, _ in found)
        what = f"{options.leaving} is in several partnerships: {names}"
        raise Failure(what, left="Nothing was written.", mend="add --partnership NAME", exit_code=USAGE)
    return found[0]


@contextmanager
def world(left: str, mend: str) -> Iterator[None]:
    """Turn what could not be done into a Failure that says what was left and what mends it."""
    try:
        yield
    except CouldNotRun as reason:
        raise Failure(str(reason), left=left, mend=mend) from reason
    except OSError as error:
        raise Failure(": ".join(told(error)), left=left, mend=mend) from error


def _with(options: argparse.Namespace, **changed: object) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(options), **changed})


def _unknown(options: argparse.Namespace, folders: tuple[Folder, ...]) -> Failure:
    names = [council.metadata.name for folder in folders for council in folder.councils]
    near = nearest(options.leaving, names) or "COUNCIL"
    where = f" in {options.partnership}" if options.partnership else ""
    what = f"there is no council named {options.leaving!r}{where}"
    day = f" --from {options.leaves}" if options.leaves else ""
    return Failure(what, left="Nothing was written.", mend=f"moothall decommission {near}{day}", exit_code=USAGE)
