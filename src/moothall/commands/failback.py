"""Have an instance that is failed over served by its own site again."""

from __future__ import annotations

import argparse
import time

from moothall.failures import BLOCKED, Failure
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, Uses
from moothall.operations.switchover import scene
from moothall.operations.switchover.scene import Scene
from moothall.operations.switchover.switchover import turn
from moothall.ports import Progress
from moothall.switch import follow, wake
from moothall.switch.server import MISSING, PRIMARY, STANDBY
from moothall.verify.task import CouldNotRun

HELP = (
    "Bring an instance home: its own site's server becomes a standby, copied anew where it must be, then both change "
    "roles in a quiet moment, and what stands is what is declared."
)
USES = Uses(("partnership", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which instance."""
    scene.arguments(parser)


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Fail back and return what came of it; when it is done already, say so.

    Raises Failure when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    at = scene.scene(options)
    home, away = at.mirror.primary_site, at.mirror.site
    for site in (home, away):
        if site in at.silent:
            raise scene.silence(at, site)
    if at.mirror.active is None and at.states[home].role == PRIMARY and at.states[away].role == STANDBY:
        return scene.shown([], {"instance": at.mirror.instance, "site": home, "said": f"{home} serves already"})
    for site in (home, away):
        if at.states[site].role == MISSING:
            raise scene.missing(at, site)
    _confirm(options, at, progress)
    with scene.alone(options, at):
        at = _bring_up(options, at, progress)
        return turn(options, at, home, "failed back", progress, time.monotonic())


def _confirm(options: argparse.Namespace, at: Scene, progress: Progress) -> None:
    home, away = at.mirror.primary_site, at.mirror.site
    ahead = f"{at.mirror.title} will be served by {home} again. While both change roles nobody is served for seconds."
    if at.states[home].role not in (STANDBY, PRIMARY) or not at.states[home].streaming:
        ahead += f" What {home} has and {away} has not is lost, if there is any."
    shown = Answer("text", {"schemaVersion": 1, "text": f"{ahead}\n"})
    if not options.yes and progress.ask(shown, "Fail back? Only 'yes' goes on: ") != "yes":
        mend = f"moothall failback {at.mirror.instance} --yes"
        raise Failure(
            f"failing back was not confirmed. {ahead}", left="Nothing was touched.", mend=mend, exit_code=BLOCKED
        )
    progress.stage(ahead)


def _bring_up(options: argparse.Namespace, at: Scene, progress: Progress) -> Scene:
    """Have all run that belongs to the instance, and the home server follow the one that serves, users undisturbed.

    It is done when it streams. Return the scene as it is then.
    """
    home, away = at.servers[at.mirror.primary_site], at.servers[at.mirror.site]
    progress.stage(f"{at.mirror.instance}: {home.site} follows {away.site}")
    wake(at.plan, at.mirror.instance, at.crew, at.ways())
    try:
        both = away.come_up().role, home.come_up().role
        if both[0] == PRIMARY:  # else an earlier run got as far as fencing it
            follow(home, away, at.cut)
        elif both[1] not in (PRIMARY, STANDBY):
            name, left = at.mirror.instance, "What did not run was started; nothing else was touched."
            what = f"neither server takes writes, and {home.site} has nothing to follow"
            raise Failure(what, left=left, mend=f"moothall failover {name} --yes --confirm {name}")
    except CouldNotRun as reason:
        left, needed = f"{away.site} goes on serving.", [home.site, away.site]
        raise scene.interrupted(options, at, reason, "failback", left, needed) from reason
    return scene.looked_at(at)
