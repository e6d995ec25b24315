"""Exchange passwords, private keys and certificates, with what runs following, or the passphrase of the state."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from moothall import environment
from moothall.commands.apply_arguments import add_apply, apply_options
from moothall.failures import USAGE, OperationError
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import check_rotation, longest_kept_seconds
from moothall.operations.stacks import engine_bindings, remote_states
from moothall.operations.stacks.apply import ApplyOptions
from moothall.operations.stacks.rotate import rotate_and_apply
from moothall.operations.stacks.used_keyring import newest_used
from moothall.report.rotation.view import answer
from moothall.report.text.view import text_of

HELP = (
    "rotate --council NAME gives one council new passwords, keys and certificates; rotate --partnership NAME all of "
    "them; what runs follows at once, tenant by tenant. rotate --master exchanges the master key that they derive from "
    "too, the partnership's authority (two are trusted until all have followed), and the cipher of backups, which go "
    "into new repositories. rotate --passphrase seals keyring and state with a new passphrase; nothing that runs is "
    "touched."
)
DAY = 24 * 3600
_MASTER = (
    "Browsers meet certificates of a new authority, which they have to trust: "
    "moothall credentials COUNCIL INSTANCE --ca-file FILE writes it. "
    "Backups go into new repositories; the present ones are kept for {days} days."
)
USES = Uses(("partnership", "council", *ENGINES, *PULUMI), sound=True)


@dataclass(frozen=True)
class Options:
    """What is exchanged, and how what follows is made to stand."""

    master: bool
    passphrase: bool
    new_passphrase_file: Path | None
    apply: ApplyOptions


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is exchanged; what `up` asks for is asked for too."""
    parser.add_argument("action", choices=("rotate",))
    parser.add_argument("--master", action="store_true", help="exchange the master key, authority and cipher")
    parser.add_argument("--passphrase", action="store_true", help="exchange the passphrase of keyring and state")
    parser.add_argument(
        "--new-passphrase-file", metavar="FILE", type=Path, help="the new passphrase; the user's own file if left out"
    )
    add_apply(parser)


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        master=namespace.master,
        passphrase=namespace.passphrase,
        new_passphrase_file=namespace.new_passphrase_file,
        apply=apply_options(namespace),
    )


def run(options: Options, context: Context) -> Report:
    """Exchange what was asked for and return what came of it. Raises OperationError."""
    if options.passphrase and (context.council or context.partnership):
        raise OperationError(
            "the passphrase is that of the whole state",
            state="Nothing was changed.",
            hint="moothall keys rotate --passphrase",
            exit_code=USAGE,
        )
    if options.master and (context.council or options.passphrase):
        raise OperationError(
            "the master key is that of a whole partnership",
            state="Nothing was changed.",
            hint="moothall keys rotate --master --partnership NAME",
            exit_code=USAGE,
        )
    return _passphrase(options, context) if options.passphrase else _secrets(options, context)


def _secrets(options: Options, context: Context) -> Report:
    """Count up the generation in the keyring, then let `up` make what follows from it."""
    from moothall.report.changes.view import KIND

    if not (options.master or context.council or context.partnership):
        raise OperationError(
            "whose keys? A council's, or those of a whole partnership",
            state="Nothing was changed.",
            hint="moothall keys rotate --council NAME  # or --partnership NAME",
            exit_code=USAGE,
        )
    plan = chosen_plan(context)
    remote_states.refuse_local(context, plan)  # as `up` would, when it were too late
    used = newest_used(context, plan, engine_bindings.reach(context, plan, options.apply.accept_engines))
    check_rotation(context, plan, context.council, used)
    owner = context.council or plan.title
    more = f" {_MASTER.format(days=-(-longest_kept_seconds(plan) // DAY))}" if options.master else ""
    _confirm(options, context, f"New passwords, keys and certificates for {owner}; what uses them restarts.{more}")
    changes, code = rotate_and_apply(context, plan, options.apply, used, master=options.master)
    return Report(KIND, changes, code)


def _passphrase(options: Options, context: Context) -> Report:
    """Seal everything anew; what an interrupted run has done already is left as it is."""
    from moothall.deploy.deployment import PROJECT
    from moothall.keys import passphrase, rotation
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state.passphrase import Passphrase
    from moothall.pulumi_engine.state.rekeying import rekey

    # Both ends would have to be sealed anew at once, or one of them opens no more.
    export_note = "of each stack, for moothall state import; then again"
    remote_states.refuse(context, sorted(remote_states.remote_addresses(context)), "stack", "export", note=export_note)
    old_passphrase = passphrase(environment.full_environment(), create=False)
    new_passphrase = rotation.new_passphrase(environment.full_environment(), options.new_passphrase_file)
    if new_passphrase.text == old_passphrase:
        raise OperationError(
            "the new passphrase is the old one",
            state="Nothing was changed.",
            hint="moothall keys rotate --passphrase --new-passphrase-file FILE",
            exit_code=USAGE,
        )
    _confirm(options, context, "Keyring and state are sealed with a new passphrase; the old one opens nothing more.")
    states = rekey(Backend(context.state, lambda: old_passphrase), PROJECT, old_passphrase, new_passphrase.text)
    keyrings = rotation.rekey_keyrings(
        context.state, lambda salt: Passphrase(old_passphrase, salt), lambda s: Passphrase(new_passphrase.text, s)
    )
    return answer(keyrings, states, new_passphrase.finish())


def _confirm(options: Options, context: Context, message: str) -> None:
    confirm(
        context.progress,
        text_of(f"{message}\n"),
        "Go on? Only 'yes' does: ",
        given_answer="yes" if options.apply.yes else None,
        refusal="nobody confirmed the exchange",
        state="Nothing was changed.",
        hint="add --yes",
    )
