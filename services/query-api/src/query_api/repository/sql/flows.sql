-- name: flows(shop_ids, types, account_ids, hours_from, hours_to, minutes_from, minutes_to, edges, told_by)
-- What came into each state in each bucket of time, by type, account or shop, and how durations are spread.
-- OFFSET 0 has each shop read by itself, whatever the planner believes of their number. Adding classes place by place
-- is much quicker than taking the arrays apart; a test holds that all classes are added.
SELECT width_bucket(c.bucket, :edges::timestamptz[]) - 1 AS place,
       CASE :told_by::text WHEN 'type' THEN c.type WHEN 'account' THEN c.account_id::text
                           WHEN 'shop' THEN c.shop_id::text ELSE '' END AS key,
       c.state, sum(c.n)::bigint AS n, sum(c.items_processed)::bigint AS items_processed,
       sum(c.items_failed)::bigint AS items_failed,
       ARRAY[
           sum(c.spread[1]), sum(c.spread[2]), sum(c.spread[3]), sum(c.spread[4]), sum(c.spread[5]),
           sum(c.spread[6]), sum(c.spread[7]), sum(c.spread[8]), sum(c.spread[9]), sum(c.spread[10]),
           sum(c.spread[11]), sum(c.spread[12]), sum(c.spread[13]), sum(c.spread[14]), sum(c.spread[15]),
           sum(c.spread[16]), sum(c.spread[17]), sum(c.spread[18]), sum(c.spread[19]), sum(c.spread[20]),
           sum(c.spread[21]), sum(c.spread[22]), sum(c.spread[23]), sum(c.spread[24]), sum(c.spread[25]),
           sum(c.spread[26]), sum(c.spread[27]), sum(c.spread[28]), sum(c.spread[29]), sum(c.spread[30]),
           sum(c.spread[31]), sum(c.spread[32]), sum(c.spread[33]), sum(c.spread[34]), sum(c.spread[35])
       ] AS spread
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
