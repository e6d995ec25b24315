"""A vault that is opened when something is first taken out of it: where nothing has changed nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable

from moothall.failures import OperationError
from moothall.model.planned import Certificate
from moothall.ports import Vault


class LateVault:
    """The vault that `open_it` returns, asked for once; when it cannot be opened, `failure` says why."""

    def __init__(self, open_it: Callable[[], Vault]) -> None:
        self._open = open_it
        self._vault: Vault | None = None
        self._lock = threading.Lock()
        self.failure: OperationError | None = None

    def secret(self, label: str) -> str:
        """Return the secret of this label. Raises OperationError, as all do, when the vault cannot be opened."""
        return self._opened().secret(label)

    def authority(self) -> str:
        """Return the certificate of the partnership's authority."""
        return self._opened().authority()

    def certificate(self, leaf: Certificate) -> str:
        """Return the leaf's certificate."""
        return self._opened().certificate(leaf)

    def key(self, leaf: Certificate) -> str:
        """Return the leaf's private key."""
        return self._opened().key(leaf)

    def thumbprint(self, leaf: Certificate) -> str:
        """Return what tells the leaf's key from every other."""
        return self._opened().thumbprint(leaf)

    def _opened(self) -> Vault:
        with self._lock:
            if self.failure is not None:
                raise self.failure
            if self._vault is None:
                try:
                    self._vault = self._open()
                except OperationError as failure:
                    self.failure = failure
                    raise
            return self._vault
