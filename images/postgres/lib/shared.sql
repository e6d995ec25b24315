-- End the sessions of a tenant that fills what the server has once for all databases, and what works for it instead of
-- for others; `limit-shared` asks for it again and again.
--
-- The queue of notifications, once it is filled to a fiftieth: who listens and ends no transaction holds all that comes
-- after, and when its eight gigabytes are full nobody's transaction that notifies can be committed (NOTIFY, "Notes"). A
-- page of it begins with an entry: its length, and the number of its database, four bytes each (async.c of 15).
--
-- The table of locks, once half of it is a tenant's: when it is full, nobody gets one more, and nobody is let in. So the
-- functions are asked and no views: what has few relations needs no place in that table.
-- The workers that look into tables of all (three): they evaluate the expressions of indexes, which are a tenant's own
-- functions and may take as long as they like. The longest of a database stays, so that what is meant comes to its end;
-- another one beside it has ten seconds.
WITH page AS (
    SELECT pg_read_binary_file('pg_notify/' || name, 4, 4, true) AS number
    FROM pg_ls_dir('pg_notify') AS name WHERE pg_notification_queue_usage() > 0.02
), notifier AS (
    SELECT ((get_byte(number, 3)::bigint << 24) + (get_byte(number, 2) << 16) + (get_byte(number, 1) << 8)
        + get_byte(number, 0))::oid AS database
    FROM page WHERE length(number) = 4 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1
), session AS (
    SELECT pid, datid, usesysid FROM pg_stat_get_activity(NULL) WHERE backend_type = 'client backend'
        AND pg_get_userbyid(usesysid) NOT IN ('postgres', 'provisioner', 'moothall.base_sets')
), locker AS (
    SELECT usesysid FROM session JOIN pg_lock_status() AS held USING (pid)
    GROUP BY usesysid HAVING count(*) > current_setting('max_locks_per_transaction')::int
        * current_setting('max_connections')::int / 2
), analysis AS (
    SELECT pid, xact_start, row_number() OVER (PARTITION BY work.datid ORDER BY xact_start) AS place
    FROM pg_stat_get_activity(NULL) JOIN pg_stat_get_progress_info('ANALYZE') AS work USING (pid)
    WHERE backend_type = 'autovacuum worker'
)
SELECT pg_terminate_backend(pid) FROM session
WHERE datid IN (SELECT database FROM notifier) OR usesysid IN (SELECT usesysid FROM locker)
UNION ALL
SELECT pg_terminate_backend(pid) FROM analysis
WHERE place > 1 AND xact_start < clock_timestamp() - interval '10 s';
