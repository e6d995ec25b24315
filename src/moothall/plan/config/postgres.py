"""PostgreSQL 15 configuration: one set for both sites of an instance; a new tenant changes nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

PORT = 5432
LINK_PORT = 15432


def server(instance: str, *, archive: bool) -> str:
    """Return `postgresql.conf`; `archive` sends finished write-ahead log to the backup target."""
    # A repository out of reach must not hold up the server's stop for minutes: short waits, many tries.
    command = f"pgbackrest --config=/cfg/pgbackrest.conf --stanza={instance} --io-timeout=5 archive-push %p"
    return dedent(f"""\
        listen_addresses = '*'
        port = {PORT}
        unix_socket_directories = '/run/postgresql'
        hba_file = '/cfg/pg_hba.conf'
        ident_file = '/cfg/pg_ident.conf'
        ssl = on
        ssl_ca_file = '/cfg/ca.crt'
        ssl_cert_file = '/cfg/server.crt'
        ssl_key_file = '/cfg/server.key'
        ssl_min_protocol_version = 'TLSv1.3'
        password_encryption = 'scram-sha-256'
        cluster_name = '{instance}'
        max_connections = 300
        shared_buffers = 128MB
        jit = off
        wal_level = replica
        wal_compression = lz4
        max_wal_senders = 10
        max_replication_slots = 10
        max_slot_wal_keep_size = 1GB
        hot_standby = on
        hot_standby_feedback = on
        archive_mode = {"on" if archive else "off"}
        archive_command = '{command if archive else ""}'
        archive_timeout = 60
        # Statements may carry what must not be in a log.
        log_min_error_statement = panic
        log_statement = none
        """)


def host_based_access(database_relays: Sequence[str], job_map: str) -> str:
    """Return `pg_hba.conf`: replication only from database relays and by certificate, jobs by certificate,
    a tenant's role only into its own database, nobody else."""
    lines = [
        "local   all         postgres                 peer",
        "local   replication postgres                 peer",
    ]
    for address in database_relays:
        lines += [
            f"hostssl replication repl        {address}/32  cert map=repl",
            f"host    all         all         {address}/32  reject",
            f"host    replication all         {address}/32  reject",
        ]
    lines += [
        "host    all         postgres    all           reject",
        "host    all         repl        all           reject",
        f"hostssl all         provisioner samenet       cert map={job_map}",
        "host    all         provisioner all           reject",
        "hostssl sameuser    all         samenet       scram-sha-256",
        "host    all         all         all           reject",
    ]
    return "\n".join(lines) + "\n"


def identities(servers: Sequence[str], job_map: str, job_name: str) -> str:
    """Return `pg_ident.conf`: which certificate may act as which role."""
    lines = [f"repl {name} repl" for name in servers]
    return "\n".join([*lines, f"{job_map} {job_name} provisioner"]) + "\n"


def first_roles() -> str:
    """Return `init.sql` for single-user mode: statements are separated by an empty line."""
    return (
        "CREATE ROLE repl LOGIN REPLICATION;\n\n"
        "CREATE ROLE provisioner LOGIN CREATEDB CREATEROLE;\n\n"
        "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;\n\n"
        "GRANT CONNECT ON DATABASE postgres TO provisioner;\n\n"
    )
