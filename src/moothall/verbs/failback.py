"""Have an instance that is failed over served by its own site again."""

from __future__ import annotations

import argparse
import time

from moothall.failures import BLOCKED, Failure
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, Uses
from moothall.ports import Progress
from moothall.switch import follow
from moothall.switch.server import MISSING, PRIMARY, STANDBY
from moothall.verbs import switching
from moothall.verbs.switching import Scene
from moothall.verbs.turning import turn
from moothall.verify.task import CouldNotRun

HELP = (
    "Bring an instance home: its own site's server becomes a standby, copied anew where it must be, then both change "
    "roles in a quiet moment, and what stands is what is declared."
)
USES = Uses(("partnership", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which instance."""
    switching.arguments(parser)


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Fail back and return what came of it; when it is done already, say so.

    Raises Failure when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    at = switching.scene(options)
    home, away = at.mirror.primary_site, at.mirror.site
    for site in (home, away):
        if site in at.silent:
            raise Failure(at.silent[site], left="Nothing was touched.", mend="moothall doctor")
    if at.mirror.active is None and at.states[home].role == PRIMARY and at.states[away].role == STANDBY:
        return switching.shown([], {"instance": at.mirror.instance, "site": home, "said": f"{home} serves already"})
    _possible(at)
    _confirm(options, at, progress)
    with switching.alone(options, at):
        _bring_up(at, progress)
        return turn(options, at, home, "failed back", progress, time.monotonic())


def _possible(at: Scene) -> None:
    home, away = at.mirror.primary_site, at.mirror.site
    if at.states[home].role == MISSING:
        what, mend = f"there is no server at {home}", "moothall up --yes"
        raise Failure(what, left="Nothing was touched.", mend=mend)
    if PRIMARY not in (at.states[away].role, at.states[home].role) and at.states[home].role != STANDBY:
        what = f"the server at {away} is {at.states[away].role}, and there is nothing to copy"
        raise Failure(what, left="Nothing was touched.", mend=f"moothall failover {at.mirror.instance}")


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


def _bring_up(at: Scene, progress: Progress) -> None:
    """Have the home server follow the one that serves, with users undisturbed; it is done when it streams."""
    home, away = at.servers[at.mirror.primary_site], at.servers[at.mirror.site]
    if at.states[away.site].role != PRIMARY:
        return  # an earlier run got as far as fencing it
    progress.stage(f"{at.mirror.instance}: {home.site} follows {away.site}")
    try:
        follow(home, away)
    except CouldNotRun as reason:
        left = f"{away.site} goes on serving."
        raise switching.interrupted(at, reason, "failback", left) from reason
