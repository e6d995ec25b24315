"""What a certificate says of whose it is: a name and a key, in the order that its readers ask for."""

from __future__ import annotations

from datetime import date

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from moothall.keys.key_versions import FIRST
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.verify.checks.certificates import InstalledCertificate

KNOWN_BY_KEY = Certificate("agent-morpeth.erp", None, ("agent-morpeth.erp",), (), ("client", "server"))
KNOWN_BY_NAME = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))


def vault(generation: int = 0) -> DerivingVault:
    """Return the vault of a generation of keys."""
    version = FIRST.next(1) if generation else FIRST
    return DerivingVault(
        {0: bytes(32)}, "north", agreed=date(2006, 1, 1), as_of=date.today(), version=lambda label: version
    )


def subject(pem: str) -> list[str]:
    """Return the common name and the organisational unit of a certificate, of which there is one each."""
    name = x509.load_pem_x509_certificate(pem.encode()).subject
    kinds = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    found = [str(attribute.value) for kind in kinds for attribute in name.get_attributes_for_oid(kind)]
    assert len(found) == len(list(name)) == 2
    return found


def test_a_backup_service_is_known_by_its_key() -> None:
    """pgBackRest asks for a common name alone: it is another with the next generation of keys."""
    before, now = vault(), vault(1)
    assert subject(before.certificate(KNOWN_BY_KEY)) == [before.thumbprint(KNOWN_BY_KEY), KNOWN_BY_KEY.name]
    assert before.thumbprint(KNOWN_BY_KEY) != now.thumbprint(KNOWN_BY_KEY)


def test_a_relay_is_known_by_its_name_and_key() -> None:
    """A gateway asks for both."""
    assert subject(vault().certificate(KNOWN_BY_NAME)) == [KNOWN_BY_NAME.name, vault().thumbprint(KNOWN_BY_NAME)]


@pytest.mark.parametrize("leaf", [KNOWN_BY_KEY, KNOWN_BY_NAME])
def test_verify_tells_another_key_and_another_name(leaf: Certificate) -> None:
    """Whatever order the two have in the certificate that is in use."""
    before, now = vault(), vault(1)
    other = Certificate("agent-consett.erp", None, ("agent-consett.erp",), (), ("client", "server"))
    installed = InstalledCertificate(before.certificate(leaf))
    assert list(installed.troubles(leaf, before)) == []
    assert list(installed.troubles(leaf, now)) == ["is of a key that is in use no more"]
    [trouble] = InstalledCertificate(before.certificate(other)).troubles(leaf, before)
    assert trouble.endswith(f" instead of {leaf.name}")
