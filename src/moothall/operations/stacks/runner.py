"""The runner of the Pulumi program of a request, and the backend of its states."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from moothall.environment import BACKEND
from moothall.failures import USAGE, OperationError
from moothall.operations.context import PULUMI, Context
from moothall.ports import Vault
from moothall.settings.backend_url import backend_url
from moothall.settings.variable import variable

if TYPE_CHECKING:
    from moothall.deploy.runner import Runner


def chosen_runner(context: Context, vault: Vault) -> tuple[Runner, Vault]:
    """Return the runner of the Pulumi program and the vault for it; Pulumi's CLI needs one that records its secrets.

    Raises OperationError when Pulumi is asked for and not installed, or a remote state without Pulumi.
    """
    url = chosen_backend(context)
    if context.engine == PULUMI:
        from moothall.deploy.runner import RecordingVault
        from moothall.pulumi_cli import Pulumi, find

        recording_vault = RecordingVault(vault)
        return Pulumi(find(os.environ), url, secrets=recording_vault.secrets), recording_vault
    if url:
        message = "--backend and MOOTHALL_BACKEND say where Pulumi keeps state; the embedded engine keeps it in --state"
        raise OperationError(
            message, state="Nothing was touched.", hint="add --engine pulumi, or leave them out", exit_code=USAGE
        )

    from moothall import pulumi_engine

    return pulumi_engine, vault


def chosen_backend(context: Context) -> str:
    """Return where Pulumi is to keep states, as an option or MOOTHALL_BACKEND says; empty for the state directory."""
    return context.backend or variable(BACKEND, backend_url) or ""
