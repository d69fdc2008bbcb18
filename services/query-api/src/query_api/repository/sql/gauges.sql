-- name: gauged_shops(most)
-- The shops in use that have gauges of their own, the oldest first; and how many there are in all.
SELECT id, domain, count(*) OVER () AS in_all FROM store.shops WHERE is_active ORDER BY id LIMIT :most;

-- name: open_by_shop(shop_ids)
-- Tasks of each of these shops that are not over, by state.
SELECT shop_id, state, sum(n)::bigint AS n FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state IN ('queued', 'processing', 'retrying')
GROUP BY shop_id, state;

-- name: ended_by_shop(shop_ids, since)
-- Tasks of each of these shops that came to their end since then.
SELECT shop_id, state, sum(n)::bigint AS n FROM ledger.task_counts_by_minute
WHERE shop_id = ANY(:shop_ids::bigint[]) AND bucket >= :since AND state IN ('succeeded', 'failed')
GROUP BY shop_id, state;

-- name: firing_by_shop(shop_ids)
-- Alerts of each of these shops that fire.
SELECT shop_id, count(*) AS n FROM alerts.alerts
WHERE coalesce(shop_id, 0) = ANY(:shop_ids::bigint[]) AND state = 'firing'
GROUP BY shop_id;

-- name: ever_succeeded()
-- The types of which a task of each shop in use has ever succeeded.
SELECT DISTINCT c.shop_id, c.type
FROM store.shops s JOIN ledger.task_counts c ON c.shop_id = s.id
WHERE s.is_active AND c.state = 'succeeded' AND c.n > 0;

-- name: succeeded_by_hour(since)
-- The last hour since then in which a task of each type of each shop succeeded.
SELECT c.shop_id, c.type, max(c.bucket) AS at
FROM store.shops s JOIN ledger.task_counts_by_hour c ON c.shop_id = s.id AND c.bucket >= :since
WHERE c.state = 'succeeded'
GROUP BY c.shop_id, c.type;

-- name: succeeded_by_minute(since)
-- The last minute since then in which a task of each type of each shop succeeded.
SELECT c.shop_id, c.type, max(c.bucket) AS at
FROM store.shops s JOIN ledger.task_counts_by_minute c ON c.shop_id = s.id AND c.bucket >= :since
WHERE c.state = 'succeeded'
GROUP BY c.shop_id, c.type;

-- name: oldest_waiting(oldest_id, now)
-- Since when the oldest task of each type has waited that could run, among the kinds of which most wait. The states
-- are named as a range as well: of a day on which all has succeeded any index of its shop would be as good a plan.
SELECT kind.type, min(t.since) AS since
FROM (
    SELECT c.shop_id, c.type, c.state FROM ledger.task_counts c
    LEFT JOIN store.throttles p ON p.account_id = c.account_id AND p.paused_until > :now
    WHERE c.state IN ('queued', 'retrying') AND c.n > 0 AND p.account_id IS NULL
    GROUP BY c.shop_id, c.type, c.state
    ORDER BY sum(c.n) DESC LIMIT 100
) AS kind
CROSS JOIN LATERAL (
    SELECT greatest(t.queued_at, t.due_at) AS since FROM ledger.tasks t
    WHERE t.shop_id = kind.shop_id AND t.type = kind.type AND t.state = kind.state AND t.task_id >= :oldest_id
      AND t.state BETWEEN 'queued' AND 'retrying'
      AND greatest(t.queued_at, t.due_at) < :now
    ORDER BY t.task_id LIMIT 1
) AS t
GROUP BY kind.type;

-- name: database()^
-- How large the database is, how many connections the server allows, and how old its oldest transaction is.
SELECT pg_database_size(current_database()) AS bytes, current_setting('max_connections')::integer AS most,
       coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()), 0)::float8 AS oldest_s;

-- name: connections_by_state()
-- Connections to this database by what they do.
SELECT coalesce(state, 'hidden') AS state, count(*) AS n FROM pg_stat_activity
WHERE datname = current_database() GROUP BY 1;
