# Clusters out of the backup repository, whole, before anything takes their place. Sourced by start-postgres, start-copy
# and prepare-cluster; obeying an order needs DATA and CLUSTER (the data volume and the cluster in it).

# Restore into $1, a folder that is not there yet; the other arguments are pgBackRest's options, --stanza first.
# Recovery finds the write-ahead log without them: the cluster is moved before it is started.
fetch_cluster() {
    local into=$1 former
    shift
    former=$(further_repositories "$@")
    install -d -m 0700 "$into"
    # shellcheck disable=SC2086 # options without blanks
    pgbackrest --config=/cfg/pgbackrest.conf --log-level-console=warn --pg1-path="$into" "$@" $former \
        --recovery-option="restore_command=$(log_from "$1" "$former")" restore
}

# Print how recovery gets the write-ahead log; $1 is the option that names the stanza, $2 has those of more repositories.
log_from() {
    printf '%s' "pgbackrest --config=/cfg/pgbackrest.conf $1 ${2:+$2 }archive-get %f \"%p\""
}

# Print the options for repositories behind the one into which backups go, up to the one that pgBackRest's options name:
# a server knows that one alone, and all are behind the same door. A copy beside has them in its configuration.
further_repositories() {
    local option number last=1
    for option in "$@"; do
        [[ $option != --repo=* ]] || last=${option#--repo=}
    done
    for ((number = 2; number <= last; number++)); do
        sed -n "s/^repo1-\(host.*=.*\)/--repo$number-\1/p" /cfg/pgbackrest.conf
    done | tr '\n' ' '
}

stanza() {
    sed -n 's/^\[\(.*\)\]$/\1/p' /cfg/pgbackrest.conf | tail -n 1
}

# Say whether the repository answers and holds a full backup of this instance.
backed_up() {
    timeout 8 pgbackrest --config=/cfg/pgbackrest.conf --stanza="$(stanza)" --io-timeout=3 --log-level-console=off \
        --output=json info 2> /dev/null | grep -q '"type":"full"'
}

# Stand still until there is an order: an empty cluster where there are backups would be taken for the lost one.
await_restore_order() {
    say "no cluster is here and the repository has backups: bring it back with moothall restore INSTANCE --swap"
    until [ -s "$DATA/restore-order" ]; do pause 0.5; done
}

# Put the cluster that the order in the data volume asks for in the place of the present one. The order's first line is
# the name under which the present one is kept. The others are pgBackRest's options, or `there:NAME` for a cluster that
# is in the volume already. Until the last step the present cluster is whole; a run that was killed is simply done again.
obey_restore_order() {
    local order next
    mapfile -t order < "$DATA/restore-order"
    case ${order[1]} in
        there:*) next=$DATA/${order[1]#there:} ;;
        *) next=$DATA/new ;;
    esac
    if [ "$(cat "$CLUSTER/restored-by" 2> /dev/null)" != "${order[0]}" ]; then
        [ "$next" != "$DATA/new" ] || fetch_cluster "$next" "${order[@]:1}"
        [ ! -d "$next" ] || put_in_place "$next" "${order[0]}"
    fi
    rm "$DATA/restore-order"
}

put_in_place() {
    echo "$2" > "$1/restored-by"
    [ -e "$1/recovery.signal" ] || branch_off "$1"
    [ ! -d "$CLUSTER" ] || mv "$CLUSTER" "$DATA/$2"
    mv "$1" "$CLUSTER"
}

# Have the former cluster in $1 begin a timeline of its own. On its old one the repository would take it for the one that
# was left, and whoever restores "the newest" would get what was put in its place meanwhile.
branch_off() {
    {
        printf "restore_command = '%s'\n" "$(log_from "--stanza=$(stanza)" "")"
        printf "recovery_target_timeline = 'current'\n"
    } >> "$1/postgresql.auto.conf"
    touch "$1/recovery.signal"
}
