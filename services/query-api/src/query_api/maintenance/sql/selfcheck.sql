-- name: sampled_ids(lows, at_most)
-- Ids of some tasks from each point on, of the log and of the projection.
SELECT DISTINCT found.task_id
FROM unnest(:lows::uuid[]) AS point (low)
CROSS JOIN LATERAL (
    (SELECT e.task_id FROM ledger.task_events e WHERE e.task_id >= point.low ORDER BY e.task_id LIMIT :at_most)
    UNION ALL
    (SELECT t.task_id FROM ledger.tasks t WHERE t.task_id >= point.low ORDER BY t.task_id LIMIT :at_most)
) AS found;

-- name: events(task_ids)
-- All that the log has about some tasks.
SELECT task_id, attempt, state, occurred_at, service, header, detail
FROM ledger.task_events WHERE task_id = ANY(:task_ids::uuid[])
ORDER BY task_id;

-- name: tasks(task_ids)
-- The projection of some tasks.
SELECT * FROM ledger.tasks WHERE task_id = ANY(:task_ids::uuid[]);

-- name: recount_hour(start, end)^
-- How many rows of the statistics of an hour differ from the log.
WITH counted AS (
    SELECT (header ->> 'shop_id')::bigint AS shop_id, header ->> 'type' AS type,
           coalesce((header ->> 'account_id')::bigint, 0) AS account_id, state, count(*) AS n,
           coalesce(sum(round((detail ->> 'duration_ms')::float8)), 0) AS duration_ms,
           coalesce(sum((detail ->> 'items_processed')::bigint), 0) AS items_processed,
           coalesce(sum((detail ->> 'items_failed')::bigint), 0) AS items_failed
    FROM ledger.task_events WHERE occurred_at >= :start AND occurred_at < :end
    GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT * FROM ledger.task_counts_by_hour WHERE bucket = :start
)
SELECT count(*) AS checked,
       count(*) FILTER (WHERE (counted.n, counted.duration_ms, counted.items_processed, counted.items_failed)
           IS DISTINCT FROM (kept.n, kept.duration_ms, kept.items_processed, kept.items_failed)) AS wrong
FROM counted FULL JOIN kept USING (shop_id, type, account_id, state);

-- name: recount_minutes(start, end)^
-- How many rows of the statistics of an hour's minutes differ from the log.
WITH counted AS (
    SELECT date_trunc('minute', occurred_at) AS bucket, (header ->> 'shop_id')::bigint AS shop_id,
           header ->> 'type' AS type, coalesce((header ->> 'account_id')::bigint, 0) AS account_id, state, count(*) AS n,
           coalesce(sum(round((detail ->> 'duration_ms')::float8)), 0) AS duration_ms,
           coalesce(sum((detail ->> 'items_processed')::bigint), 0) AS items_processed,
           coalesce(sum((detail ->> 'items_failed')::bigint), 0) AS items_failed
    FROM ledger.task_events WHERE occurred_at >= :start AND occurred_at < :end
    GROUP BY 1, 2, 3, 4, 5
), kept AS (
    SELECT * FROM ledger.task_counts_by_minute WHERE bucket >= :start AND bucket < :end
)
SELECT count(*) AS checked,
       count(*) FILTER (WHERE (counted.n, counted.duration_ms, counted.items_processed, counted.items_failed)
           IS DISTINCT FROM (kept.n, kept.duration_ms, kept.items_processed, kept.items_failed)) AS wrong
FROM counted FULL JOIN kept USING (bucket, shop_id, type, account_id, state);
