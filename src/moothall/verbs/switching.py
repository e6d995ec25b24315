"""What `failover` and `failback` share: the instance, both servers as they are, who may work on it, and the record."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from moothall import home
from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer, Result
from moothall.model.planned import MirrorPlan, Plan
from moothall.model.stackname import stack_of
from moothall.model.written import Active
from moothall.ports import Progress, Vault
from moothall.report.results import answer
from moothall.switch import Server, State, cut, servers
from moothall.verbs import reaching, session
from moothall.verbs.reaching import Reach
from moothall.verify.crew import Crew
from moothall.verify.standing import mend
from moothall.verify.task import CouldNotRun

# The servers have changed roles by then, and users may wait for what comes next. So `onboard` may go first, but nobody
# who sits before its question, or has left it open. What is written beside them harms nothing: they write other files,
# and who mends this one (`validate --fix`) is refused when it is not as it was read.
PATIENCE = 5.0
"""Seconds for which a switch waits for a change of the definitions; one about which nobody is asked takes less."""


class Scene(NamedTuple):
    """One mirrored instance with its engines, its servers by site, and what each said; a silent one said why not."""

    plan: Plan
    mirror: MirrorPlan
    vault: Vault
    found: Reach
    servers: Mapping[str, Server]
    states: Mapping[str, State]
    silent: Mapping[str, str]

    @property
    def crew(self) -> Crew:
        """The engines of all sites."""
        return Crew(self.plan, self.found.engines)

    def ways(self, *but: str) -> list[str]:
        """Return the sites that answer, without some: what hands on for the instance stands at them."""
        return sorted({stack.site for stack in self.plan.stacks} - {*but, *self.found.silent})

    def cut(self) -> str:
        """Return what is missing on the way between the two servers, "" when nothing is."""
        return cut(self.plan, self.mirror.instance, self.crew)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which instance, and how to say yes."""
    parser.add_argument("of_instance", metavar="INSTANCE", help="the mirrored instance")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--confirm", metavar="INSTANCE", help="the instance's name: changes may be lost, and that is accepted"
    )


def commanded() -> float:
    """Return when the command was given, on the monotonic clock: when this process began."""
    from moothall.engine.processes import began

    ticks = began(os.getpid())
    if ticks is None:  # not Linux: what loading took is not counted
        return time.monotonic()
    since = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - since


def scene(options: argparse.Namespace) -> Scene:
    """Return the instance with both of its servers looked at, at once.

    Raises Failure when there is no such mirrored instance or the vault does not open.
    """
    plan = session.plan_of(options)
    mirror = _mirror(plan, options.of_instance)
    vault = session.open_vault(options, plan)
    found = reaching.reach(options, plan)
    return looked_at(Scene(plan, mirror, vault, found, servers(plan, mirror, found.engines), {}, {}))


def looked_at(at: Scene) -> Scene:
    """Return the scene with what both servers say now."""
    asked = [site for site in at.servers if site not in at.found.silent]
    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(asked, pool.map(lambda site: _look(at.servers[site]), asked), strict=True))
    states = {site: state for site, state in said.items() if isinstance(state, State)}
    silent = {site: why for site, why in {**at.found.silent, **said}.items() if isinstance(why, str)}
    return at._replace(states=states, silent={site: why for site, why in silent.items() if site in at.servers})


def silence(at: Scene, site: str) -> Failure:
    """Return the failure for a site whose server cannot be asked: its engine is silent, or the container is."""
    mend = "moothall doctor"
    if site not in at.found.silent:
        server = at.servers[site]
        mend = f"docker --host {server.engine.host} restart {server.container}"
    return Failure(at.silent[site], left="Nothing was touched.", mend=mend)


def _look(server: Server) -> State | str:
    try:
        return server.look()
    except CouldNotRun as reason:
        return str(reason)


