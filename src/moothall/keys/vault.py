"""The vault: every password, private key and certificate of a partnership, derived from its master keys.

Nothing is stored: the same master keys, version, label and dates give the same secret or certificate byte for byte, so
a second `up` finds nothing to change. Derivation is HKDF-SHA256 (RFC 5869); signatures are deterministic ECDSA
(RFC 6979).
"""

from __future__ import annotations

import string
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from moothall.keys.certificates import Issuer, issue_authority, issue_leaf, thumbprint
from moothall.keys.key_versions import AUTHORITY, FIRST, OF_MACHINES, KeyVersion, VersionOf
from moothall.model.planned import Certificate

SECRET_LENGTH = 32
_PEOPLE = "people"
_ALPHABET = string.ascii_letters + string.digits
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-4, D.1.2.3

Derived = TypeVar("Derived")


class DerivingVault:
    """Derives secrets, keys and certificates from one partnership's master keys; satisfies `ports.Vault`."""

    def __init__(
        self,
        masters: Mapping[int, bytes],
        partnership: str,
        *,
        agreed: date,
        as_of: date,
        version: VersionOf = lambda label: FIRST,
        authorities: Sequence[KeyVersion] = (FIRST,),
        people: Sequence[KeyVersion] = (OF_MACHINES,),
        domain: str = "",
        former: Sequence[KeyVersion] = (),
    ) -> None:
        """Take the master keys, the partnership's name, the day from which authorities are valid, and today.

        A master key has 32 bytes, and is found by the change of the keyring with which it began. `version` says which
        version of each secret is in use, `authorities` which authorities are trusted, the one that signs first,
        `people` which of those that browsers trust, which sign for names in the `domain` alone, and `former` has the
        versions of the ciphers of repositories that are only read.
        `as_of` is the day on which certificates must work, so it is the real day even when a plan is made for another.
        """
        self._masters = masters
        self._partnership = partnership
        self._agreed = agreed
        self._as_of = as_of
        self._version = version
        self._authority_versions = authorities
        self._people_versions = people
        self._domain = domain
        self._former = former
        self._derived_values: dict[tuple[str, object], object] = {}
        self._lock = threading.RLock()

    def secret(self, label: str) -> str:
        """Return the secret of this label: 32 letters and digits, about 190 bits."""
        return self._secret(label, self._version(f"secret/{label}"))

    def generation(self, label: str) -> int:
        """Return the number of the generation of `secret`."""
        return self._version(f"secret/{label}").number

    def former_secrets(self, label: str) -> Mapping[int, str]:
        """Return the ciphers of former repositories that are kept, by generation, the newest first."""
        return {version.number: self._secret(label, version) for version in self._former}

    def authority(self) -> str:
        """Return the certificates of all authorities that are trusted, PEM, that of the one that signs first.

        Each is valid for 40 years from the agreement.
        """
        return "".join(_pem(authority.certificate) for authority in self._authorities())

    def people_authority(self) -> str:
        """Return the certificates of all authorities that browsers are to trust, as `authority` does."""
        return "".join(_pem(authority.certificate) for authority in self._people())

    def certificate(self, leaf: Certificate) -> str:
        """Return the leaf's certificate, PEM; valid from 1 January of this year to 31 March of the year after next."""
        return self._derive_once("certificate", leaf, lambda: _pem(self._issue(leaf)))

    def key(self, leaf: Certificate) -> str:
        """Return the leaf's private key, PEM (PKCS 8), not encrypted."""
        return self._derive_once("key", leaf.name, lambda: _key_pem(self._private_key(f"leaf/{leaf.name}")))

    def thumbprint(self, leaf: Certificate) -> str:
        """Return what tells the leaf's key from every other, as its certificate states it: not every year's anew."""
        return self._derive_once(
            "thumbprint", leaf.name, lambda: thumbprint(self._private_key(f"leaf/{leaf.name}").public_key())
        )

    def forge(self, leaf: Certificate, stated: str) -> str:
        """Return a certificate for a leaf with a key of the moment, and that key, PEM: what a thief of the vault makes.

        `stated` is the thumbprint that it states, of whichever key.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, serial = self._authorities()[0], lambda _: x509.random_serial_number()
        return _pem(issue_leaf(leaf, key.public_key(), issuer, self._as_of, serial, stated)) + _key_pem(key)

    def rotated_at(self, label: str) -> int:
        """Return the change of the keyring with which the label's version began, 0 for one without a salt."""
        return self._version(label).since

    def _secret(self, label: str, version: KeyVersion) -> str:
        return _letters(self._derive(f"secret/{label}/{version.number}", 48, version))

    def _authorities(self) -> Sequence[Issuer]:
        """Return the keys and certificates of the authorities, of the one that signs first."""
        return self._derive_once(AUTHORITY, None, lambda: [*map(self._issue_authority, self._authority_versions)])

    def _people(self) -> Sequence[Issuer]:
        """Return the keys and certificates of the authorities that browsers trust."""
        return self._derive_once(_PEOPLE, None, lambda: [*map(self._issue_people, self._people_versions)])

    def _issue_people(self, version: KeyVersion) -> Issuer:
        """Make an authority for people; before there were two it was the first of machines."""
        if version == OF_MACHINES:
            return self._issue_authority(FIRST)
        return self._issue_authority(version, f"{AUTHORITY}/{_PEOPLE}", f"{self._partnership} {_PEOPLE}", self._domain)

    def _issue_authority(
        self, version: KeyVersion, label: str = AUTHORITY, subject: str = "", domain: str = ""
    ) -> Issuer:
        """Make an authority: its key, and the certificate that it signs itself."""

        def serial(content: str) -> int:
            return self._serial(content, version)

        key = self._derive_key(label, version)
        return issue_authority(key, subject or self._partnership, version.number, self._agreed, serial, domain)

    def _issue(self, leaf: Certificate) -> x509.Certificate:
        """Have the authority sign the leaf."""
        label = f"leaf/{leaf.name}"
        version = self._version(label)
        suffix = f"/{version.number}" if version.number > 1 else ""  # two of one authority never share a serial number

        def serial(content: str) -> int:
            return self._serial(content + suffix, version)

        issuer = self._people()[0] if leaf.is_for_people else self._authorities()[0]
        return issue_leaf(leaf, self._private_key(label).public_key(), issuer, self._as_of, serial)

    def _serial(self, content: str, version: KeyVersion) -> int:
        """Return a serial number that belongs to this content: positive and below 2**159 (RFC 5280, 4.1.2.2)."""
        return int.from_bytes(self._derive(f"serial/{content}", 19, version), "big") + 1

    def _private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return the P-256 key of this name."""
        return self._derive_key(name, self._version(name))

    def _derive_key(self, name: str, version: KeyVersion) -> ec.EllipticCurvePrivateKey:
        """Return a version of a P-256 key; 48 bytes make the remainder's bias negligible (FIPS 186-4, B.4.1)."""
        number = int.from_bytes(self._derive(f"key/{name}/{version.number}", 48, version), "big")
        return ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())

    def _derive(self, info: str, length: int, version: KeyVersion) -> bytes:
        """Return `length` bytes for this purpose and no other, from the newest master key that there was for a version.

        The extraction of HKDF is HMAC with the salt as its key: who has the master key and not the salt has nothing.
        """
        purpose, salt = f"moothall/v1/{info}".encode(), bytes.fromhex(version.salt) or None
        master = self._masters[max(since for since in self._masters if since <= version.since)]
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=purpose).derive(master)

    def _derive_once(self, kind: str, subject: object, make: Callable[[], Derived]) -> Derived:
        """Return what was made before, or make it; several threads may ask at once."""
        with self._lock:
            if (kind, subject) not in self._derived_values:
                self._derived_values[kind, subject] = make()
            return self._derived_values[kind, subject]  # type: ignore[return-value]  # stored by the same kind's `make`


def _letters(octets: bytes) -> str:
    """Return 32 letters and digits for 48 bytes: the number they are, written to the base of 62."""
    number = int.from_bytes(octets, "big")
    letters = []
    for _ in range(SECRET_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "".join(letters)


def _pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a private key as PEM text, PKCS 8, without a passphrase: the file's mode protects it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
