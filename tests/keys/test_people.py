"""The authority that people's browsers trust: for names of the partnership alone, and no machine believes it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from tests.keys.keyrings import cipher, opened, vault
from tests.keys.unsealed import unseal

from moothall.keys import open_keyring
from moothall.keys.changes import exchange_master, go_on
from moothall.keys.keyring import Keyring
from moothall.keys.keyring_file import keyring_path, public_versions
from moothall.model.planned import Certificate

USER = Certificate("user.durham.erp", "erp.durham.north.test", ("erp.durham.north.test",), ("127.1.2.3",), ("server",))
RELAY = Certificate("relay.durham.erp", "relay.durham.erp", ("relay.durham.erp",), (), ("client", "server"))
BANK = replace(USER, common_name="bank.example", dns_names=("bank.example",))
MACHINE = replace(USER, addresses=("192.0.2.1",))
UNTIL = 2_000_000_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a new keyring."""
    open_keyring(tmp_path, "north", cipher(), create=True)
    return tmp_path


def believed(folder: Path, authorities: str, certificate: str) -> bool:
    """Say whether OpenSSL believes a server's certificate, as browsers do, from these authorities."""
    (folder / "trusted.crt").write_text(authorities)
    (folder / "shown.crt").write_text(certificate)
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-attime", "1160438400"]
    done = subprocess.run(
        [*words, "-CAfile", folder / "trusted.crt", folder / "shown.crt"], capture_output=True, check=False
    )
    return done.returncode == 0


def next_phase(state: Path) -> Keyring:
    """Go on with an exchange that everything follows."""
    return go_on(state, "north", cipher(), public_versions(state, "north"))


def test_it_is_believed_for_the_partnerships_names_alone(state: Path) -> None:
    """Whoever has its key is no other web site, and no other machine, to those who trust it."""
    now = vault(opened(state))
    assert believed(state, now.people_authority(), now.certificate(USER))
    assert not believed(state, now.people_authority(), now.certificate(BANK))
    assert not believed(state, now.people_authority(), now.certificate(MACHINE))
    [authority] = x509.load_pem_x509_certificates(now.people_authority().encode())
    assert authority.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_neither_signs_for_the_other(state: Path) -> None:
    """What browsers are to trust lets nobody through a gateway, and browsers do not trust what signs for gateways."""
    now = vault(opened(state))
    assert believed(state, now.authority(), now.certificate(RELAY))
    assert not believed(state, now.authority(), now.certificate(USER))
    assert not believed(state, now.people_authority(), now.certificate(RELAY))


def test_it_is_exchanged_in_the_same_phases(state: Path) -> None:
    """Who trusts what `credentials` shows from the beginning is never turned away."""
    before = vault(opened(state))
    first = vault(exchange_master(state, "north", cipher(), UNTIL))
    second, last = vault(next_phase(state)), vault(next_phase(state))

    for phase in (first, second, last):
        assert believed(state, first.people_authority(), phase.certificate(USER))
    assert believed(state, before.people_authority(), first.certificate(USER))
    assert not believed(state, before.people_authority(), second.certificate(USER))
    assert not believed(state, last.people_authority(), before.certificate(USER))
    assert not believed(state, last.people_authority(), last.certificate(BANK))


def test_a_keyring_of_before_has_one_until_it_is_exchanged(state: Path) -> None:
    """Nobody has to trust another authority because of an upgrade; the exchange parts the two."""
    unseal(keyring_path(state, "north"), "the old passphrase", one_authority=True)
    before = vault(opened(state))
    assert before.people_authority() == before.authority()
    assert believed(state, before.authority(), before.certificate(USER))

    first = vault(exchange_master(state, "north", cipher(), UNTIL))
    second, last = vault(next_phase(state)), vault(next_phase(state))

    for phase in (first, second, last):
        assert believed(state, first.people_authority(), phase.certificate(USER))
    assert believed(state, before.authority(), first.certificate(USER))
    assert not believed(state, last.authority(), last.certificate(USER))
    assert believed(state, last.people_authority(), last.certificate(USER))
    assert len(opened(state).masters) == 2, "the old one is kept for the cipher alone"
