# The fence: a server that was replaced by its mirror must never again serve as primary, or both would take writes.
# Sourced through place.sh; needs DATA and CLUSTER (the data volume and the cluster in it) and PEER. The file `fenced` in the data volume is the fence: while it is there no server is started on the volume.

WATCH_SECONDS=1 # between two questions to the other server
PATIENT_SECONDS=4 # without an answer the question is asked on a new connection
ASKING_SECONDS=20 # so long a server that is at home and starts again asks before it serves without an answer

# Put the fence up; $1 says why. A fence that is up keeps its reason. It is on the disk before anything rests on it.
put_up_fence() {
    [ -e "$DATA/fenced" ] || printf '%s, %s\n' "$1" "$(date -u +%FT%TZ)" > "$DATA/fenced"
    sync "$DATA/fenced" "$DATA"
}

# Put the fence up when the other server has taken over while this one was away. Where a server ran in this very
# container, its engine has started it again, and maybe the other one too at this moment: that is given time. Not by
# one that was promoted, or both would wait for each other and begin at once.
fence_if_replaced() {
    [ -n "${PEER:-}" ] || return 0
    local answer recovering until=$SECONDS
    if [ "$(cat /cfg/role)" = primary ] && [ "$(cat "$DATA/served-in" 2> /dev/null)" = "$HOSTNAME" ]; then
        until=$((SECONDS + ASKING_SECONDS))
    fi
    until answer=$(ask_peer IDENTIFY_SYSTEM) && recovering=$(ask_peer 'SHOW in_hot_standby'); do
        if [ "$SECONDS" -ge "$until" ]; then
            say "$PEER does not answer: starting as primary without asking it"
            return 0
        fi
        pause 1
    done
    if replaced_by "$answer" "$recovering"; then
        put_up_fence "replaced by $PEER"
        say "refused: $PEER has taken over (timeline $(cut -d '|' -f 2 <<< "$answer"), ours $(our_timeline))"
    fi
}

# Ask the other server for as long as this one is a primary, and put the fence up when it has taken over: a link that
# heals between two primaries. One connection asks again and again, so that asking costs next to nothing.
watch_for_replacement() {
    local never answers asking system timeline mine
    exec {never}<> <(:) # nothing is ever written to it: reading it is a rest that takes no process, as sleep would
    while ! read -r -t "$WATCH_SECONDS" -u "$never"; do
        [ ! -e "$CLUSTER/standby.signal" ] && [ ! -e "$CLUSTER/recovery.signal" ] || continue
        mine="$(control 'Database system identifier')|$(our_timeline)"
        exec {answers}< <(keep_asking_peer IDENTIFY_SYSTEM "$WATCH_SECONDS" 2> /dev/null)
        asking=$!
        while IFS='|' read -r -t "$PATIENT_SECONDS" system timeline _ <&"$answers"; do
            if [ "$system" = "${mine%|*}" ] && [ "${timeline:-0}" -gt "${mine#*|}" ]; then
                put_up_fence "replaced by $PEER"
                say "stopping: $PEER has taken over (timeline $timeline, ours ${mine#*|})"
                return 0
            fi
        done
        kill "$asking" 2> /dev/null || true
        exec {answers}<&-
    done
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
