-- name: flows(shop_ids, facet, names, hours_from, hours_to, minutes_from, minutes_to, edges, told_by)
-- What came into each state in each bucket of time, of all tasks, of each type, account or shop, and how durations are
-- spread. OFFSET 0 has each shop read by itself, whatever the planner believes of their number. A spread adds up
-- as one number; see query_api/spreads.py.
SELECT width_bucket(f.bucket, :edges::timestamptz[]) - 1 AS place,
       CASE :told_by::text WHEN 'all' THEN '' WHEN 'shop' THEN f.shop_id::text ELSE f.name END AS key,
       sum(f.queued)::bigint AS queued, sum(f.processing)::bigint AS processing, sum(f.retrying)::bigint AS retrying,
       sum(f.failed)::bigint AS failed, sum(f.succeeded)::bigint AS succeeded, sum(f.cancelled)::bigint AS cancelled,
       sum(f.items_processed)::bigint AS items_processed, sum(f.items_failed)::bigint AS items_failed,
       sum(f.took)::text AS took,
       sum(f.waited)::text AS waited
FROM (
    SELECT h.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:hours_from::timestamptz[], :hours_to::timestamptz[]) AS hours (since, until)
    CROSS JOIN LATERAL (
        SELECT h.* FROM ledger.task_flows_by_hour h
        WHERE h.shop_id = shop.id AND h.facet = :facet AND h.bucket >= hours.since AND h.bucket < hours.until OFFSET 0
    ) AS h
    UNION ALL
    SELECT m.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:minutes_from::timestamptz[], :minutes_to::timestamptz[]) AS minutes (since, until)
    CROSS JOIN LATERAL (
        SELECT m.* FROM ledger.task_flows_by_minute m
        WHERE m.shop_id = shop.id AND m.facet = :facet AND m.bucket >= minutes.since AND m.bucket < minutes.until OFFSET 0
    ) AS m
) AS f
WHERE :names::text[] IS NULL OR f.name = ANY(:names::text[])
GROUP BY 1, 2;

-- name: counted(shop_ids, types, account_ids, hours_from, hours_to, minutes_from, minutes_to, edges, told_by)
-- The same of some types and some accounts together, of which no flows are kept; each state by itself.
SELECT width_bucket(c.bucket, :edges::timestamptz[]) - 1 AS place,
       CASE :told_by::text WHEN 'type' THEN c.type WHEN 'account' THEN c.account_id::text
                           WHEN 'shop' THEN c.shop_id::text ELSE '' END AS key,
       c.state, sum(c.n)::bigint AS n, sum(c.items_processed)::bigint AS items_processed,
       sum(c.items_failed)::bigint AS items_failed,
       sum(c.spread)::text AS spread
FROM (
    SELECT h.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:hours_from::timestamptz[], :hours_to::timestamptz[]) AS hours (since, until)
    CROSS JOIN LATERAL (
        SELECT h.* FROM ledger.task_counts_by_hour h
        WHERE h.shop_id = shop.id AND h.bucket >= hours.since AND h.bucket < hours.until OFFSET 0
    ) AS h
    UNION ALL
    SELECT m.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:minutes_from::timestamptz[], :minutes_to::timestamptz[]) AS minutes (since, until)
    CROSS JOIN LATERAL (
        SELECT m.* FROM ledger.task_counts_by_minute m
        WHERE m.shop_id = shop.id AND m.bucket >= minutes.since AND m.bucket < minutes.until OFFSET 0
    ) AS m
) AS c
WHERE (:types::text[] IS NULL OR c.type = ANY(:types::text[]))
  AND (:account_ids::bigint[] IS NULL OR c.account_id = ANY(:account_ids::bigint[]))
GROUP BY 1, 2, 3;

-- name: open_now(shop_ids, types, account_ids, told_by)
-- How many tasks are in each state that is not the last, now, by type or account.
SELECT CASE :told_by::text WHEN 'type' THEN type ELSE account_id::text END AS key, state, sum(n)::bigint AS n
FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state IN ('queued', 'processing', 'retrying')
  AND (:types::text[] IS NULL OR type = ANY(:types::text[]))
  AND (:account_ids::bigint[] IS NULL OR account_id = ANY(:account_ids::bigint[]))
GROUP BY 1, 2;

-- name: accounts(shop_ids, kinds, account_ids)
-- Accounts of some shops, of all kinds where none are named, and of those alone that are named.
SELECT a.id, a.kind, a.name, a.is_active, s.domain
FROM store.accounts a JOIN store.shops s ON s.id = a.shop_id
WHERE a.shop_id = ANY(:shop_ids::bigint[])
  AND (:kinds::text[] IS NULL OR a.kind = ANY(:kinds::text[]))
  AND (:account_ids::bigint[] IS NULL OR a.id = ANY(:account_ids::bigint[]))
ORDER BY s.domain, a.kind, a.name, a.id;
