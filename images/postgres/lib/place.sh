# Where a server's data is, and what its commands share. Sourced by all of them.

DATA=/var/lib/postgresql/data
CLUSTER=$DATA/pg
KEPT_LOG=$DATA/kept-log
ACCESS=/tmp/pg_hba.conf
IDENTITIES=/tmp/pg_ident.conf
. /usr/local/lib/moothall/peer.sh
. /usr/local/lib/moothall/fence.sh

# Take out of the cluster's settings what a restore has written there, once it is done: a standby with it would fetch
# its log from the repository first, and stop where the restore has.
forget_restore() {
    [ -e "$CLUSTER/recovery.signal" ] || sed -i -E '/^(restore_command|recovery_target)/d' "$CLUSTER/postgresql.auto.conf"
}
