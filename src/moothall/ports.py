"""The small doors through which the outside comes in: progress, and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from moothall.model.outcome import Report
from moothall.model.planned import Certificate


class Progress(Protocol):
    """Receives reports of long work; the silent one is the default, the command line fills in a live one."""

    def stage(self, text: str) -> None:
        """Say what begins now ("building images")."""

    def started(self, stack: str, step: str) -> None:
        """Say that a step of a stack has begun."""

    def finished(self, stack: str, step: str, seconds: float) -> None:
        """Say that a step of a stack is done."""

    def failed(self, stack: str, step: str, message: str) -> None:
        """Say that a step of a stack failed, and why."""

    def ask(self, answer: Report, question: str) -> str | None:
        """Show an answer, ask a question about it and return what was typed; None when nobody is there to ask."""


class Silent:
    """A progress that says nothing."""

    def stage(self, text: str) -> None:
        """Ignore."""

    def started(self, stack: str, step: str) -> None:
        """Ignore."""

    def finished(self, stack: str, step: str, seconds: float) -> None:
        """Ignore."""

    def failed(self, stack: str, step: str, message: str) -> None:
        """Ignore."""

    def ask(self, answer: Report, question: str) -> str | None:
        """Return None: nobody is there."""
        return None


class Vault(Protocol):
    """Where secrets, keys and certificates come from; everything is derived, nothing is stored in clear."""

    def secret(self, label: str) -> str:
        """Return the secret of this label, printable ASCII without quotes, blanks, `:` or `@`."""

    def generation(self, label: str) -> int:
        """Return the number of the generation of `secret`, 1 for the first; no secret."""

    def former_secrets(self, label: str) -> Mapping[int, str]:
        """Return the former secrets of a backup repository that still open one, by generation, the newest first."""

    def authority(self) -> str:
        """Return the certificates of the partnership's trusted authorities, PEM, that of the one that signs first."""

    def people_authority(self) -> str:
        """Return the certificates of the authorities that people's browsers are to trust, as `authority` does."""

    def certificate(self, leaf: Certificate) -> str:
        """Return the leaf's certificate, PEM, deterministic for the same leaf and dates."""

    def key(self, leaf: Certificate) -> str:
        """Return the leaf's private key, PEM (PKCS 8)."""

    def thumbprint(self, leaf: Certificate) -> str:
        """Return what tells the leaf's key from every other, as its certificate states it (OU); no secret."""

    def rotated_at(self, label: str) -> int:
        """Return the change of the keyring with which the version in use of `secret/<label>` or `leaf/<name>` began.

        It is 0 for what has not been exchanged.
        """
