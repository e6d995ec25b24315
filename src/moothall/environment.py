"""The environment of this process, and what of it no child inherits."""

from __future__ import annotations

import os
from collections.abc import Mapping

SECRETS = ("MOOTHALL_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE")
"""Variables that hold a passphrase itself."""
BACKEND = "MOOTHALL_BACKEND"
"""The variable with the address of a backend, in which may be its password; Pulumi's CLI is told it by another."""

_secrets: dict[str, str] = {}


def keep_secrets() -> None:
    """Take the secrets out of the environment: git, ssh, Pulumi's CLI and its plug-ins work without them.

    Whoever starts a child, a library too, hands on what is in `os.environ` at that moment; so they are not there.
    """
    for name in (*SECRETS, BACKEND):
        if name in os.environ:
            _secrets[name] = os.environ.pop(name)


def full_environment() -> Mapping[str, str]:
    """Return the environment that this process was started with, its secrets too."""
    return {**os.environ, **_secrets}