def _mirror(plan: Plan, instance: str) -> MirrorPlan:
    for mirror in plan.mirrors:
        if mirror.instance == instance:
            return mirror
    names = ", ".join(mirror.instance for mirror in plan.mirrors) or "none"
    what = f"{plan.partnership} has no mirrored instance {instance!r} on {plan.as_of}; mirrored are: {names}"
    raise Failure(what, left="Nothing was touched.", mend="moothall plan", exit_code=USAGE)


def missing(at: Scene, site: str) -> Failure:
    """Return the failure for a site whose server's container is not there; its data may be."""
    return Failure(f"there is no server at {site}", left="Nothing was touched.", mend="moothall up --yes")


@contextmanager
def alone(options: argparse.Namespace, at: Scene) -> Iterator[None]:
    """Hold the stacks of both servers, as `up` does, so that nobody else works on the instance.

    Raises Failure (locked) naming who does.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.engine import Backend, lock

    backend = Backend(options.state, session.state_passphrase)
    with lock.hold_all(backend, PROJECT, (stack_of(server.container) for server in at.servers.values())):
        yield


def record(options: argparse.Namespace, at: Scene, active: Active | None, progress: Progress) -> str:
    """Write in `active.yaml` where the instance is served, None for at home; return the file's path below the root.

    It is read, changed and written under the lock of every change of the definitions, held for this moment and not for
    the switch. Raises Failure when it cannot be written, or was made unreadable meanwhile.
    """
    from moothall.edit import lock
    from moothall.edit.active_file import write
    from moothall.edit.files import failed

    folder = options.root / "partnerships" / at.plan.partnership
    path = f"partnerships/{at.plan.partnership}/active.yaml"
    file = options.root / path
    try:
        # Another instance may be failed over at this moment: the second lock holds where the first is not waited for.
        with lock.alone(options.root, progress.stage, PATIENCE), lock.shortly(folder):
            before = file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
            others = {name: each for name, each in _actives(path, before).items() if name != at.mirror.instance}
            write(options.root, path, before, others | ({active.instance: active} if active else {}))
    except OSError as error:
        raise failed(file, error) from error
    return path


def _actives(path: str, text: str | None) -> Mapping[str, Active]:
    """Return what an `active.yaml` says, nothing if it is not there; the definitions were sound when they were read.

    Raises Failure where they are not any more (a merge that conflicts): which others are failed over must not be lost.
    """
    from moothall.check.shape import shape
    from moothall.read import decode
    from moothall.read.yaml12 import parse

    if text is None:
        return {}
    document, wrong = parse(path, text)
    if document and not (wrong := shape(document, "active", home.SCHEMAS)):
        return decode.active(document)
    what = f"the switch is made and not recorded: {path} was changed meanwhile, {wrong[0].summary}"
    left = "The file is as it was found, and the instance is served where it should be."
    raise Failure(what, left=left, mend="moothall validate  # mend the file, then the same command again")


def shown(results: Sequence[Result], members: Mapping[str, object]) -> Answer:
    """Return the answer: results, and what was measured."""
    made = answer(results)
    return Answer("switch", {**made.view, **members}, made.exit_code)


def interrupted(
    options: argparse.Namespace, at: Scene, reason: CouldNotRun, verb: str, left: str, needed: Iterable[str]
) -> Failure:
    """Return the failure for a step that could not be made and needs these sites; what was confirmed stays so."""
    again = f"moothall {verb} {at.mirror.instance}{' --yes' if options.yes else ''}"
    again += f" --confirm {options.confirm}" if options.confirm else ""
    return Failure(str(reason), left=left, mend=advice(at, needed, again))


def advice(at: Scene, needed: Iterable[str], again: str) -> str:
    """Return the command that leads on: the same one only when all runs at the `needed` sites and on the way."""
    sites = {*needed, *at.ways(at.mirror.primary_site, at.mirror.site)}
    return mend(at.plan, at.mirror.instance, at.crew, sorted(sites), again)
