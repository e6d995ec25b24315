"""What runs Pulumi's CLI: which one, on which states, for how long, and what it must not repeat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from moothall.model.engines import Endpoint
from moothall.pulumi_cli.installation import Installation
from moothall.pulumi_engine.provider.port import Connect, Provider

LONGEST_RUN = 3600.0  # seconds


def _connect(address: Endpoint) -> Provider:
    from moothall.pulumi_engine.provider.engine import connect

    return connect(address)


@dataclass(frozen=True)
class CliClient:
    """The CLI of an installation. `url` is the backend of the states, as Pulumi names it (`s3://…`, `azblob://…`,
    `gs://…`, `postgres://…`, `https://api.pulumi.com`); empty for the local state, which the embedded engine shares.
    `seconds` bounds one run of the CLI. `secrets` are texts that no message may hold. `connect` opens the engines, to
    look at what the CLI leaves to others.
    """

    installation: Installation
    url: str = ""
    seconds: float = LONGEST_RUN
    secrets: Collection[str] = ()
    connect: Connect = _connect
