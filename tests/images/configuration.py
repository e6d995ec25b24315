"""The configuration files of a small instance: two servers, a repository and one tenant on one network."""

from moothall.plan.config import pgbackrest, postgres

POSTGRESQL = """
listen_addresses = '*'
unix_socket_directories = '/run/postgresql'
hba_file = '/tmp/pg_hba.conf'
ident_file = '/tmp/pg_ident.conf'
ssl = on
ssl_ca_file = '/cfg/ca.crt'
ssl_cert_file = '/cfg/server.crt'
ssl_key_file = '/cfg/server.key'
jit = off
max_connections = 120
archive_mode = on
archive_command = 'pgbackrest-archive erp %p'
wal_keep_size = '64MB'
"""

HBA = "hostssl replication repl samenet cert clientname=DN map=repl\n" + postgres.host_based_access([], "job")
IDENT = postgres.identities(["CN=pg-a", "CN=pg-b"], "job", "CN=job")

_COMMON = """
log-level-file=off
lock-path=/tmp
compress-type=zst
"""

AGENT = f"""[global]
repo1-host=repository
repo1-host-type=tls
repo1-host-config=/cfg/pgbackrest.conf
repo1-host-ca-file=/cfg/ca.crt
repo1-host-cert-file=/cfg/server.crt
repo1-host-key-file=/cfg/server.key
{_COMMON}
[erp]
pg1-path=/var/lib/postgresql/data/pg
pg1-socket-path=/run/postgresql
"""

REPOSITORY = f"""[global]
repo1-path=/backup
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=only-for-this-test
repo1-retention-full=2
repo1-bundle=y
start-fast=y
{_COMMON}
[erp]
pg1-host=agent-a
pg1-host-type=tls
pg1-host-config=/cfg/pgbackrest.conf
pg1-host-ca-file=/cfg/ca.crt
pg1-host-cert-file=/cfg/server.crt
pg1-host-key-file=/cfg/server.key
pg1-path=/var/lib/postgresql/data/pg
pg1-socket-path=/run/postgresql
"""

# Leaves of this bench have their names as common names.
AGENT_CLIENTS = pgbackrest.clients("erp", ["repository"])
REPOSITORY_CLIENTS = pgbackrest.clients("erp", ["agent-a", "pg-a", "pg-b"])

TRYTOND = """[database]
uri = postgresql://durham_city:tenant-password@pg:5432/?sslmode=verify-full&sslrootcert=/cfg/ca.crt
list = True
default_name = durham_city
[web]
root = /srv/sao
num_proxies = 1
[cache]
clean_timeout = 0
select_timeout = 5
"""

HAPROXY = """global
    log stdout format raw local0 notice
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend alive
    bind 127.0.0.1:8404
    monitor-uri /alive
frontend in
    bind :443
    default_backend app
backend app
    server app app:8000 init-addr libc,none
"""
