"""Keyrings for the tests: opened with a passphrase, and what is derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from moothall.keys.keyring import Keyring, MakeCipher, open_keyring
from moothall.keys.vault import DerivingVault
from moothall.pulumi_engine.state.passphrase import Passphrase

OLD = "the old passphrase"
IDENTITIES = {"durham": "u-1", "dales": "u-2"}
DURHAMS = ["secret/tenant/u-1/erp/database-password", "leaf/relay.durham.erp", "leaf/user.durham.erp"]
DALES = ["secret/tenant/u-2/erp/database-password", "leaf/gateway.dales.erp.morpeth"]
INSTANCES = ["leaf/pg-morpeth.erp", "leaf/job.erp"]
LASTING = ["secret/instance/erp/repository-cipher", "secret/images", "authority"]
ALL = [*DURHAMS, *DALES, *INSTANCES, *LASTING]


def cipher(text: str = OLD) -> MakeCipher:
    """Return what makes ciphers of a passphrase."""
    return lambda salt: Passphrase(text, salt)


def opened(state: Path, text: str = OLD) -> Keyring:
    """Open the keyring of the partnership `north`."""
    return open_keyring(state, "north", cipher(text), create=False)


def vault(keyring: Keyring, identities: Mapping[str, str] = IDENTITIES) -> DerivingVault:
    """Return the vault of a keyring, on a day of its partnership."""
    return DerivingVault(
        keyring.masters,
        "north",
        agreed=date(2006, 1, 1),
        as_of=date(2006, 10, 10),
        version=lambda label: keyring.versions.of(label, identities),
        authorities=keyring.versions.authorities,
        people=keyring.versions.people,
        domain="north.test",
        former=[former.version for former in keyring.versions.former],
    )
