"""Pulumi's passphrase secrets: PBKDF2-SHA256 with 1,000,000 rounds, AES-256-GCM, and a salt line with a check word.

The forms are those of Pulumi's Go SDK (`resource/config/crypt.go`, `secrets/passphrase/manager.go`):
salt line `v1:<salt>:v1:<nonce>:<sealed check word>`, value `v1:<nonce>:<sealed text>`, all base64.
"""

from __future__ import annotations

import base64
import binascii
import os
from functools import lru_cache

from moothall.pulumi_engine.errors import BadPassphrase, MalformedSecret

ROUNDS = 1_000_000
CHECK_WORD = "pulumi"
VERSION = "v1"


@lru_cache(maxsize=64)
def derive_key(passphrase: str, salt: bytes) -> bytes:
    """The AES key of a passphrase and a salt; about a quarter of a second, so each pair is derived once a process."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    return PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=ROUNDS).derive(passphrase.encode())


class Passphrase:
    """Encrypts and decrypts texts with a key made from a passphrase.

    Without a salt line a new random salt is made; `salt_line` is what must be kept beside the ciphertexts.
    Raises BadPassphrase when the passphrase is empty or does not open the check word of the salt line.
    """

    def __init__(self, passphrase: str, salt_line: str | None = None) -> None:
        if not passphrase:
            raise BadPassphrase("it is empty")
        if salt_line is None:
            salt = os.urandom(8)
            self._key = derive_key(passphrase, salt)
            self.salt_line = f"{VERSION}:{_encode(salt)}:{self.encrypt(CHECK_WORD)}"
            return
        salt, check = _split_salt_line(salt_line)
        self._key = derive_key(passphrase, salt)
        self.salt_line = salt_line
        if self.decrypt(check) != CHECK_WORD:
            raise BadPassphrase()

    def encrypt(self, text: str) -> str:
        """The text as `v1:<nonce>:<ciphertext>`, with a fresh nonce each time."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        sealed = AESGCM(self._key).encrypt(nonce, text.encode(), None)
        return f"{VERSION}:{_encode(nonce)}:{_encode(sealed)}"

    def decrypt(self, ciphertext: str) -> str:
        """The text of a ciphertext. Raises BadPassphrase when it was made with another key, or was altered."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        version, _, rest = ciphertext.partition(":")
        nonce, _, sealed = rest.partition(":")
        if version != VERSION:
            raise MalformedSecret("a ciphertext is not of the form v1:<nonce>:<text>")
        try:
            return AESGCM(self._key).decrypt(_decode(nonce), _decode(sealed), None).decode()
        except (InvalidTag, ValueError) as error:
            raise BadPassphrase() from error


def _split_salt_line(line: str) -> tuple[bytes, str]:
    version, _, rest = line.partition(":")
    salt, _, check = rest.partition(":")
    if version != VERSION or not check:
        raise MalformedSecret("the salt line is not of the form v1:<salt>:<check word>")
    return _decode(salt), check


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise MalformedSecret("a ciphertext is not base64") from error
