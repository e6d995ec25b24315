"""What every verb that looks beyond the files needs: the plans, the vault, the engine's endpoint, the state."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path

from moothall import home
from moothall.diagnostics import has_errors
from moothall.failures import USAGE, Failure
from moothall.model.outcome import Stopped
from moothall.model.planned import Plan, Stack
from moothall.pipeline import compile_all, load
from moothall.ports import Vault

DEFAULT_HOST = "unix:///var/run/docker.sock"
NO_KEY = "none"


def plans(options: argparse.Namespace) -> tuple[Plan, ...]:
    """Return the plans of the chosen partnership, or of all of them.

    Raises Stopped with the findings when the definitions are not sound, and Failure for a name that is not there.
    """
    from moothall.report.diagnostics import answer

    loaded = load(options.root)
    if has_errors(loaded.diagnostics):
        raise Stopped(answer(loaded.diagnostics, loaded.files))
    found = compile_all(loaded, options.as_of)
    _known("partnership", options.partnership, [plan.partnership for plan in found])
    return tuple(plan for plan in found if options.partnership in (None, plan.partnership))


def plan_of(options: argparse.Namespace) -> Plan:
    """Return the one plan that the options choose; Failure when there are several to choose from."""
    found = plans(options)
    if len(found) != 1:
        names = ", ".join(plan.partnership for plan in found) or "none"
        raise Failure(f"which partnership? There is {names}", mend="add --partnership NAME", exit_code=USAGE)
    _check_selection(options, found[0])
    return found[0]


def selected(options: argparse.Namespace, stack: Stack) -> bool:
    """Say whether the selection flags choose a stack: its council, its site, the instance it holds."""
    return (
        options.council in (None, stack.council)
        and options.site in (None, stack.site)
        and (options.instance is None or (stack.kind == "instance" and stack.unit == options.instance))
    )


def _check_selection(options: argparse.Namespace, plan: Plan) -> None:
    _known("council", options.council, [s.council for s in plan.stacks if s.council])
    _known("site", options.site, [s.site for s in plan.stacks])
    _known("instance", options.instance, [s.unit for s in plan.stacks if s.kind == "instance"])


def _known(noun: str, name: str | None, names: list[str]) -> None:
    if name is None or name in names:
        return
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    listed = ", ".join(sorted(set(names)))
    mend = f"--{noun} {near[0]}" if near else f"one of: {listed}"
    raise Failure(f"there is no {noun} named {name!r}", mend=mend, exit_code=USAGE)


def engine_host(options: argparse.Namespace) -> str:
    """Return the endpoint of the container engine: the one in DOCKER_HOST, else the local one.

    Raises Failure for endpoints that are not yet served, and for a file of several engines.
    """
    file = options.engines or options.root / "stacks" / "engines.yaml"
    if options.engines or file.exists():
        raise Failure(
            f"{file}: several engines are not served yet; every site uses the local engine",
            left="Nothing was touched.",
            mend="leave out --engines",
            exit_code=USAGE,
        )
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    if not host.startswith("unix://"):
        raise Failure(
            f"the engine endpoint {host} is not served: only unix:// is",
            left="Nothing was touched.",
            mend=f"export DOCKER_HOST={DEFAULT_HOST}",
            exit_code=USAGE,
        )
    return host


# Certificates have to work today, whatever day the plan is made for: hence today's date in every vault.


def open_vault(options: argparse.Namespace, plan: Plan, *, create: bool = False) -> Vault:
    """Return the partnership's vault; with `create` its key and the user's passphrase are made when absent."""
    from moothall.engine.passphrase import Passphrase
    from moothall.keys import DerivingVault, master_key

    def cipher(salt: str | None) -> Passphrase:
        return Passphrase(_passphrase(create=create), salt)

    master = master_key(options.state, plan.partnership, cipher, create=create)
    return DerivingVault(master, plan.partnership, agreed=plan.agreed, as_of=date.today())


def passing_vault(plan: Plan) -> Vault:
    """Return a vault with a key of the moment, for looking ahead at what has never been stood up."""
    from moothall.keys import DerivingVault

    return DerivingVault(os.urandom(32), plan.partnership, agreed=plan.agreed, as_of=date.today())


def key_id(options: argparse.Namespace, plan: Plan) -> str:
    """Return the public id of the partnership's key in this state, "none" before the first `up`."""
    from moothall.keys.keyring import key_id as read

    return read(options.state, plan.partnership) or NO_KEY


def _passphrase(*, create: bool) -> str:
    from moothall.keys import passphrase

    return passphrase(os.environ, create=create)


def state_passphrase() -> str:
    """Return the passphrase of the state; asked for only when a secret is read or written."""
    return _passphrase(create=False)


def images() -> Path:
    """Return the folder of the platform images."""
    return home.IMAGES
