"""The state of stacks: take it out, put it in, go back to a sound version of it, make it again, list old versions."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moothall.commands.arguments import value
from moothall.failures import USAGE, OperationError
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.context import Context
from moothall.operations.secrets import state_passphrase
from moothall.operations.stacks import remote_states, selection, states
from moothall.settings.stack import stack_name

HELP = (
    "export prints the deployment of a stack in Pulumi's form. import makes a file the deployment, after checks. "
    "repair lists what is wrong with a state and restores its newest sound version, or with --from-engine makes a lost "
    "one again from the definitions and what stands. history lists old versions; --keep prunes them."
)
USES = Uses(ENGINES)
ACTIONS = ("export", "import", "repair", "history")
_CLI_WORDS: Mapping[str, Sequence[str]] = {
    "export": ("stack", "export"),
    "repair": ("state", "repair"),
    "history": ("stack", "history"),
}
"""What Pulumi's CLI does in place of an action where the state is in a backend of its own; import brings it home."""


@dataclass(frozen=True)
class Options:
    """What is done with the state of which stack, and how."""

    action: str
    stack: str | None
    file: Path | None
    yes: bool
    from_engine: bool
    keep: int | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do, with which stack, and how."""
    parser.add_argument("action", choices=ACTIONS)
    help_text = "all stacks if left out (history alone)"
    parser.add_argument("stack", nargs="?", metavar="STACK", type=value(stack_name), help=help_text)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what to import, - for standard input")
    parser.add_argument("--yes", action="store_true", help="repair without asking")
    parser.add_argument("--from-engine", action="store_true", help="repair: record what stands instead")
    parser.add_argument("--keep", type=int, metavar="N", help="history: delete all but the newest N versions")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        namespace.action, namespace.stack, namespace.file, namespace.yes, namespace.from_engine, namespace.keep
    )


def run(options: Options, context: Context) -> Report:
    """Do what was asked. Works without definitions, but for --from-engine."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state.history import stacks

    backend = Backend(context.state, state_passphrase)
    action, stack = options.action, options.stack
    if stack is None and action != "history":
        raise OperationError("which stack?", hint=f"moothall state {action} STACK", exit_code=USAGE)
    if words := _CLI_WORDS.get(action) if not options.from_engine else None:
        names = [stack] if stack else sorted(remote_states.remote_addresses(context))
        remote_states.refuse(context, names, *words)
    if stack is not None and not (options.from_engine or action == "import"):
        selection.require_stack(context, stack, list(stacks(backend, PROJECT)))
    if stack is None or action == "history":
        return states.list_versions(backend, [stack] if stack else list(stacks(backend, PROJECT)), options.keep)
    if action == "export":
        return states.export_state(backend, stack)
    if action == "import":
        return states.import_state(context, backend, stack, options.file)
    if options.from_engine:
        return states.rebuild_state(context, stack)
    return states.repair_state(context, backend, stack, yes=options.yes)
