-- What is written here of statistics by minute goes for those by hour as well: recorder/flowing.py puts the hour in the
-- minute's place.

-- name: add(bucket, shop_id, facet, name, queued, processing, retrying, failed, succeeded, cancelled, items_processed, items_failed, waited, took)!
-- Adds to what came into each state.
INSERT INTO ledger.task_flows_by_minute AS f (
    bucket, shop_id, facet, name, queued, processing, retrying, failed, succeeded, cancelled, items_processed, items_failed,
    waited, took
)
SELECT bucket, shop_id, facet, name, queued, processing, retrying, failed, succeeded, cancelled, items_processed, items_failed,
       waited::numeric, took::numeric
FROM unnest(
    :bucket::timestamptz[], :shop_id::bigint[], :facet::text[], :name::text[], :queued::bigint[], :processing::bigint[],
    :retrying::bigint[], :failed::bigint[], :succeeded::bigint[], :cancelled::bigint[], :items_processed::bigint[],
    :items_failed::bigint[], :waited::text[], :took::text[]
) AS came (bucket, shop_id, facet, name, queued, processing, retrying, failed, succeeded, cancelled, items_processed,
           items_failed, waited, took)
ON CONFLICT (shop_id, facet, bucket, name) DO UPDATE SET
    queued = f.queued + excluded.queued,
    processing = f.processing + excluded.processing,
    retrying = f.retrying + excluded.retrying,
    failed = f.failed + excluded.failed,
    succeeded = f.succeeded + excluded.succeeded,
    cancelled = f.cancelled + excluded.cancelled,
    items_processed = f.items_processed + excluded.items_processed,
    items_failed = f.items_failed + excluded.items_failed,
    waited = f.waited + excluded.waited,
    took = f.took + excluded.took;

-- name: tidy(bucket, shop_id, facet, name)!
-- What something was taken from: of nothing there is no row.
DELETE FROM ledger.task_flows_by_minute f
USING unnest(:bucket::timestamptz[], :shop_id::bigint[], :facet::text[], :name::text[])
    AS touched (bucket, shop_id, facet, name)
WHERE (f.shop_id, f.facet, f.bucket, f.name) = (touched.shop_id, touched.facet, touched.bucket, touched.name)
  AND f.queued + f.processing + f.retrying + f.failed + f.succeeded + f.cancelled <= 0;

-- name: correct()!
-- Sets what differs from the counters by type, account and state.
INSERT INTO ledger.task_flows_by_minute
SELECT * FROM ledger.told_by_minute EXCEPT SELECT * FROM ledger.task_flows_by_minute
ON CONFLICT (shop_id, facet, bucket, name) DO UPDATE SET (
    queued, processing, retrying, failed, succeeded, cancelled, items_processed, items_failed, took, waited
) = (
    excluded.queued, excluded.processing, excluded.retrying, excluded.failed, excluded.succeeded, excluded.cancelled,
    excluded.items_processed, excluded.items_failed, excluded.took, excluded.waited
);

-- name: remove()!
-- Removes what those counters do not bear out.
DELETE FROM ledger.task_flows_by_minute f
WHERE NOT EXISTS (
    SELECT FROM ledger.task_counts_by_minute c
    WHERE c.shop_id = f.shop_id AND c.bucket = f.bucket
      AND CASE f.facet WHEN 'type' THEN c.type = f.name WHEN 'account' THEN c.account_id::text = f.name ELSE true END
);

-- name: differing(start, end)^
-- How many rows of an hour there are, and how many differ from the counters by type, account and state.
SELECT count(*) AS checked, count(*) FILTER (WHERE told IS DISTINCT FROM kept) AS wrong
FROM (SELECT * FROM ledger.told_by_minute WHERE bucket >= :start AND bucket < :end) AS told
FULL JOIN (SELECT * FROM ledger.task_flows_by_minute WHERE bucket >= :start AND bucket < :end) AS kept
USING (bucket, shop_id, facet, name);
