"""A vault that is opened when something is first taken out of it: where nothing has changed nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from moothall.failures import OperationError
from moothall.model.planned import Certificate
from moothall.ports import Vault


class LateVault:
    """The vault that `open_vault` returns, which is called once; when it cannot be opened, `failure` says why."""

    def __init__(self, open_vault: Callable[[], Vault]) -> None:
        self._open_vault = open_vault
        self._vault: Vault | None = None
        self._lock = threading.Lock()
        self.failure: OperationError | None = None

    def secret(self, label: str) -> str:
        """Return the secret of this label. Raises OperationError, as all do, when the vault cannot be opened."""
        return self._get_vault().secret(label)

    def generation(self, label: str) -> int:
        """Return the number of the generation of `secret`."""
        return self._get_vault().generation(label)

    def former_secrets(self, label: str) -> Mapping[int, str]:
        """Return the former secrets of a backup repository."""
        return self._get_vault().former_secrets(label)

    def authority(self) -> str:
        """Return the certificates of the partnership's authorities."""
        return self._get_vault().authority()

    def people_authority(self) -> str:
        """Return the certificates of the authorities that browsers are to trust."""
        return self._get_vault().people_authority()

    def certificate(self, leaf: Certificate) -> str:
        """Return the leaf's certificate."""
        return self._get_vault().certificate(leaf)

    def key(self, leaf: Certificate) -> str:
        """Return the leaf's private key."""
        return self._get_vault().key(leaf)

    def thumbprint(self, leaf: Certificate) -> str:
        """Return what tells the leaf's key from every other."""
        return self._get_vault().thumbprint(leaf)

    def rotated_at(self, label: str) -> int:
        """Return the change of the keyring with which the label's version began."""
        return self._get_vault().rotated_at(label)

    def _get_vault(self) -> Vault:
        with self._lock:
            if self.failure is not None:
                raise self.failure
            if self._vault is None:
                try:
                    self._vault = self._open_vault()
                except OperationError as failure:
                    self.failure = failure
                    raise
            return self._vault
