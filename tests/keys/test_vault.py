"""The vault: the same input gives the same bytes, other input other bytes, and others' tools accept them."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moothall.keys.key_versions import FIRST
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate

LEAF = Certificate("gateway", "gateway.durham.erp", ("durham.erp.test", "gateway"), ("10.1.2.3",), ("server",))


def vault(master: bytes = b"m" * 32, *, as_of: date = date(2026, 11, 22)) -> DerivingVault:
    """Return a vault of its own, with nothing made yet."""
    return DerivingVault({0: master}, "northumberland-durham", agreed=date(2006, 10, 10), as_of=as_of)


def parsed(text: str) -> x509.Certificate:
    """Return the certificate in PEM text."""
    return x509.load_pem_x509_certificate(text.encode())


def test_everything_is_the_same_from_the_same_master_key() -> None:
    """Byte for byte, from two vaults that know nothing of each other."""
    one, other = vault(), vault()
    assert one.secret("a") == other.secret("a")
    assert one.authority() == other.authority()
    assert one.certificate(LEAF) == other.certificate(LEAF)
    assert one.key(LEAF) == other.key(LEAF)


def test_everything_differs_with_another_master_key() -> None:
    """No secret, key or certificate is shared between partnerships."""
    one, other = vault(), vault(b"n" * 32)
    assert one.secret("a") != other.secret("a")
    assert one.authority() != other.authority()
    assert one.key(LEAF) != other.key(LEAF)


def test_secrets_are_printable_and_differ_by_label() -> None:
    """32 letters and digits, so that no file that holds one needs quotes."""
    secrets = {vault().secret(f"tenant/{number}") for number in range(200)}
    assert len(secrets) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9]{32}", secret) for secret in secrets)


def test_secrets_are_derived_as_documented() -> None:
    """HKDF-SHA256 over the label and generation, 48 bytes written to the base of 62, least digit first."""
    info = b"moothall/v1/secret/tenant/a/1"
    number = int.from_bytes(HKDF(hashes.SHA256(), 48, None, info).derive(b"m" * 32), "big")
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    assert vault().secret("tenant/a") == "".join(alphabet[number // 62**place % 62] for place in range(32))


def test_a_key_belongs_to_its_certificate() -> None:
    """The pair loads into TLS, and the key follows the leaf's name and nothing else."""
    moved = replace(LEAF, addresses=("10.9.9.9",))
    assert vault().key(moved) == vault().key(LEAF)
    assert vault().certificate(moved) != vault().certificate(LEAF)
    assert vault().key(replace(LEAF, name="other")) != vault().key(LEAF)


def test_a_leaf_is_renewed_with_the_year() -> None:
    """All of a year gives one certificate, the next year another, with the same key."""
    assert vault(as_of=date(2026, 1, 1)).certificate(LEAF) == vault(as_of=date(2026, 12, 31)).certificate(LEAF)
    assert vault(as_of=date(2027, 1, 1)).certificate(LEAF) != vault(as_of=date(2026, 12, 31)).certificate(LEAF)
    assert vault(as_of=date(2027, 1, 1)).key(LEAF) == vault().key(LEAF)


def test_validity() -> None:
    """A leaf from 1 January to 31 March of the year after next; the authority for 40 years from the agreement."""
    leaf, authority = parsed(vault().certificate(LEAF)), parsed(vault().authority())
    assert leaf.not_valid_before_utc == datetime(2026, 1, 1, tzinfo=UTC)
    assert leaf.not_valid_after_utc == datetime(2028, 3, 31, 23, 59, 59, tzinfo=UTC)
    assert authority.not_valid_before_utc == datetime(2006, 10, 10, tzinfo=UTC)
    assert authority.not_valid_after_utc == datetime(2046, 10, 10, 23, 59, 59, tzinfo=UTC)


