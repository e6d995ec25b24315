"""PostgreSQL 15 configuration: one set for both sites of an instance; a new tenant changes nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

PORT = 5432
LINK_PORT = 15432


def server(instance: str, *, archive: bool, may_lose: int | None, waits_for: str | None) -> str:
    """Return `postgresql.conf`; `archive` sends finished write-ahead log to the backup target.

    Log that is not full is sent as well, after half of the seconds that the instance `may_lose`. With `waits_for`
    every commit waits until the follower of that name has it on disk.
    """
    # A fenced server's last log is not waited for, the one that takes over archives it: the exit code of a command that
    # was killed makes PostgreSQL's archiver end. A server that stops asks a repository out of reach once and not three
    # times, or it would be killed before that ends; what is not archived then is at the next start.
    command = (
        "test ! -e /var/lib/postgresql/data/fenced || exit 143; "
        f"pgbackrest --config=/cfg/pgbackrest.conf --stanza={instance} --io-timeout=5 --protocol-timeout=10 "
        "archive-push %p || { test ! -e /tmp/stopping || exit 143; exit 1; }"
    )
    text = dedent(f"""\
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
        # A server that stops waits for its follower; one that is cut off must not use up the time until it is killed.
        wal_sender_timeout = 15s
        wal_receiver_timeout = 15s
        hot_standby = on
        hot_standby_feedback = on
        archive_mode = {"on" if archive else "off"}
        archive_command = '{command if archive else ""}'
        archive_timeout = {_archive_timeout(may_lose)}
        # Statements may carry what must not be in a log.
        log_min_error_statement = panic
        log_statement = none
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
        hba_file = '/cfg/pg_hba.conf'
        cluster_name = '{instance}-copy'
        max_connections = 300
        shared_buffers = 128MB
        jit = off
        wal_level = replica
        max_wal_senders = 10
        hot_standby = on
        archive_mode = off
        # What a crash breaks is restored once more.
        fsync = off
        log_min_error_statement = panic
        """)


COPY_ACCESS = "local all postgres peer\nlocal all all reject\n"
"""`pg_hba.conf` of a copy: nobody but who runs commands inside its container."""


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
