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

-- name: recount(start, end, edges, units)
-- How many rows of the statistics of an hour, by hour and by minute, differ from the log in sums or in spread.
WITH happened AS (
    SELECT step.step, date_trunc(step.step, occurred_at, 'UTC') AS bucket, (header ->> 'shop_id')::bigint AS shop_id,
           header ->> 'type' AS type, coalesce((header ->> 'account_id')::bigint, 0) AS account_id, state, detail,
           CASE
               WHEN state IN ('retrying', 'failed', 'succeeded') THEN (detail ->> 'duration_ms')::float8
               WHEN state <> 'processing' THEN NULL
               WHEN attempt > 1 OR detail ? 'waited_ms' THEN (detail ->> 'waited_ms')::float8
               ELSE (extract(epoch FROM (detail ->> 'started_at')::timestamptz
                                        - (header ->> 'queued_at')::timestamptz) * 1000)::float8
           END AS spread_ms
    FROM ledger.task_events CROSS JOIN (VALUES ('hour'), ('minute')) AS step (step)
    WHERE occurred_at >= :start AND occurred_at < :end
), counted AS (
    SELECT step, bucket, shop_id, type, account_id, state, count(*) AS n,
           coalesce(sum(round((detail ->> 'duration_ms')::float8)), 0) AS duration_ms,
           coalesce(sum((detail ->> 'items_processed')::bigint), 0) AS items_processed,
           coalesce(sum((detail ->> 'items_failed')::bigint), 0) AS items_failed,
           coalesce(sum((:units::text[])[1 + width_bucket(spread_ms, :edges::float8[])]::numeric), 0) AS spread
    FROM happened GROUP BY 1, 2, 3, 4, 5, 6
), kept AS (
    SELECT 'hour' AS step, * FROM ledger.task_counts_by_hour WHERE bucket >= :start AND bucket < :end
    UNION ALL
    SELECT 'minute', * FROM ledger.task_counts_by_minute WHERE bucket >= :start AND bucket < :end
)
SELECT step, count(*) AS checked,
       count(*) FILTER (
           WHERE (counted.n, counted.duration_ms, counted.items_processed, counted.items_failed, counted.spread)
               IS DISTINCT FROM (kept.n, kept.duration_ms, kept.items_processed, kept.items_failed, kept.spread)
       ) AS wrong
FROM counted FULL JOIN kept USING (step, bucket, shop_id, type, account_id, state)
GROUP BY step;
