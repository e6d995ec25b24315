"""The door to whoever runs the Pulumi program: the embedded engine, or Pulumi itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping
from typing import Protocol

from moothall.model.planned import Certificate
from moothall.ports import Vault
from moothall.pulumi_engine import Backend, Observer, Outcome, StackRun, Survey


class Runner(Protocol):
    """The operations on one stack; the module `moothall.pulumi_engine` is one, `moothall.pulumi_cli.Pulumi` another."""

    def preview(self, run: StackRun, backend: Backend, *, observer: Observer = ...) -> Outcome:
        """What `up` would do."""

    def up(
        self, run: StackRun, backend: Backend, *, observer: Observer = ..., stop: threading.Event | None = None
    ) -> Outcome:
        """Make the stack as its program says."""

    def destroy(
        self,
        project: str,
        stack: str,
        backend: Backend,
        ownership: tuple[str, str],
        *,
        with_data: bool,
        observer: Observer = ...,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Delete what the state records."""

    def destroy_preview(self, project: str, stack: str, backend: Backend, *, with_data: bool) -> Outcome:
        """What `destroy` would delete."""

    def resource_counts(self, project: str, backend: Backend, is_selected: Callable[[str], bool]) -> Mapping[str, int]:
        """The number of resources of each stack that `is_selected` accepts, by its name; no engine is asked."""

    def survey(
        self,
        project: str,
        backend: Backend,
        stacks: Container[str] | None = None,
        *,
        stop: threading.Event | None = None,
    ) -> Survey:
        """The stacks of a project as recorded, all or those named."""


class RecordingVault:
    """A vault that records the secrets it returns, so that they can be removed from the output of other programs."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.secrets: list[str] = []

    def secret(self, label: str) -> str:
        """Return the secret of this label."""
        return self._record(self._vault.secret(label))

    def generation(self, label: str) -> int:
        """Return the number of the generation of `secret`; it is public."""
        return self._vault.generation(label)

    def former_secrets(self, label: str) -> Mapping[int, str]:
        """Return the former secrets of a backup repository."""
        return {number: self._record(text) for number, text in self._vault.former_secrets(label).items()}

    def authority(self) -> str:
        """Return the certificates of the partnership's authorities; they are public."""
        return self._vault.authority()

    def people_authority(self) -> str:
        """Return the certificates of the authorities that browsers are to trust; they are public."""
        return self._vault.people_authority()

    def certificate(self, leaf: Certificate) -> str:
        """Return the leaf's certificate; it is public."""
        return self._vault.certificate(leaf)

    def key(self, leaf: Certificate) -> str:
        """Return the leaf's private key."""
        return self._record(self._vault.key(leaf))

    def thumbprint(self, leaf: Certificate) -> str:
        """Return what tells the leaf's key from every other; it is public."""
        return self._vault.thumbprint(leaf)

    def rotated_at(self, label: str) -> int:
        """Return the change of the keyring with which the label's version began; it is public."""
        return self._vault.rotated_at(label)

    def _record(self, text: str) -> str:
        self.secrets.append(text)
        return text
