"""Database servers of an instance: which of them takes writes, and operations on a whole server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.roles import PROVISIONER, SUPERUSER
from moothall.postgres.session import MAINTENANCE, SECONDS, TRUTH, Session
from moothall.waiting import wait_until

START_SECONDS = 120
_RECOVERS = "SELECT pg_is_in_recovery()"
_REPLAYED = "SELECT extract(epoch FROM pg_last_xact_replay_timestamp())::numeric(18, 6)"
_RESETS = """\
ALTER SYSTEM RESET restore_command;
ALTER SYSTEM RESET recovery_target;
ALTER SYSTEM RESET recovery_target_time;
ALTER SYSTEM RESET recovery_target_action;
ALTER SYSTEM RESET recovery_target_timeline;
SELECT pg_reload_conf()
"""
_END_OLDER = """\
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE client_addr IS NOT NULL AND backend_start < (:'began'::json ->> usename::text)::timestamptz
"""
# A certificate states the thumbprint of its key as its common name, of which the server shows enough (63 characters).
_END_UNKNOWN = """\
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
WHERE client_dn IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_ident_file_mappings
    WHERE substring(sys_name FROM 'CN=([0-9a-f]{32})') = substring(client_dn FROM '^/CN=([0-9a-f]{32})/')
)
"""


@dataclass(frozen=True)
class DatabaseServer:
    """A server: its engine and its container."""

    engine: Engine
    container: str

    def tenant_session(self, tenant: str, database: str | None = None) -> Session:
        """Return a session of a tenant's role on its database, or on another one that is its own.

        Whoever looks into a tenant's database does it so: the server lets its own user in as the tenant's role
        (pg_ident.conf), and as nobody else (pg_hba.conf). So what a tenant has planted there has a tenant's rights.
        Nothing is connected yet.
        """
        return Session(self.engine, self.container, tenant, database or tenant)

    def provisioning(self) -> Session:
        """Return a session of the provisioner, for what is done with tenants' databases and roles from outside."""
        return Session(self.engine, self.container, PROVISIONER, MAINTENANCE)

    def administration(self) -> Session:
        """Return a session of the superuser on the maintenance database: for what is about the server itself."""
        return Session(self.engine, self.container, SUPERUSER, MAINTENANCE)

    def wait(self) -> None:
        """Wait until the server takes connections; raises Inconclusive when it does not, or has ended."""
        if not wait_until(self.is_ready, START_SECONDS):
            raise Inconclusive(f"The server in {self.container} did not start within {START_SECONDS} s.")

    def is_ready(self) -> bool:
        """Say whether it takes connections, and has the roles by which databases are administered."""
        return self.engine.run(self.container, ["ready"])[0] == 0

    def refuses(self, name: str) -> bool:
        """Say whether it refuses somebody of a name that it does not know, which leaves a line in its log."""
        _, said = self.engine.run(self.container, ["psql", "-X", "-U", name, "-d", MAINTENANCE, "--list"])
        return "FATAL" in said

    def recovers(self) -> bool:
        """Say whether it takes no writes: it follows another server, or is being restored. Raises Inconclusive."""
        return self.administration().row(_RECOVERS, TRUTH) == ["t"]

    def takes_writes(self) -> bool:
        """Say whether it answers, and takes writes."""
        try:
            return not self.recovers()
        except Inconclusive:
            return False

    def version(self) -> str:
        """Return the version of the server, such as 15.14. Raises Inconclusive."""
        [text] = self.administration().row("SHOW server_version", r"[0-9]+\.[0-9]+( .*)?")
        return text.split()[0]

    def last_replay_time(self) -> datetime | None:
        """Return the time of the last commit that came from the log, None when none did. Raises Inconclusive."""
        [seconds] = self.administration().row(_REPLAYED, f"(?:{SECONDS})?")
        return datetime.fromtimestamp(float(seconds), UTC) if seconds else None

    def end_former_sessions(self, began: Mapping[str, str], *, certificates: bool) -> None:
        """End sessions of a role that are older than who uses it, and with `certificates` those that were begun with a
        certificate which lets nobody in any more.

        `began` says by role since when who uses it has run, in ISO 8601. Sessions on the socket stay. Raises
        Inconclusive.
        """
        if certificates:
            self.engine.answer(self.container, ["write-access"])  # whom it lets in may have been exchanged beside it
        script = f"{_END_OLDER};\n{_END_UNKNOWN}" if certificates else _END_OLDER
        self.administration().run(script, began=json.dumps(dict(began)))

    def forget_recovery(self) -> None:
        """Reset the recovery settings of a restore; a standby of this server would stop at the same point."""
        self.administration().run(_RESETS)


def find_primary(containers: Iterable[str], pool: EnginePool) -> DatabaseServer:
    """Return the server that takes writes, wherever a failover has put it.

    Raises Inconclusive when none does, with what those say that do not answer.
    """
    reasons = []
    for container in containers:
        server = DatabaseServer(pool.of(container), container)
        try:
            if not server.recovers():
                return server
        except Inconclusive as reason:
            reasons.append(str(reason))
    raise Inconclusive(" ".join(reasons))
