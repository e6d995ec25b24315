# Which backups there are and which are due, by what the repository holds: so a restart forgets nothing. Sourced by
# start-repository, first-backup and repository-ready; needs STANZA, BACKUP_EVERY_SECONDS and FULL_EVERY_SECONDS.

at_stanza() {
    pgbackrest --config=/cfg/pgbackrest.conf --stanza="$STANZA" --log-level-console=warn "$@"
}

# Print the numbers of the repositories that are only read: their cipher was exchanged.
former_repositories() {
    sed -n 's/^repo\([0-9]*\)-path=.*/\1/p' /cfg/pgbackrest.conf | sort -nu | grep -vx 1 || true
}

# Bring the history files of timelines to the repository from those before it: PostgreSQL archives one when a timeline
# begins, and refuses to recover along a timeline of which it finds none.
carry_histories() {
    local formers about known folder pass number path
    formers=$(former_repositories)
    [ -n "$formers" ] || return 0
    about=$(at_stanza --repo=1 repo-get "archive/$STANZA/archive.info")
    folder=$(sed -n 's/^db-version="\(.*\)"$/\1/p' <<< "$about")-$(sed -n 's/^db-id=//p' <<< "$about")
    pass=$(sed -n 's/^cipher-pass="\(.*\)"$/\1/p' <<< "$about")
    known=$(histories 1)
    for number in $formers; do
        for path in $(histories "$number"); do
            [[ $known != *"${path##*/}"* ]] || continue
            at_stanza --repo="$number" repo-get "archive/$STANZA/$path" \
                | PGBACKREST_CIPHER_PASS=$pass at_stanza --repo=1 repo-put "archive/$STANZA/$folder/${path##*/}"
        done
    done
}

# Print the paths of the history files in the repository $1.
histories() {
    at_stanza --repo="$1" --recurse --filter='\.history$' repo-ls "archive/$STANZA" || true
}

# Remove the repositories that came before the present one and that no configuration names any more.
remove_spent_repositories() {
    local number named spent
    named=$(sed -n 's/^repo[0-9]*-path=//p' /cfg/pgbackrest.conf)
    number=$(sed -n 's#^repo1-path=/backup/generation-##p' /cfg/pgbackrest.conf)
    while [ "${number:-1}" -gt 1 ]; do
        number=$((number - 1))
        [ "$number" -gt 1 ] && spent=/backup/generation-$number || spent=/backup
        grep -qxF "$spent" <<< "$named" || rm -rf "$spent/archive" "$spent/backup"
        [ "$spent" = /backup ] || rmdir --ignore-fail-on-non-empty "$spent" 2> /dev/null || true
    done
}

# Print when each backup ended, in seconds since 1970, and its type: `1175335200 full`.
backups() {
    at_stanza info --output=json \
        | grep -o '"timestamp":{"start":[0-9]*,"stop":[0-9]*},"type":"[a-z]*"' \
        | sed 's/.*"stop":\([0-9]*\)},"type":"\([a-z]*\)"/\1 \2/' || true
}

# Print how many seconds ago the newest backup ended, of type $1 if it is given; nothing when there is none.
age() {
    local newest
    newest=$(backups | grep "${1:-}\$" | sort -n | tail -n 1)
    [ -z "$newest" ] || echo $(($(date +%s) - ${newest% *}))
}

has_full_backup() {
    [ -n "$(age full)" ]
}

# Print the type of the backup that is to be made now; nothing when none is.
due() {
    local full any
    full=$(age full)
    any=$(age)
    if [ "$full" -ge "$FULL_EVERY_SECONDS" ]; then
        echo full
    elif [ "$any" -ge "$BACKUP_EVERY_SECONDS" ]; then
        echo incr
    fi
}

# Print what is overdue: later than due by a quarter of the interval and ten minutes, in which it could have been made.
overdue() {
    local full any
    full=$(age full)
    any=$(age)
    if [ -z "$full" ]; then
        echo "there is no full backup of $STANZA"
    elif [ "$any" -gt $((BACKUP_EVERY_SECONDS * 5 / 4 + 600)) ]; then
        echo "the newest backup of $STANZA is $any s old, and one is made every $BACKUP_EVERY_SECONDS s"
    elif [ "$full" -gt $((FULL_EVERY_SECONDS * 5 / 4 + 600)) ]; then
        echo "the newest full backup of $STANZA is $full s old, and one is made every $FULL_EVERY_SECONDS s"
    fi
}
