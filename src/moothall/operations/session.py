"""What every verb that looks beyond the files needs: the plans, the vault, the engine's endpoint, the state."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from moothall import environment, home
from moothall.diagnostics import Diagnostic, has_errors
from moothall.engines import Mapped, clashes, mapped
from moothall.failures import USAGE, Failure
from moothall.model.did_you_mean import did_you_mean, nearest
from moothall.model.engines import Engines
from moothall.model.outcome import Stopped
from moothall.model.planned import Plan, Stack
from moothall.model.written import Definitions, Folder
from moothall.pipeline import Loaded, cache_of, compile_all, load
from moothall.ports import Vault
from moothall.settings.backend_url import address
from moothall.settings.day import certificates_day
from moothall.settings.variable import variable

if TYPE_CHECKING:
    from moothall.deploy.running import Runner

NO_KEY = "none"
EMBEDDED, PULUMI = "embedded", "pulumi"


def again(options: argparse.Namespace, *words: str) -> str:
    """Return the command that was given, with its selection, its places and all else, and with more words at its end.

    What is advised in its place may do no more than what was asked for: not all where one council was meant. An
    address that may hold a password is not repeated.
    """
    more = words if words != tuple(options.typed[-len(words) :]) else ()
    typed, url = list(options.typed), getattr(options, "backend", None)
    if url and "@" in url:
        typed = [word.replace(url, "URL") for word in typed]
    return shlex.join(["moothall", *typed, *more])


def sound(options: argparse.Namespace) -> Loaded:
    """Return the definitions, which have no error and hold the chosen partnership.

    Raises Stopped with the findings when they are not sound, and Failure for a partnership that is not there.
    """
    from moothall.report.diagnostics import answer

    loaded = load(options.root, options.as_of, cache_of(options.root))
    if has_errors(loaded.diagnostics):
        raise Stopped(answer(loaded.diagnostics, loaded.files))
    known("partnership", options.partnership, [f.partnership.metadata.name for f in loaded.definitions.folders])
    return loaded


def folders(options: argparse.Namespace) -> tuple[Folder, ...]:
    """Return the definitions of the chosen partnership, or of all of them, by name; raises as `sound` does."""
    named = {folder.partnership.metadata.name: folder for folder in sound(options).definitions.folders}
    return tuple(folder for name, folder in sorted(named.items()) if options.partnership in (None, name))


def plan_of(options: argparse.Namespace, *, alone: bool = False) -> Plan:
    """Return the one plan that the options choose; for one council `alone`, without the other councils' own stacks.

    Without a choice it is the only partnership there is, or the only one that stands according to the state. Raises
    Failure when there are several to choose from.
    """
    loaded = sound(options)
    names = sorted(folder.partnership.metadata.name for folder in loaded.definitions.folders)
    chosen = [options.partnership] if options.partnership else names
    if len(chosen) > 1:
        from moothall.keys.keyring import keyring_path

        chosen = [name for name in names if keyring_path(options.state, name).exists()] or names
    if len(chosen) != 1:
        what = f"which partnership? There is {', '.join(names) or 'none'}"
        mend = "add --partnership NAME" if names else "mkdir partnerships/NAME  # and describe it in partnership.yaml"
        raise Failure(what, mend=mend, exit_code=USAGE)
    from moothall.plan import receivers

    mapping = _mapped(options, loaded.definitions)
    # Between engines councils share the ports of the links, and two might have the same one.
    councils = [options.council] if alone and options.council and not mapping.engines.named else None
    [plan] = compile_all(loaded, options.as_of, chosen[0], mapping.engines, councils)
    _stop(clashes(mapping, receivers(plan)), mapping.files)
    _check_selection(options, plan)
    return plan


def selected(options: argparse.Namespace, stack: Stack) -> bool:
    """Say whether the selection flags choose a stack: its council, its site, the instance it holds."""
    return (
        options.council in (None, stack.council)
        and options.site in (None, stack.site)
        and (options.instance is None or (stack.kind == "instance" and stack.unit == options.instance))
    )


def _check_selection(options: argparse.Namespace, plan: Plan) -> None:
    known("council", options.council, [*plan.identities])
    known("site", options.site, [s.site for s in plan.stacks])
    known("instance", options.instance, [s.unit for s in plan.stacks if s.kind == "instance"])


def known(noun: str, name: str | None, names: list[str], *, option: bool = True) -> None:
    """Raise Failure, with the nearest name, for one that is given, as an `option` or as a word, and not in `names`."""
    if name is None or name in names:
        return
    near = nearest(name, names)
    listed = ", ".join(sorted(set(names)))
    instead = f"--{noun} {near}" if near and option else did_you_mean(name, names)
    mend = instead or (f"one of: {listed}" if listed else "moothall calendar")
    raise Failure(f"there is no {noun} named {name!r}", mend=mend, exit_code=USAGE)


def engines(options: argparse.Namespace) -> Engines:
    """Return which engine serves which site; with a plan they have been checked against its definitions.

    Raises Stopped with the findings when the file that says so is not sound.
    """
    return _mapped(options, None).engines


def _mapped(options: argparse.Namespace, definitions: Definitions | None) -> Mapped:
    found = mapped(options.root, options.engines, definitions)
    _stop(found.findings, found.files)
    return found


def _stop(findings: Sequence[Diagnostic], files: Mapping[str, str]) -> None:
    if findings:
        from moothall.report.diagnostics import answer

        raise Stopped(answer(findings, files))


def runner(options: argparse.Namespace, vault: Vault) -> tuple[Runner, Vault]:
    """Return who runs the Pulumi program, and the vault to give it: Pulumi's must remember what may not be printed.

    Raises Failure when Pulumi is asked for and not installed, or a remote state without Pulumi.
    """
    url = backend_address(options)
    if getattr(options, "engine", EMBEDDED) == PULUMI:
        from moothall.automation import Pulumi, find
        from moothall.deploy.running import Remembering

        remembering = Remembering(vault)
        return Pulumi(find(os.environ), url, secrets=remembering.given), remembering
    if url:
        what = "--backend and MOOTHALL_BACKEND say where Pulumi keeps state; the embedded engine keeps it in --state"
        raise Failure(what, left="Nothing was touched.", mend="add --engine pulumi, or leave them out", exit_code=USAGE)
    from moothall import engine

    return engine, vault


def backend_address(options: argparse.Namespace) -> str:
    """Return where Pulumi is to keep states, as an option or MOOTHALL_BACKEND says; empty for the state directory."""
    return getattr(options, "backend", None) or variable("MOOTHALL_BACKEND", address) or ""


# Certificates have to work today, whatever day the plan is made for: hence a day of its own in every vault.


def open_vault(options: argparse.Namespace, plan: Plan, *, create: bool = False) -> Vault:
    """Return the partnership's vault; with `create` its key and the user's passphrase are made when absent."""
    from moothall.engine.passphrase import Passphrase
    from moothall.keys import master_key
    from moothall.keys.vault import DerivingVault

    def cipher(salt: str | None) -> Passphrase:
        return Passphrase(_passphrase(create=create), salt)

    master = master_key(options.state, plan.partnership, cipher, create=create)
    numbers = generation(options, plan)
    return DerivingVault(master, plan.partnership, agreed=plan.agreed, as_of=certificates_day(), generation=numbers)


def generation(options: argparse.Namespace, plan: Plan) -> Callable[[str], int]:
    """Return which generation of each secret of the partnership is in use; the first of all before the first `up`."""
    from moothall.keys.generations import generations

    if key_id(options, plan) == NO_KEY:
        return lambda label: 1
    return generations(options.state, plan.partnership, plan.identities)


def passing_vault(plan: Plan) -> Vault:
    """Return a vault with a key of the moment, for looking ahead at what has never been stood up."""
    from moothall.keys.vault import DerivingVault

    return DerivingVault(os.urandom(32), plan.partnership, agreed=plan.agreed, as_of=certificates_day())


def key_id(options: argparse.Namespace, plan: Plan) -> str:
    """Return the public id of the partnership's key in this state, "none" before the first `up`."""
    from moothall.keys.keyring import key_id as read

    return read(options.state, plan.partnership) or NO_KEY


def _passphrase(*, create: bool) -> str:
    from moothall.keys import passphrase

    return passphrase(environment.whole(), create=create)


def state_passphrase() -> str:
    """Return the passphrase of the state; asked for only when a secret is read or written."""
    return _passphrase(create=False)


def images() -> Path:
    """Return the folder of the platform images."""
    return home.IMAGES
