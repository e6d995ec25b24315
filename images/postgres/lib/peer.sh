# Asking the server of the other site, over a replication connection with this server's own certificate.
# Sourced by start-postgres and fence.sh; needs PEER (the other server's name).

say() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "${0##*/}" "$*" >&2; }

# How the other site's server is reached; $1 is the time to wait for it, in seconds.
peer_address() {
    printf 'host=%s port=5432 user=repl sslmode=verify-full sslrootcert=/cfg/ca.crt sslcert=/cfg/server.crt ' "$PEER"
    printf 'sslkey=/cfg/server.key connect_timeout=%s keepalives_idle=5 keepalives_interval=2 keepalives_count=3' "$1"
}

# Send one replication command and print the answer, fields separated by `|`. libpq's own time-out ends with the
# connection, and only the outer one bounds a server that accepts and then says nothing.
ask_peer() {
    timeout 8 psql -XAtq -v ON_ERROR_STOP=1 -d "$(peer_address 3) replication=true" -c "$1"
}
