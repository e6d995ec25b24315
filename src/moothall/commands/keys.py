"""Exchange passwords, private keys and certificates, with what runs following, or the passphrase of the state."""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall import environment
from moothall.commands import up
from moothall.failures import BLOCKED, USAGE, Failure
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations import session
from moothall.operations.stacks import remote_states
from moothall.ports import Progress

HELP = (
    "rotate --council NAME gives one council new passwords, keys and certificates; rotate --partnership NAME all of "
    "them; what runs follows at once, tenant by tenant. rotate --passphrase seals keyring and state with a new "
    "passphrase; nothing that runs is touched. Backups keep their cipher, and the partnership its authority."
)
USES = Uses(("partnership", "council", *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is exchanged; what `up` asks for is asked for too."""
    parser.add_argument("action", choices=("rotate",))
    parser.add_argument("--passphrase", action="store_true", help="exchange the passphrase of keyring and state")
    parser.add_argument(
        "--new-passphrase-file", metavar="FILE", type=Path, help="the new passphrase; the user's own file if left out"
    )
    up.arguments(parser)


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Exchange what was asked for and return what came of it. Raises Failure."""
    if options.passphrase and (options.council or options.partnership):
        raise Failure(
            "the passphrase is that of the whole state",
            left="Nothing was changed.",
            mend="moothall keys rotate --passphrase",
            exit_code=USAGE,
        )
    return _passphrase(options, progress) if options.passphrase else _secrets(options, progress)


def _secrets(options: argparse.Namespace, progress: Progress) -> Answer:
    """Count up the generation in the keyring, then let `up` make what follows from it."""
    from moothall.keys.generations import PARTNERSHIP, advance

    if not (options.council or options.partnership):
        raise Failure(
            "whose keys? A council's, or those of a whole partnership",
            left="Nothing was changed.",
            mend="moothall keys rotate --council NAME  # or --partnership NAME",
            exit_code=USAGE,
        )
    plan = session.plan_of(options)
    remote_states.refuse_local(options, plan)  # as `up` would, when it were too late
    session.open_vault(options, plan)  # whoever cannot open the keyring cannot follow either
    whose = plan.identities[options.council] if options.council else PARTNERSHIP
    who = options.council or plan.title
    _confirm(options, f"New passwords, keys and certificates for {who}; what uses them restarts.", progress)
    number = advance(options.state, plan.partnership, whose)
    progress.stage(f"{who}: generation {number}; whoever is interrupted now goes on with moothall up")
    options.yes = True
    return up.run(options, progress)


def _passphrase(options: argparse.Namespace, progress: Progress) -> Answer:
    """Seal everything anew; what an interrupted run has done already is left as it is."""
    from moothall.deploy.deployment import PROJECT
    from moothall.engine import Backend
    from moothall.engine.passphrase import Passphrase
    from moothall.engine.rekeying import rekey
    from moothall.keys import passphrase, rotation

    # Both ends would have to be sealed anew at once, or one of them opens no more.
    home = "of each stack, for moothall state import; then again"
    remote_states.refuse(options, sorted(remote_states.found(options)), "stack", "export", note=home)
    old = passphrase(environment.whole(), create=False)
    new = rotation.new_passphrase(environment.whole(), options.new_passphrase_file)
    if new.text == old:
        raise Failure(
            "the new passphrase is the old one",
            left="Nothing was changed.",
            mend="moothall keys rotate --passphrase --new-passphrase-file FILE",
            exit_code=USAGE,
        )
    _confirm(options, "Keyring and state are sealed with a new passphrase; the old one opens nothing more.", progress)
    states = rekey(Backend(options.state, lambda: old), PROJECT, old, new.text)
    rings = rotation.rekey_keyrings(
        options.state, lambda salt: Passphrase(old, salt), lambda s: Passphrase(new.text, s)
    )
    told = f"{rings} keyrings and {states} files of the state are sealed with the new passphrase.\n{new.settle()}\n"
    return Answer("text", {"schemaVersion": 1, "keyrings": rings, "states": states, "text": told})


def _confirm(options: argparse.Namespace, what: str, progress: Progress) -> None:
    shown = Answer("text", {"schemaVersion": 1, "text": f"{what}\n"})
    if not options.yes and progress.ask(shown, "Go on? Only 'yes' does: ") != "yes":
        raise Failure("nobody confirmed the exchange", left="Nothing was changed.", mend="add --yes", exit_code=BLOCKED)
