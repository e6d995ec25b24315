"""The state of stacks: take it out, put it in, go back to a sound version of it, make it again, list old versions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall.failures import BLOCKED, FAILED, OK, USAGE, Failure
from moothall.model.outcome import Answer
from moothall.model.stackname import parts
from moothall.model.uses import ENGINES, Uses
from moothall.operations import session
from moothall.operations.stacks import remote_states, selection
from moothall.ports import Progress

if TYPE_CHECKING:
    from moothall.engine import Backend
    from moothall.engine.repair import Candidate

HELP = (
    "export prints the deployment of a stack in Pulumi's form. import makes a file the deployment, after checks. "
    "repair lists what is wrong with a state and restores its newest sound version, or with --from-engine makes a lost "
    "one again from the definitions and what stands. history lists old versions; --keep prunes them."
)
USES = Uses(ENGINES)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do, with which stack, and how."""
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument("stack", nargs="?", metavar="STACK", help="all stacks if left out (history alone)")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what to import, - for standard input")
    parser.add_argument("--yes", action="store_true", help="repair without asking")
    parser.add_argument("--from-engine", action="store_true", help="repair: record what stands instead")
    parser.add_argument("--keep", type=int, metavar="N", help="history: delete all but the newest N versions")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Do what was asked. Works without definitions, but for --from-engine."""
    from moothall.deploy.deployment import PROJECT
    from moothall.engine import Backend
    from moothall.engine.history import stacks

    backend = Backend(options.state, session.state_passphrase)
    if options.stack is None and options.action != "history":
        raise Failure("which stack?", mend=f"moothall state {options.action} STACK", exit_code=USAGE)
    if words := _BY_HAND.get(options.action) if not options.from_engine else None:
        names = [options.stack] if options.stack else sorted(remote_states.found(options))
        remote_states.refuse(options, names, *words)
    if options.stack is not None and not (options.from_engine or options.action == "import"):
        selection.known(options, options.stack, list(stacks(backend, PROJECT)))
    return _ACTIONS[options.action](options, backend, progress)


def _export(options: argparse.Namespace, backend: Backend, progress: Progress) -> Answer:
    from moothall.deploy.deployment import PROJECT
    from moothall.engine.exporting import export

    return Answer("deployment", export(backend, PROJECT, options.stack))


def _import(options: argparse.Namespace, backend: Backend, progress: Progress) -> Answer:
    from moothall.deploy.deployment import PROJECT
    from moothall.engine.repair import put

    snapshot = put(backend, PROJECT, options.stack, _read(options.file))
    remote_states.came_home(options, options.stack)
    text = f"{options.stack} has {len(snapshot.resources)} resources now.\n"
    return Answer("text", {"schemaVersion": 1, "text": text})


def _read(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        raise Failure("which file?", mend="moothall state import STACK FILE", exit_code=USAGE)
    try:
        found = json.loads((Path("/dev/stdin") if str(file) == "-" else file).read_text())
        if not isinstance(found, dict) or not isinstance(found.get("deployment"), dict):
            raise ValueError("it has no deployment")
    except (OSError, ValueError) as error:
        raise Failure(
            f"{file} is not an exported deployment: {error}",
            left="Nothing was changed.",
            mend="moothall state export STACK  # shows the form",
        ) from error
    return found


def _repair(options: argparse.Namespace, backend: Backend, progress: Progress) -> Answer:
    if options.from_engine:
        return _rebuild(options, progress)
    from moothall.deploy.deployment import PROJECT
    from moothall.engine.repair import examine, restore

    state, *others = examine(backend, PROJECT, options.stack)
    view = _repair_view(options.stack, state, others)
    if not state.wrong:
        return Answer("repair", view)
    source = next((candidate for candidate in others if not candidate.wrong), None)
    if source is None:
        raise Failure(
            f"the state of {options.stack} cannot be used: {state.wrong}; and there is no sound version of it",
            left="Nothing was changed.",
            mend=f"moothall state repair {options.stack} --from-engine",
            exit_code=FAILED,
        )
    _confirm(options, Answer("repair", view), f"Go back to {source.what}? Only 'yes' goes on: ", progress)
    aside = restore(backend, PROJECT, options.stack, source.path)
    return Answer("repair", {**view, "restored": source.what, "aside": str(aside) if aside else None})


def _confirm(options: argparse.Namespace, answer: Answer, question: str, progress: Progress) -> None:
    if not options.yes and progress.ask(answer, question) != "yes":
        raise Failure(
            "nobody confirmed the repair",
            left="Nothing was changed.",
            mend=f"moothall state repair {options.stack} --yes",
            exit_code=BLOCKED,
        )


def _repair_view(stack: str, state: Candidate, others: list[Candidate]) -> dict[str, object]:
    def shown(candidate: Candidate) -> dict[str, object]:
        return {
            "what": candidate.what,
            "file": str(candidate.path),
            "time": candidate.time,
            "wrong": candidate.wrong,
            "resources": candidate.resources,
        }

    return {
        "schemaVersion": 1,
        "stack": stack,
        "state": shown(state),
        "versions": [shown(candidate) for candidate in others],
        "restored": None,
        "aside": None,
    }


def _rebuild(options: argparse.Namespace, progress: Progress) -> Answer:
    """Record what stands of the stack; the steps that are left are what the next `up` will make."""
    import threading

    from moothall import engine
    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view
    from moothall.engine.rebuilding import Rebuilding
    from moothall.operations.stacks import deployed, engine_bindings

    options.partnership = parts(options.stack).partnership
    plan = session.plan_of(options)
    selection.known(options, options.stack, [stack.name for stack in plan.stacks])
    vault = session.open_vault(options, plan)
    found = deployed.deployment(options, plan, vault, engine_bindings.reach(options, plan))
    only = replace(found, runner=Rebuilding(engine), selected=lambda stack: stack.name == options.stack)
    changes = deploy.up(only, (), progress, threading.Event())
    sound = all(change.status in ("succeeded", "previewed") for change in changes)
    if sound:
        remote_states.came_home(options, options.stack)
    return Answer("changes", view(changes, [plan]), OK if sound else FAILED)


def _history(options: argparse.Namespace, backend: Backend, progress: Progress) -> Answer:
    from moothall.deploy.deployment import PROJECT
    from moothall.engine.history import prune, stacks, versions

    names = [options.stack] if options.stack else list(stacks(backend, PROJECT))
    if options.keep is not None:
        for name in names:
            prune(backend, PROJECT, name, max(options.keep, 0))
    shown = [
        {
            "stack": name,
            "versions": [
                {"number": v.number, "time": v.time, "reason": v.reason, "result": v.result, "file": str(v.path)}
                for v in versions(backend, PROJECT, name)
            ],
        }
        for name in names
    ]
    return Answer("versions", {"schemaVersion": 1, "stacks": shown})


_BY_HAND: Mapping[str, Sequence[str]] = {
    "export": ("stack", "export"),
    "repair": ("state", "repair"),
    "history": ("stack", "history"),
}
"""What Pulumi's CLI does in place of an action where the state is in a backend of its own; import brings it home."""
_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Backend, Progress], Answer]] = {
    "export": _export,
    "import": _import,
    "repair": _repair,
    "history": _history,
}
