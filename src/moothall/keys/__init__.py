"""Keys: where the passphrase comes from, the keyring it opens, and the vault that derives everything else.

A plan names secrets and certificates; this room makes them. It reads no definition and knows no container.
"""

from moothall.keys.keyring import Cipher, master_key
from moothall.keys.passphrase import passphrase
from moothall.keys.vault import DerivingVault

__all__ = ["Cipher", "DerivingVault", "master_key", "passphrase"]
