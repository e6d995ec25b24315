"""Canaries: every secret of the running partnership, searched everywhere it must not stand in clear."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.live.running import Place

from moothall.ports import Vault
from moothall.verbs import session

pytestmark = pytest.mark.live


@pytest.fixture
def secrets(standing: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Every secret by its label: passwords, the repositories' ciphers, the inside of every private key."""
    for name, value in standing.environment.items():
        monkeypatch.setenv(name, value)
    options = argparse.Namespace(
        root=standing.root,
        state=standing.state,
        as_of=date.today(),
        partnership=None,
        council=None,
        site=None,
        instance=None,
        engines=None,
    )
    plan = session.plan_of(options)
    vault = session.open_vault(options, plan)
    found = dict(_passwords(plan, vault))
    for leaf in plan.certificates:
        found[f"key of {leaf.name}"] = vault.key(leaf).splitlines()[1].encode()
    assert len(found) > 40
    return found


def _passwords(plan: object, vault: Vault) -> Iterator[tuple[str, bytes]]:
    for stack in plan.stacks:
        for container in stack.containers:
            for file in container.files:
                for part in file.text.split("<<secret:")[1:]:
                    label = part.split(">>")[0]
                    yield label, vault.secret(label).encode()


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


def test_canary_would_be_found(standing: Place, secrets: dict[str, bytes]) -> None:
    """The search finds a secret where it rightly stands: in the files of a container."""
    application = standing.containers()["acceptance.durham.morpeth.erp-application"]
    stream, _ = application.get_archive("/cfg/trytond.conf")

    assert _hits(secrets, "/cfg", b"".join(stream))
