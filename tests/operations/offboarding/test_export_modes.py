"""An export holds a council's data: every file and folder of it is for its owner alone, whatever the umask is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from tests.operations.offboarding.test_foreign import Saying, attachment, below

from moothall import paths
from moothall.compilation import compile_all
from moothall.docker_engine.pool import EnginePool
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import PASSED, CheckResult
from moothall.operations.offboarding import manifest, proof
from moothall.operations.offboarding.handover import write
from moothall.operations.offboarding.leaver import Leaver
from moothall.operations.offboarding.tenancy import Tenancy, tenancies
from moothall.ports import Silent
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session
from moothall.validation.validate import validate

DAY = date(2008, 6, 1)
COUNCIL = "durham"
NOWHERE = Engines(Endpoint("unix:///nowhere/docker.sock"))


class Answering(Saying):
    """A session that also answers a question."""

    def rows(self, script: str, **values: str) -> list[list[str]]:
        """Return a version, or that nothing is frozen."""
        return [["15.18" if "server_version" in script else "-1"]]


class Server(DatabaseServer):
    """A server all of whose sessions are of the tests."""

    def tenant_session(self, tenant: str, database: str | None = None) -> Session:
        """Return it."""
        return Answering(attachment(7), "dump complete")

    def provisioning(self) -> Session:
        """Return it."""
        return self.tenant_session("")

    administration = provisioning


@dataclass(frozen=True)
class AtHome(Leaver):
    """A leaver whose data is in a server of the tests."""

    def server(self, tenancy: Tenancy) -> DatabaseServer:
        """Return it."""
        return Server(None, "crm")  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """The umask of somebody who shares everything with everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_nothing_of_an_export_is_open_to_others(tmp_path: Path) -> None:
    """Dump, attachments, definitions, page, manifest and proof: the export may be copied without its folder."""
    loaded = validate(paths.PROJECT, DAY)
    [plan] = compile_all(loaded.definitions, DAY, "northumberland-durham")
    [folder] = [each for each in loaded.definitions.folders if each.partnership.metadata.name == plan.partnership]
    [council] = [each for each in folder.councils if each.metadata.name == COUNCIL]
    who = AtHome(folder, council, plan, EnginePool(plan, NOWHERE), tenancies(folder, COUNCIL, plan, plan, None))

    write(tmp_path, Silent(), who, loaded)
    proof.write(tmp_path, [CheckResult("a", "a", PASSED, "")])

    assert {"proof.md", "proof.json", manifest.MANIFEST, "README.md", "requirements.txt"} <= set(below(tmp_path))
    assert [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []
