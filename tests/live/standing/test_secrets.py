"""Canaries: every secret of the running partnership, searched everywhere it must not stand in clear."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from tests.live.helpers.running import Place
from tests.live.helpers.secrets_of import secrets_of

from moothall.keys import open_keyring
from moothall.operations.secrets import state_passphrase
from moothall.pulumi_engine.state.passphrase import Passphrase

pytestmark = pytest.mark.live


@pytest.fixture
def secrets(standing: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Every secret by its label: passwords, the repositories' ciphers, the inside of every private key."""
    found = secrets_of(standing, monkeypatch)
    assert len(found) > 40
    return found


def _hits(secrets: dict[str, bytes], where: str, content: bytes) -> list[str]:
    return [f"{label} in {where}" for label, secret in secrets.items() if secret in content]


def test_no_secret_in_inspect(standing: Place, secrets: dict[str, bytes]) -> None:
    """`docker inspect` of every container shows none."""
    hits = [
        hit
        for name, container in standing.containers().items()
        for hit in _hits(secrets, name, json.dumps(container.attrs).encode())
    ]

    assert hits == []


def test_no_secret_in_logs(standing: Place, secrets: dict[str, bytes]) -> None:
    """The log of every container shows none."""
    hits = [hit for name, container in standing.containers().items() for hit in _hits(secrets, name, container.logs())]

    assert hits == []


def test_no_secret_in_process_arguments(standing: Place, secrets: dict[str, bytes]) -> None:
    """The arguments and the environment of every process on the machine show none."""
    hits = []
    for process in Path("/proc").glob("[0-9]*"):
        for part in ("cmdline", "environ"):
            try:
                content = (process / part).read_bytes()
            except OSError:  # it ended meanwhile, or is the kernel's
                continue
            hits += _hits(secrets, f"{process}/{part}", content)

    assert hits == []


def test_no_secret_in_state(standing: Place, secrets: dict[str, bytes]) -> None:
    """No file of the state directory holds one in clear, not even with its line ends escaped."""
    files = [path for path in standing.state.rglob("*") if path.is_file()]

    assert len(files) > 80
    assert [hit for path in files for hit in _hits(secrets, str(path), path.read_bytes())] == []


def test_no_secret_in_what_is_shown(standing: Place, secrets: dict[str, bytes]) -> None:
    """Drift, exported states, their history, locks, plans and previews show none, in any form."""
    stacks = [stack["stack"] for stack in standing.run("state", "history", "--format", "json").json["stacks"]]
    asked = [("drift", "--format", form) for form in ("text", "json", "markdown")]
    asked += [("state", "export", stack) for stack in stacks]
    asked += [("state", "history"), ("unlock",), ("plan", "--format", "json"), ("preview", "--format", "json")]
    shown = {words: standing.run(*words) for words in asked}

    assert [str(run) for run in shown.values() if run.code] == []
    assert [hit for words, run in shown.items() for hit in _hits(secrets, str(words), str(run).encode())] == []


def test_the_key_itself_is_nowhere(standing: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The master key, from which all is derived, stands in no file in clear, neither as bytes nor written out."""
    for name, value in standing.environment.items():
        monkeypatch.setenv(name, value)
    key = open_keyring(standing.state, standing.name, _cipher, create=False).master
    forms = {"bytes": key, "hex": key.hex().encode(), "base64": base64.b64encode(key)}
    files = [path for path in standing.root.rglob("*") if path.is_file()]

    assert [hit for path in files for hit in _hits(forms, str(path), path.read_bytes())] == []


def _cipher(salt: str | None) -> Passphrase:
    return Passphrase(state_passphrase(), salt)


def test_canary_would_be_found(standing: Place, secrets: dict[str, bytes]) -> None:
    """The search finds a secret where it rightly stands: in the files of a container."""
    application = standing.containers()["mh-acceptance.durham.morpeth.erp-application"]
    stream, _ = application.get_archive("/cfg/trytond.conf")

    assert _hits(secrets, "/cfg", b"".join(stream))
