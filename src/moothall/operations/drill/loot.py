"""What a thief has who took a copy of the state and its passphrase: all that derives from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moothall.deploy.built_images import SEAL
from moothall.deploy.render_secrets import secret_labels
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Plan
from moothall.ports import Vault

STOLEN, FORGED = "stolen", "forged"


@dataclass(frozen=True)
class Loot:
    """The vault of the stolen keyring, the last change of that, and the plan of what stands."""

    vault: DerivingVault
    sequence: int
    plan: Plan

    def identities(self, name: str, in_use: Vault) -> Iterator[tuple[str, str]]:
        """Yield what a thief shows as a leaf: how it came to be, and certificate and key, PEM.

        One is the leaf's own; the other is made with the stolen authority, and states the thumbprint that is in use.
        """
        leaf = self.plan.leaves[name]
        yield STOLEN, self.vault.certificate(leaf) + self.vault.key(leaf)
        yield FORGED, self.vault.forge(leaf, in_use.thumbprint(leaf))

    def derived_in_use(self, in_use: Vault) -> list[str]:
        """Return the labels of passwords, keys and authorities in use that the stolen keyring derives."""
        labels = {label for stack in self.plan.stacks for label in secret_labels(stack)}
        labels |= {SEAL, *(tenant.admin_secret for tenant in self.plan.tenants)}
        same = [label for label in sorted(labels) if self.vault.secret(label) == in_use.secret(label)]
        same += [leaf.name for leaf in self.plan.certificates if self.vault.key(leaf) == in_use.key(leaf)]
        for name, stolen, trusted in (
            ("authority", self.vault.authority(), in_use.authority()),
            ("people's authority", self.vault.people_authority(), in_use.people_authority()),
        ):
            same += [name] if stolen in trusted else []
        return same
