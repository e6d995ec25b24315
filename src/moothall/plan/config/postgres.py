"""PostgreSQL 15 configuration: one set for both sites of an instance; a new tenant changes nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

from moothall.model.roles import BASE_SETS, FROZEN, PROVISIONER, REPLICATION, SUPERUSER

PORT = 5432
LINK_PORT = 15432
AUTHENTICATION_SECONDS = 5
TENANT_CONNECTIONS = 20
"""Sessions of one tenant at once: an application has twelve at most, jobs and exports a few (images/tryton)."""
CONNECTIONS = 1000
"""Of all, far more than tenants have in sum: what logins that are never made hold until they are ended is room."""
WORKERS = 7
"""Processes that take part in others' queries: PostgreSQL's eight, less the one that starts logical replication."""
SESSION_MB = 128
"""What one session may take of memory beside what all share; then its statement fails (images/postgres)."""
BUFFERS_MB, SHARED_MB = 128, 128
"""What all sessions share: the server's cache of tables, and what queries in several processes share."""
OTHERS_MB = 480
"""What is left for others' sessions, a few megabytes each, and for what the server does itself."""
MEMORY_MB = (TENANT_CONNECTIONS + WORKERS) * SESSION_MB + BUFFERS_MB + SHARED_MB + OTHERS_MB
"""A server's memory: one tenant, with all that it gets, does not have the kernel kill a session, which ends all."""
ACCESS, IDENTITIES = "/tmp/pg_hba.conf", "/tmp/pg_ident.conf"
"""Where a server has its access rules and the map of who may be whom (images/postgres/bin/write-access)."""


def server(instance: str, *, archive: bool, may_lose: int | None, waits_for: str | None) -> str:
    """Return `postgresql.conf`; `archive` sends finished write-ahead log to the backup target.

    Log that is not full is sent as well, after half of the seconds that the instance `may_lose`. With `waits_for`
    every commit waits until the follower of that name has it on disk.
    """
    text = dedent(f"""\
        listen_addresses = '*'
        port = {PORT}
        unix_socket_directories = '/run/postgresql'
        hba_file = '{ACCESS}'
        ident_file = '{IDENTITIES}'
        # A login that is half made holds one of the connections of all; and so long a frozen tenant is waited for.
        authentication_timeout = {AUTHENTICATION_SECONDS}s
        ssl = on
        ssl_ca_file = '/cfg/ca.crt'
        ssl_cert_file = '/cfg/server.crt'
        ssl_key_file = '/cfg/server.key'
        ssl_min_protocol_version = 'TLSv1.3'
        password_encryption = 'scram-sha-256'
        cluster_name = '{instance}'
        max_connections = {CONNECTIONS}
        shared_buffers = {BUFFERS_MB}MB
        jit = off
        # What one session of a tenant may write beside its tables; only a superuser may change it.
        temp_file_limit = 256MB
        wal_level = replica
        wal_compression = lz4
        max_wal_senders = 10
        max_replication_slots = 10
        max_slot_wal_keep_size = 1GB
        # A server that stops waits for its follower; one that is cut off must not use up the time until it is killed.
        wal_sender_timeout = 15s
        wal_receiver_timeout = 15s
        hot_standby = on
        hot_standby_feedback = on
        archive_mode = {"on" if archive else "off"}
        archive_command = '{f"pgbackrest-archive {instance} %p" if archive else ""}'
        archive_timeout = {_archive_timeout(may_lose)}
        # Objects of JSON, into a pipe: nothing that a client sent ends one (images/postgres/bin/pass-lines).
        logging_collector = on
        log_destination = 'jsonlog'
        log_directory = '/tmp/lines'
        log_filename = 'server.log'
        log_rotation_age = 0
        log_rotation_size = 0
        log_connections = on
        log_disconnections = on
        log_checkpoints = off
        # Statements may carry what must not be in a log: only administrators' are there (roles.sql).
        log_min_error_statement = panic
        log_statement = none
        log_parameter_max_length = 0
        log_parameter_max_length_on_error = 0
        """)
    return text + (f"synchronous_standby_names = '{waits_for}'\n" if waits_for else "")


def _archive_timeout(may_lose: int | None) -> int:
    """Return seconds: each piece takes 16 MB before it is compressed, so neither too few nor more than needed."""
    return 60 if may_lose is None else min(60, max(10, may_lose // 2))


def copy(instance: str) -> str:
    """Return `postgresql.conf` of a copy without a network; recovery refuses lower limits than the server's own."""
    return dedent(f"""\
        listen_addresses = ''
        unix_socket_directories = '/run/postgresql'
        hba_file = '{ACCESS}'
        ident_file = '{IDENTITIES}'
        cluster_name = '{instance}-copy'
        max_connections = {CONNECTIONS}
        shared_buffers = {BUFFERS_MB}MB
        jit = off
        wal_level = replica
        max_wal_senders = 10
        hot_standby = on
        archive_mode = off
        # What a crash breaks is restored once more, and nobody works here for long.
        fsync = off
        autovacuum = off
        log_min_error_statement = panic
        """)


def host_based_access(database_relays: Sequence[str], job_map: str) -> str:
    """Return who comes in over the network, the part of `pg_hba.conf` behind that of the socket.

    Replication only from database relays and by certificate; by the jobs' certificate the provisioner, into no
    tenant's database, and who fills templates; a tenant's role into its own database, and into one beside it when the
    provisioner has opened that door: then it is a member of a role of that database's name. Nobody else, and no tenant
    that is frozen (images/postgres/lib/roles.sql).
    """
    certificate = "cert clientname=DN"  # a name alone would let in a key that was exchanged
    lines = []
    for address in database_relays:
        lines += [
            f"hostssl replication {REPLICATION}        {address}/32  {certificate} map=repl",
            f"host    all         all         {address}/32  reject",
            f"host    replication all         {address}/32  reject",
        ]
    lines += [
        f"host    all         {SUPERUSER}    all           reject",
        f"host    all         {REPLICATION}        all           reject",
        f"hostssl postgres    {PROVISIONER} samenet       {certificate} map={job_map}",
        f"host    all         {PROVISIONER} all           reject",
        f"hostssl all         {BASE_SETS} samenet {certificate} map={job_map}",
        f"host    all         {BASE_SETS} all     reject",
        f"host    all         +{FROZEN} all       reject",
        "hostssl samerole    all         samenet       scram-sha-256",
        "host    all         all         all           reject",
    ]
    return "\n".join(lines) + "\n"


def identities(servers: Sequence[str], job_map: str, job: str) -> str:
    """Return which certificate may act as which role, the part of `pg_ident.conf` that is of the network.

    A certificate is told by its distinguished name (RFC 2253).
    """
    lines = [f'repl "{name}" {REPLICATION}' for name in servers]
    lines += [f'{job_map} "{job}" {role}' for role in (PROVISIONER, BASE_SETS)]
    return "\n".join(lines) + "\n"
