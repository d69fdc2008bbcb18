-- name: flows(shop_ids, types, account_ids, hours_from, hours_to, minutes_from, minutes_to, edges, told_by)
-- What came into each state in each bucket of time, by type, account or shop, and how durations are spread.
-- OFFSET 0 has each shop read by itself, whatever the planner believes of their number.
WITH counted AS MATERIALIZED (
    SELECT width_bucket(c.bucket, :edges::timestamptz[]) AS place,
           CASE :told_by::text WHEN 'type' THEN c.type WHEN 'account' THEN c.account_id::text
                               WHEN 'shop' THEN c.shop_id::text ELSE '' END AS key,
           c.state, c.n, c.items_processed, c.items_failed, c.spread
    FROM (
        SELECT h.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
        CROSS JOIN unnest(:hours_from::timestamptz[], :hours_to::timestamptz[]) AS hours (since, until)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.task_counts_by_hour h
            WHERE h.shop_id = shop.id AND h.bucket >= hours.since AND h.bucket < hours.until OFFSET 0
        ) AS h
        UNION ALL
        SELECT m.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
        CROSS JOIN unnest(:minutes_from::timestamptz[], :minutes_to::timestamptz[]) AS minutes (since, until)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.task_counts_by_minute m
            WHERE m.shop_id = shop.id AND m.bucket >= minutes.since AND m.bucket < minutes.until OFFSET 0
        ) AS m
    ) AS c
    WHERE (:types::text[] IS NULL OR c.type = ANY(:types::text[]))
      AND (:account_ids::bigint[] IS NULL OR c.account_id = ANY(:account_ids::bigint[]))
), sums AS (
    SELECT place, key, state, sum(n)::bigint AS n, sum(items_processed)::bigint AS items_processed,
           sum(items_failed)::bigint AS items_failed
    FROM counted GROUP BY place, key, state
), spreads AS (
    SELECT place, key, state, jsonb_object_agg(class, n) AS spread
    FROM (
        SELECT place, key, state, class.number - 1 AS class, sum(class.n)::bigint AS n
        FROM counted CROSS JOIN LATERAL unnest(spread) WITH ORDINALITY AS class (n, number)
        WHERE class.n > 0
        GROUP BY place, key, state, class.number
    ) AS classes
    GROUP BY place, key, state
)
SELECT place - 1 AS place, key, state, n, items_processed, items_failed, spread
FROM sums LEFT JOIN spreads USING (place, key, state);

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
