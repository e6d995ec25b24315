"""A tenant's data carried from one server to the other, so that a run that is killed is gone on with.

What has been done says the servers alone. First there is a database beside at the target, which marks the beginning;
then the tenant is frozen at the source; what was carried and compared gets the tenant's name at the target, and after
that the source's is set aside. From then on the data is at the target. Nobody is let in at either server meanwhile: the
tenant's application is still on the source's network, and its role is frozen there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from moothall.failures import REFUSED, Inconclusive, OperationError
from moothall.model.planned import TenantPlan
from moothall.operations.restore.record import STAMP
from moothall.ports import Progress
from moothall.postgres import databases
from moothall.postgres.carry import carry, discard_dump, require_room
from moothall.postgres.content import Content, content, differences
from moothall.postgres.server import DatabaseServer

_MOST = 3
"""Differences that are told."""


@dataclass(frozen=True)
class Carrying:
    """A tenant, the server that has its data, and the one that shall have it; `mark` is the council's on its role."""

    tenant: TenantPlan
    source: DatabaseServer
    target: DatabaseServer
    mark: str

    @property
    def database(self) -> str:
        """The name of the tenant's database and role, the same on both servers."""
        return self.tenant.database

    @property
    def staging(self) -> str:
        """The name of the database at the target that is being filled; no tenant can have it."""
        return f"{self.database}.moved"

    @property
    def has_begun(self) -> bool:
        """Whether a run has begun to carry, and nobody has gone on with it to the end."""
        return databases.exists(self.target.provisioning(), self.staging)

    def begin(self) -> None:
        """Mark the beginning at the target. Raises OperationError, Inconclusive.

        Refused are a tenant that is frozen already, and data of another council, which had the name before.
        """
        source, target = self.source.provisioning(), self.target.provisioning()
        for session in (source, target):
            role_mark = databases.mark_of_role(session, self.database)
            if role_mark and role_mark != self.mark:
                _refuse_anothers(self.tenant, session.container, role_mark)
        if databases.exists(target, self.database) or self.has_begun:
            return
        if databases.is_frozen(source, self.database):
            _refuse_frozen(self.tenant)
        require_room((self.source, self.target), self.source.tenant_session(self.database))
        databases.ensure_role(target, self.database)
        databases.create(target, self.staging, self.database)

    def run(self, progress: Progress) -> Content:
        """Freeze the tenant at the source, carry what is there and return it, table by table. Raises Inconclusive.

        The tenant is let in again at the source where that fails before all is carried.
        """
        source, target = self.source.provisioning(), self.target.provisioning()
        is_carried = databases.exists(target, self.database)
        try:
            databases.freeze(source, self.database)
            expected = content(self.source.tenant_session(self.database))
            if not is_carried:
                progress.stage(f"carrying the database of {self.tenant.council}")
                carry(self.source, self.target, self.database, self.staging)
                discard_dump(self.source)
                databases.thaw(target, self.database)  # it was frozen there if it has been there before
            progress.stage("comparing what was carried")
            self._compare(expected, self.database if is_carried else self.staging)
        except (Inconclusive, KeyboardInterrupt):
            if not is_carried:
                with suppress(Inconclusive):
                    databases.thaw(source, self.database)
            raise
        if not is_carried:
            databases.exchange(target, self.database, self.staging, "")
        databases.set_aside(source, self.database, f"{self.database}.before-{datetime.now(UTC):{STAMP}}")
        return expected

    def undo(self) -> bool:
        """Let the tenant in again at the source, and remove what was carried; say whether a move had begun.

        Raises OperationError, Inconclusive.
        """
        target = self.target.provisioning()
        if databases.exists(target, self.database):
            council, instance = self.tenant.council, self.tenant.used
            raise OperationError(
                f"all data of {council} is on the new server already",
                state="Nothing was touched.",
                hint=f"moothall tenant move {council} {instance}  # goes on; with the file as it was, brings all back",
                exit_code=REFUSED,
            )
        if not self.has_begun:
            return False
        databases.thaw(self.source.provisioning(), self.database)
        for server in (self.source, self.target):
            discard_dump(server)
        databases.drop(target, [self.staging])
        return True

    def _compare(self, expected: Content, database: str) -> None:
        actual = content(self.target.tenant_session(self.database, database))
        if lines := differences(expected, actual):
            what = f"What was carried to {self.target.container} is not what {self.source.container} has"
            raise Inconclusive(f"{what}: {'; '.join(lines[:_MOST])}")


def _refuse_anothers(tenant: TenantPlan, container: str, role_mark: str) -> None:
    uid = role_mark.rpartition(" ")[2]
    raise OperationError(
        f"the database {tenant.database} in {container} holds the data of another council, with the uid {uid}",
        state="Nothing was touched.",
        hint=f"moothall explain {tenant.council}  # and give it another name, or remove that data first (leaving.md)",
        exit_code=REFUSED,
    )


def _refuse_frozen(tenant: TenantPlan) -> None:
    raise OperationError(
        f"{tenant.council} is frozen in {tenant.used}: its data is being handed over",
        state="Nothing was touched.",
        hint=f"moothall decommission {tenant.council} --thaw",
        exit_code=REFUSED,
    )
