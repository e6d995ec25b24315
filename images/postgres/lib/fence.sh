# The fence: a server that was replaced by its mirror must never again serve as primary, or both would take writes.
# Sourced by start-postgres; needs DATA and CLUSTER (the data volume and the cluster in it) and PEER.

FENCED=3

# Leave with 3 when this server must not start as primary. Return when it may.
refuse_if_replaced() {
    if [ -e "$DATA/fenced" ]; then
        say "refused: this server must not start as primary ($(head -n 1 "$DATA/fenced"))"
        exit "$FENCED"
    fi
    [ -n "${PEER:-}" ] || return 0
    local answer recovering
    if ! answer=$(ask_peer IDENTIFY_SYSTEM) || ! recovering=$(ask_peer 'SHOW in_hot_standby'); then
        say "$PEER does not answer: starting as primary without asking it"
        return 0
    fi
    if replaced_by "$answer" "$recovering"; then
        printf 'replaced by %s, seen %s\n' "$PEER" "$(date -u +%FT%TZ)" > "$DATA/fenced"
        say "refused: $PEER has taken over (timeline $(cut -d '|' -f 2 <<< "$answer"), ours $(our_timeline))"
        exit "$FENCED"
    fi
}

# Say whether the other server has taken over: $1 is its answer to IDENTIFY_SYSTEM (`system|timeline|…`), $2 whether
# it is a standby. A greater timeline means that it, or a server before it, was promoted. An equal one on a server
# that is no standby means that two primaries share one history: then the running one is right. A server of
# another system is no mirror of ours and says nothing about us.
replaced_by() {
    local system timeline
    IFS='|' read -r system timeline _ <<< "$1"
    [ "$system" = "$(control 'Database system identifier')" ] || return 1
    [ "$timeline" -gt "$(our_timeline)" ] || { [ "$2" = off ] && [ "$timeline" -ge "$(our_timeline)" ]; }
}

# Print the timeline that this cluster last wrote on. The control file learns of a promotion at the next checkpoint,
# minutes later; the history file is there at once.
our_timeline() {
    local recorded promoted
    recorded=$(control "Latest checkpoint's TimeLineID")
    promoted=$(find "$CLUSTER/pg_wal" -maxdepth 1 -name '????????.history' -printf '%f\n' | sort | tail -n 1 | cut -c 1-8)
    promoted=$((16#${promoted:-0}))
    echo $((promoted > recorded ? promoted : recorded))
}

# Print a field of our own control file.
control() {
    pg_controldata "$CLUSTER" | sed -n "s/^$1: *//p"
}
