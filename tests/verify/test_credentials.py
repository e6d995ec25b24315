"""How one logs in: all that is needed, and nothing written that was not asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.verify.plans import tenant

from moothall.keys import open_keyring
from moothall.keys.vault import DerivingVault
from moothall.paths import PROJECT
from moothall.pulumi_engine.state.passphrase import Passphrase
from moothall.report.credentials import text as credentials_text
from moothall.report.credentials import view as credentials
from moothall.report.style import Style

PHRASE = "correct horse battery staple"


def test_the_text_says_all_that_is_needed() -> None:
    """Addresses, database, user, password, and how to have the certificate trusted."""
    text = credentials_text.render(
        credentials.answer(tenant("p", "durham"), "pass-word", "PEM", None).view, Style(False)
    )
    assert text == (
        "Durham: ERP\n"
        "  local      https://127.1.2.3:8443/  (on this machine)\n"
        "  network    https://durham.erp.test/  (from the council's own network)\n"
        "  database   durham\n"
        "  user       admin\n"
        "  password   pass-word\n"
        "  authority  moothall credentials durham erp --ca-file ca.crt  writes the certificate to trust\n"
    )


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a state directory with a key, as a first `up` leaves it."""
    folder = tmp_path_factory.mktemp("state")
    open_keyring(folder, "northumberland-durham", lambda salt: Passphrase(PHRASE, salt), create=True)
    return folder


def moothall(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line on the real definitions."""
    places = ["--root", str(PROJECT), "--state", str(state), "--partnership", "northumberland-durham"]
    return subprocess.run(
        [sys.executable, "-m", "moothall", "credentials", *places, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "MOOTHALL_PASSPHRASE": PHRASE},
        check=False,
    )


def test_the_password_is_the_vaults(state: Path, tmp_path: Path) -> None:
    """And the authority's certificate lands in the file asked for."""
    file = tmp_path / "ca.crt"
    done = moothall(state, "durham", "erp", "--ca-file", str(file), "--format", "json")
    assert done.returncode == 0, done.stderr
    view = json.loads(done.stdout)
    keyring = open_keyring(state, "northumberland-durham", lambda salt: Passphrase(PHRASE, salt), create=False)
    vault = DerivingVault(
        keyring.masters,
        "northumberland-durham",
        agreed=date(2006, 10, 10),
        as_of=date.today(),
        people=keyring.versions.people,
        domain="northumberland-durham.test",
    )
    assert file.read_text() == view["authority"] == vault.people_authority() != vault.authority()
    assert len(view["password"]) == 32
    assert (view["council"], view["instance"], view["database"]) == ("durham", "erp", "durham")


def test_nothing_is_written_unless_asked(state: Path) -> None:
    """Neither into the state nor beside it."""
    before = sorted(state.rglob("*"))
    assert moothall(state, "durham", "erp").returncode == 0
    assert sorted(state.rglob("*")) == before


def test_a_tenant_that_is_not_there(state: Path) -> None:
    """Northumberland's use of the CRM is planned only; those that there are get named."""
    done = moothall(state, "northumberland", "crm")
    assert done.returncode == 64
    assert "northumberland has no tenant of crm" in done.stderr
    assert "northumberland erp" in done.stderr
