-- Statistics of tasks by minute; recorder/counts.py makes those by hour of the same, and by the table's name the ones
-- that a rebuild counts anew.

-- name: add(buckets, shop_ids, types, account_ids, states, n, duration_ms, items_processed, items_failed, spread)!
-- Adds to the statistics.
INSERT INTO ledger.task_counts_by_minute AS c (
    bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread
)
SELECT bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread::numeric
FROM unnest(
    :buckets::timestamptz[], :shop_ids::bigint[], :types::text[], :account_ids::bigint[], :states::text[],
    :n::bigint[], :duration_ms::float8[], :items_processed::bigint[], :items_failed::bigint[], :spread::text[]
) AS came (bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread)
ON CONFLICT (shop_id, bucket, type, account_id, state) DO UPDATE SET
    n = c.n + excluded.n,
    duration_ms = c.duration_ms + excluded.duration_ms,
    items_processed = c.items_processed + excluded.items_processed,
    items_failed = c.items_failed + excluded.items_failed,
    spread = c.spread + excluded.spread;

-- name: correct(since)!
-- Sets the statistics, from a moment on, that differ from the new ones.
INSERT INTO ledger.task_counts_by_minute (
    bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread
)
SELECT bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread
FROM ledger.recount_by_minute WHERE bucket >= :since
EXCEPT
SELECT bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed, spread
FROM ledger.task_counts_by_minute WHERE bucket >= :since
ON CONFLICT (shop_id, bucket, type, account_id, state) DO UPDATE SET
    n = excluded.n,
    duration_ms = excluded.duration_ms,
    items_processed = excluded.items_processed,
    items_failed = excluded.items_failed,
    spread = excluded.spread;

-- name: remove(since)!
-- Removes statistics, from a moment on, that the log does not bear out.
DELETE FROM ledger.task_counts_by_minute kept
WHERE kept.bucket >= :since AND NOT EXISTS (
    SELECT FROM ledger.recount_by_minute fresh
    WHERE (fresh.shop_id, fresh.bucket, fresh.type, fresh.account_id, fresh.state)
        = (kept.shop_id, kept.bucket, kept.type, kept.account_id, kept.state)
);

-- name: tidy(buckets, shop_ids, types, account_ids, states)!
-- Statistics from which something was taken: of nothing there is no row.
DELETE FROM ledger.task_counts_by_minute c
USING unnest(:buckets::timestamptz[], :shop_ids::bigint[], :types::text[], :account_ids::bigint[], :states::text[])
    AS touched (bucket, shop_id, type, account_id, state)
WHERE (c.shop_id, c.bucket, c.type, c.account_id, c.state)
    = (touched.shop_id, touched.bucket, touched.type, touched.account_id, touched.state)
  AND c.n <= 0;