def test_a_leaf_lives_within_its_authority() -> None:
    """In the first and in the last year of the agreement's authority."""
    authority = parsed(vault().authority())
    assert (
        parsed(vault(as_of=date(2006, 12, 1)).certificate(LEAF)).not_valid_before_utc == authority.not_valid_before_utc
    )
    assert parsed(vault(as_of=date(2046, 1, 1)).certificate(LEAF)).not_valid_after_utc == authority.not_valid_after_utc


def test_an_authority_agreed_on_a_leap_day() -> None:
    """It ends on the same day 40 years later."""
    leap = DerivingVault({0: b"m" * 32}, "p", agreed=date(2008, 2, 29), as_of=date(2026, 1, 1))
    assert parsed(leap.authority()).not_valid_after_utc.date() == date(2048, 2, 29)


def test_usages_are_kept_apart() -> None:
    """A client's certificate is no server's."""
    client = parsed(vault().certificate(replace(LEAF, usages=("client",))))
    usages = client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_serial_numbers_differ() -> None:
    """Two certificates of one authority never share a serial number."""
    certificates = [vault().certificate(replace(LEAF, name=f"leaf-{number}")) for number in range(50)]
    certificates += [vault().certificate(replace(LEAF, dns_names=("x",))), vault().authority()]
    assert len({parsed(text).serial_number for text in certificates}) == 52


@pytest.mark.parametrize(
    ("leaf", "purpose", "good"),
    [
        (LEAF, ["-purpose", "sslserver", "-verify_hostname", "durham.erp.test"], True),
        (LEAF, ["-purpose", "sslserver", "-verify_ip", "10.1.2.3"], True),
        (LEAF, ["-purpose", "sslserver", "-verify_hostname", "derwentside.erp.test"], False),
        (LEAF, ["-purpose", "sslclient"], False),
        (replace(LEAF, usages=("client",)), ["-purpose", "sslclient"], True),
        (replace(LEAF, usages=("client",)), ["-purpose", "sslserver"], False),
    ],
)
def test_openssl_agrees(tmp_path: Path, leaf: Certificate, purpose: list[str], good: bool) -> None:
    """OpenSSL, with its strict checks, takes a leaf for what it is, and for nothing else."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "ca.crt").write_text(vault().authority())
    (tmp_path / "leaf.crt").write_text(vault().certificate(leaf))
    command = [openssl, "verify", "-x509_strict", "-attime", "1795305600", "-CAfile", str(tmp_path / "ca.crt")]
    done = subprocess.run([*command, *purpose, str(tmp_path / "leaf.crt")], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is good, done.stdout + done.stderr


def test_a_pair_loads_into_tls(tmp_path: Path) -> None:
    """Python's ssl module refuses a certificate and a key that do not belong together."""
    (tmp_path / "leaf.crt").write_text(vault().certificate(LEAF))
    (tmp_path / "leaf.key").write_text(vault().key(LEAF))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf.crt", tmp_path / "leaf.key")
    (tmp_path / "other.key").write_text(vault().key(replace(LEAF, name="other")))
    with pytest.raises(ssl.SSLError):
        context.load_cert_chain(tmp_path / "leaf.crt", tmp_path / "other.key")


def test_a_thumbprint_tells_the_key_not_the_year() -> None:
    """The certificate says it as its unit; it stays over a renewal and goes with the generation."""
    this_year, next_year = vault(), vault(as_of=date(2027, 1, 1))
    unit = parsed(this_year.certificate(LEAF)).subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    later = DerivingVault(
        {0: b"m" * 32},
        "northumberland-durham",
        agreed=date(2006, 10, 10),
        as_of=date(2026, 11, 22),
        version=lambda _: FIRST.next(1),
    )
    assert [attribute.value for attribute in unit] == [this_year.thumbprint(LEAF)]
    assert this_year.thumbprint(LEAF) == next_year.thumbprint(LEAF)
    assert this_year.certificate(LEAF) != next_year.certificate(LEAF)
    assert this_year.thumbprint(LEAF) != later.thumbprint(LEAF)
