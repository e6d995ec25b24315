"""Keys: where the passphrase comes from, the keyring it opens, and the vault that derives everything else.

A plan names secrets and certificates; this room makes them. It reads no definition and knows no container. The vault
itself, `keys.vault`, is imported from there, because it loads much that who derives nothing has no need of.
"""

from moothall.keys.keyring import Cipher, open_keyring
from moothall.keys.lazy_vault import LateVault
from moothall.keys.passphrase import passphrase

__all__ = ["Cipher", "LateVault", "open_keyring", "passphrase"]
