"""X.509 certificates (RFC 5280), P-256, signed with deterministic ECDSA so that the same input gives the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from ipaddress import IPv4Network, ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moothall.keys import validity
from moothall.model.planned import Certificate

_PURPOSES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
_LOOPBACK = IPv4Network("127.0.0.0/8")
Serial = Callable[[str], int]
"""Gives the serial number for the content of a certificate."""


@dataclass(frozen=True)
class Issuer:
    """An authority: its private key and its own certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def issue_authority(
    key: ec.EllipticCurvePrivateKey, subject: str, generation: int, agreed: date, serial: Serial, domain: str = ""
) -> Issuer:
    """Return an authority of a partnership, valid for 40 years from the first second of the day `agreed`.

    One that took the place of another has another name: two of one name may not sign with the same serial number
    (RFC 5280, 4.1.2.2). With a `domain` it is believed for names in that, and for a machine's own addresses, alone.
    """
    name = _name(f"moothall {subject}", f"generation {generation}" if generation > 1 else "")
    days = validity.of_authority(agreed)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), serial(f"authority/{subject}/{agreed}"))
        .not_valid_before(_start(days.first))
        .not_valid_after(_end(days.last))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if domain:
        permitted = [x509.DNSName(domain), x509.IPAddress(_LOOPBACK)]
        builder = builder.add_extension(x509.NameConstraints(permitted, excluded_subtrees=None), critical=True)
    return Issuer(key, builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True))


def issue_leaf(
    leaf: Certificate, key: ec.EllipticCurvePublicKey, issuer: Issuer, as_of: date, serial: Serial, stated: str = ""
) -> x509.Certificate:
    """Return the leaf's certificate, valid on the days of `validity.of_leaf` on which its issuer is valid too.

    There must be such a day. It states its key's thumbprint, or `stated` in its place.
    """
    days = validity.of_leaf(as_of)
    start = max(_start(days.first), issuer.certificate.not_valid_before_utc)
    end = min(_end(days.last), issuer.certificate.not_valid_after_utc)
    return (
        x509.CertificateBuilder(
            issuer.certificate.subject,
            _name(*leaf.subject(stated or thumbprint(key))),
            key,
            serial(f"leaf/{leaf}/{start}/{end}"),
        )
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSES[usage] for usage in leaf.usages]), critical=False)
        .add_extension(_alternative_names(leaf), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_authority_identifier(issuer), critical=False)
        .sign(issuer.key, hashes.SHA256(), ecdsa_deterministic=True)
    )


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return half of the SHA-256 of a public key, in hexadecimal: a certificate states it in its subject.

    Whoever lets somebody in by certificate asks for it, so that a key which was exchanged opens nothing any more,
    although its certificate is valid for years. A list of revoked certificates would have to be renewed in time,
    everywhere.
    """
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()[:32]


def _name(common_name: str, unit: str = "") -> x509.Name:
    """Return a name of a common name and, if it is given, an organisational unit."""
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name), *units])


def _alternative_names(leaf: Certificate) -> x509.SubjectAlternativeName:
    """Return the leaf's host names and addresses; a leaf with none is known by its name."""
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in leaf.dns_names]
    names += [x509.IPAddress(ip_address(address)) for address in leaf.addresses]
    return x509.SubjectAlternativeName(names or [x509.DNSName(leaf.common_name or leaf.name)])


def _authority_identifier(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    """Return the identifier of the issuer's key, as its own certificate states it."""
    extension = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(extension.value)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    """Return what the key may do: an authority signs certificates, a leaf signs handshakes."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _start(day: date) -> datetime:
    """Return the first second of a day, UTC."""
    return datetime.combine(day, time(0, 0, 0), UTC)


def _end(day: date) -> datetime:
    """Return the last second of a day, UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)
