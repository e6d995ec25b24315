# Asking the server of the other site, over a replication connection with this server's own certificate.
# Sourced through place.sh; needs PEER (the other server's name).

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

# Send one replication command every $2 seconds over one connection, for as long as it is answered.
keep_asking_peer() {
    exec psql -XAtq -v ON_ERROR_STOP=1 -d "$(peer_address 3) replication=true" <<< "$1 \\watch $2"
}

# The slot keeps the write-ahead log that this server has not got yet. It may be there already, from before.
make_slot_at_peer() {
    local found
    found=$(ask_peer "READ_REPLICATION_SLOT $SLOT")
    [[ $found == physical* ]] || ask_peer "CREATE_REPLICATION_SLOT $SLOT PHYSICAL RESERVE_WAL" > /dev/null
}

# Copy the cluster of the other server; it is made under another name and moved when whole.
copy_from_peer() {
    rm -rf "$DATA/new"
    make_slot_at_peer
    pg_basebackup -d "$(peer_address 5) application_name=${SLOT}" -D "$DATA/new" -R -S "$SLOT" -X stream -c fast
    rm -rf "$CLUSTER"
    mv "$DATA/new" "$CLUSTER"
    forget_restore
}
