"""Secrets of one state: opened only when needed, and left as they are while their text is unchanged."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping

from moothall.pulumi_engine.protocol.values import SECRET_SIGNATURE, SIGNATURE, Json, Secret, Value, is_sealed, plain
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.passphrase import Passphrase

_passphrases: dict[Backend, str] = {}
_new_salt_lines: dict[Backend, str] = {}
_passphrase_lock = threading.RLock()


def _passphrase_of(backend: Backend) -> str:
    with _passphrase_lock:
        if backend not in _passphrases:
            _passphrases[backend] = backend.passphrase()
        return _passphrases[backend]


class Vault:
    """Seals and reveals the secrets of one checkpoint.

    `salt_line` is the one recorded in the checkpoint, None when it holds no secret yet; a stack that needs its first
    one takes what `sibling_salt` finds, so that a project with many stacks derives one key and not one for each.
    """

    def __init__(
        self, backend: Backend, salt_line: str | None, sibling_salt: Callable[[], str | None] | None = None
    ) -> None:
        self._backend = backend
        self._sibling_salt = sibling_salt
        self._crypter: Passphrase | None = None
        self._lock = threading.Lock()
        self.salt_line = salt_line

    def seal(self, value: Value, before: Json = None) -> Json:
        """The value as it is written to a state file; where `before` holds the same secret its ciphertext is kept."""
        if isinstance(value, Secret):
            return self._seal_secret(plain(value.value), before)
        if isinstance(value, Mapping):
            old = before if isinstance(before, Mapping) else {}
            return {key: self.seal(item, old.get(key)) for key, item in value.items()}
        if isinstance(value, list):
            old_items = before if isinstance(before, list) else []
            return [
                self.seal(item, old_items[index] if index < len(old_items) else None)
                for index, item in enumerate(value)
            ]
        return value

    def reveal(self, stored: Json) -> Value:
        """A value of a state file with its secrets in clear, still marked."""
        if is_sealed(stored):
            return Secret(self._text_of(stored))
        if isinstance(stored, Mapping):
            return {key: self.reveal(item) for key, item in stored.items()}
        if isinstance(stored, list):
            return [self.reveal(item) for item in stored]
        return stored

    def salt(self) -> str:
        """The salt line that goes with the passphrase; made when there is none yet. Raises BadPassphrase."""
        return self._open().salt_line

    def _seal_secret(self, value: Json, before: Json) -> Json:
        if is_sealed(before) and "ciphertext" in before and plain(self._text_of(before)) == value:
            return before
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": self._open().encrypt(json.dumps(value))}

    def _text_of(self, sealed: Mapping[str, str]) -> Value:
        if "plaintext" in sealed:
            return json.loads(sealed["plaintext"])
        return json.loads(self._open().decrypt(sealed["ciphertext"]))

    def _open(self) -> Passphrase:
        with self._lock:
            if self._crypter is None:
                self._crypter = self._make()
            return self._crypter

    def _make(self) -> Passphrase:
        secret = _passphrase_of(self._backend)
        if self.salt_line is None:
            with _passphrase_lock:
                salt_line = self._sibling_salt() if self._sibling_salt else None
                salt_line = salt_line or _new_salt_lines.get(self._backend) or self._backend.salt_line()
                self.salt_line = salt_line or Passphrase(secret).salt_line
                _new_salt_lines[self._backend] = self.salt_line
        return Passphrase(secret, self.salt_line)
