"""Say what is missing on this machine, and the one command that mends each."""

from __future__ import annotations

import argparse
import os
from functools import partial

from moothall import environment, paths
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.images import missing_images
from moothall.keys import passphrase
from moothall.keys.keyring_file import any_key
from moothall.keys.passphrase import is_named
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations.context import Context
from moothall.operations.definitions import engines_of
from moothall.operations.stacks import remote_states
from moothall.pulumi_engine import Backend
from moothall.report.results.view import answer
from moothall.verify import host_checks
from moothall.verify.left_open import exposed_passphrases
from moothall.verify.locks import locks
from moothall.verify.pulumi import pulumi
from moothall.verify.states import states

HELP = "Say what is missing on this machine (engine, images, disk, passphrase, locks) and the command that mends each."
USES = Uses((*ENGINES, *PULUMI), formats=("text", "json", "junit"))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: doctor has no options of its own."""


def parse(namespace: argparse.Namespace) -> None:
    """Return nothing."""


def run(options: None, context: Context) -> Report:
    """Return what was found; works without an engine, a state and definitions."""
    mapping = engines_of(context)
    engine, other_engines = (
        Engine(mapping.local),
        [(Engine(variables.endpoint), variables.sites) for variables in mapping.named_engines],
    )
    variables = environment.full_environment()
    is_needed = any_key(context.state) or is_named(variables)
    return answer(
        [
            host_checks.python(),
            host_checks.container_engine(engine),
            host_checks.clock(engine),
            host_checks.firewall(engine),
            *(host_checks.containers(machine) for machine in (engine, *(other for other, _ in other_engines))),
            *host_checks.images(partial(missing_images, paths.IMAGES, mapping.local.host)),
            *(
                check
                for other, sites in other_engines
                for check in (host_checks.container_engine(other), host_checks.clock(other, sites))
            ),
            host_checks.disk(engine, context.state),
            host_checks.state_files(context.state),
            *remote_states.check_results(context),
            *states(Backend(context.state, partial(passphrase, variables, create=False))),
            host_checks.passphrase(partial(passphrase, variables, create=False), is_needed=is_needed),
            exposed_passphrases(context.state),
            locks(context.state),
            pulumi(os.environ, is_needed=context.engine == "pulumi"),
        ]
    )
