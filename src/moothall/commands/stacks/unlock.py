"""Show who holds locks, and take away one that nobody holds any more."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.commands.arguments import value
from moothall.failures import BLOCKED, OperationError
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.secrets import state_passphrase
from moothall.operations.stacks import remote_states
from moothall.report.locks.view import KIND, view
from moothall.settings.stack import stack_name

HELP = (
    "Show the owner, machine, process and age of every lock; with STACK, remove its lock if the owner is dead. "
    "The lock of a live process is never removed; one of another machine only with --force and --confirm STACK."
)
USES = Uses()


@dataclass(frozen=True)
class Options:
    """Whose lock is removed, None for showing all, and how that is confirmed."""

    stack: str | None
    force: bool
    confirm: str | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the stack and the options for confirming."""
    help_text = "the stack to unlock; all locks are shown without"
    parser.add_argument("stack", nargs="?", metavar="STACK", type=value(stack_name), help=help_text)
    parser.add_argument("--force", action="store_true", help="also a lock of another machine, whose process died")
    parser.add_argument("--confirm", metavar="STACK", help="the stack's name again, to confirm --force")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(stack=namespace.stack, force=namespace.force, confirm=namespace.confirm)


def run(options: Options, context: Context) -> Report:
    """Return the locks that there are, or those that were removed."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend, Locked
    from moothall.pulumi_engine.state.unlocking import locks, unlock

    backend = Backend(context.state, state_passphrase)
    names = [options.stack] if options.stack else sorted(remote_states.remote_addresses(context))
    remote_states.refuse(context, names, "cancel", "--yes")
    if options.stack is None:
        return Report(KIND, view(locks(backend, PROJECT), ()))
    if options.force and options.confirm != options.stack:
        raise OperationError(
            f"--force removes a lock of which nobody here can tell whether its owner lives; {options.stack} has to be "
            "named again",
            state="Nothing was touched.",
            hint=f"moothall unlock {options.stack} --force --confirm {options.stack}",
            exit_code=BLOCKED,
        )
    try:
        return Report(KIND, view((), unlock(backend, PROJECT, options.stack, force=options.force)))
    except Locked as error:
        fates = {lock.fate for lock in locks(backend, PROJECT) if lock.stack == options.stack}
        raise _refusal(error, options.stack, live=not fates or "live" in fates) from error


def _refusal(error: OperationError, stack: str, *, live: bool) -> OperationError:
    if live:
        return OperationError(
            f"{error.message} That process is at work",
            state="The lock was left alone.",
            hint="wait until it has ended, or interrupt it with Ctrl-C (SIGINT)",
            exit_code=BLOCKED,
        )
    return OperationError(
        f"{error.message} Nobody here can tell whether it still works",
        state="The lock was left alone.",
        hint=f"moothall unlock {stack} --force --confirm {stack}  # when you know that it is gone",
        exit_code=BLOCKED,
    )
