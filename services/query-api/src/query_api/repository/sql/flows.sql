-- name: flows(shop_ids, facet, names, hours_from, hours_to, minutes_from, minutes_to, edges, told_by)
-- What came into each state in each bucket of time, of all tasks, of each type, account or shop, and how durations are
-- spread. OFFSET 0 has each shop read by itself, whatever the planner believes of their number. Adding classes place by
-- place is much quicker than taking the arrays apart; a test holds that all classes are added. An array that has just been
-- appended to is unpacked: of one as it is stored, every look-up of a place makes a copy first, which took half the time.
-- Classes after the last that any row has are NULL, and are left out.
SELECT width_bucket(f.bucket, :edges::timestamptz[]) - 1 AS place,
       CASE :told_by::text WHEN 'all' THEN '' WHEN 'shop' THEN f.shop_id::text ELSE f.name END AS key,
       sum(f.queued)::bigint AS queued, sum(f.processing)::bigint AS processing, sum(f.retrying)::bigint AS retrying,
       sum(f.failed)::bigint AS failed, sum(f.succeeded)::bigint AS succeeded, sum(f.cancelled)::bigint AS cancelled,
       sum(f.items_processed)::bigint AS items_processed, sum(f.items_failed)::bigint AS items_failed,
       array_remove(ARRAY[
           sum(f.took[1]), sum(f.took[2]), sum(f.took[3]), sum(f.took[4]), sum(f.took[5]),
           sum(f.took[6]), sum(f.took[7]), sum(f.took[8]), sum(f.took[9]), sum(f.took[10]),
           sum(f.took[11]), sum(f.took[12]), sum(f.took[13]), sum(f.took[14]), sum(f.took[15]),
           sum(f.took[16]), sum(f.took[17]), sum(f.took[18]), sum(f.took[19]), sum(f.took[20]),
           sum(f.took[21]), sum(f.took[22]), sum(f.took[23]), sum(f.took[24]), sum(f.took[25]),
           sum(f.took[26]), sum(f.took[27]), sum(f.took[28]), sum(f.took[29]), sum(f.took[30]),
           sum(f.took[31]), sum(f.took[32]), sum(f.took[33]), sum(f.took[34]), sum(f.took[35])
       ], NULL) AS took,
       array_remove(ARRAY[
           sum(f.waited[1]), sum(f.waited[2]), sum(f.waited[3]), sum(f.waited[4]), sum(f.waited[5]),
           sum(f.waited[6]), sum(f.waited[7]), sum(f.waited[8]), sum(f.waited[9]), sum(f.waited[10]),
           sum(f.waited[11]), sum(f.waited[12]), sum(f.waited[13]), sum(f.waited[14]), sum(f.waited[15]),
           sum(f.waited[16]), sum(f.waited[17]), sum(f.waited[18]), sum(f.waited[19]), sum(f.waited[20]),
           sum(f.waited[21]), sum(f.waited[22]), sum(f.waited[23]), sum(f.waited[24]), sum(f.waited[25]),
           sum(f.waited[26]), sum(f.waited[27]), sum(f.waited[28]), sum(f.waited[29]), sum(f.waited[30]),
           sum(f.waited[31]), sum(f.waited[32]), sum(f.waited[33]), sum(f.waited[34]), sum(f.waited[35])
       ], NULL) AS waited
FROM (
    SELECT h.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:hours_from::timestamptz[], :hours_to::timestamptz[]) AS hours (since, until)
    CROSS JOIN LATERAL (
        SELECT h.shop_id, h.name, h.bucket, h.queued, h.processing, h.retrying, h.failed, h.succeeded, h.cancelled,
               h.items_processed, h.items_failed, array_append(h.took, 0) AS took, array_append(h.waited, 0) AS waited
        FROM ledger.task_flows_by_hour h
        WHERE h.shop_id = shop.id AND h.facet = :facet AND h.bucket >= hours.since AND h.bucket < hours.until OFFSET 0
    ) AS h
    UNION ALL
    SELECT m.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:minutes_from::timestamptz[], :minutes_to::timestamptz[]) AS minutes (since, until)
    CROSS JOIN LATERAL (
        SELECT m.shop_id, m.name, m.bucket, m.queued, m.processing, m.retrying, m.failed, m.succeeded, m.cancelled,
               m.items_processed, m.items_failed, array_append(m.took, 0) AS took, array_append(m.waited, 0) AS waited
        FROM ledger.task_flows_by_minute m
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
       array_remove(ARRAY[
           sum(c.spread[1]), sum(c.spread[2]), sum(c.spread[3]), sum(c.spread[4]), sum(c.spread[5]),
           sum(c.spread[6]), sum(c.spread[7]), sum(c.spread[8]), sum(c.spread[9]), sum(c.spread[10]),
           sum(c.spread[11]), sum(c.spread[12]), sum(c.spread[13]), sum(c.spread[14]), sum(c.spread[15]),
           sum(c.spread[16]), sum(c.spread[17]), sum(c.spread[18]), sum(c.spread[19]), sum(c.spread[20]),
           sum(c.spread[21]), sum(c.spread[22]), sum(c.spread[23]), sum(c.spread[24]), sum(c.spread[25]),
           sum(c.spread[26]), sum(c.spread[27]), sum(c.spread[28]), sum(c.spread[29]), sum(c.spread[30]),
           sum(c.spread[31]), sum(c.spread[32]), sum(c.spread[33]), sum(c.spread[34]), sum(c.spread[35])
       ], NULL) AS spread
FROM (
    SELECT h.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:hours_from::timestamptz[], :hours_to::timestamptz[]) AS hours (since, until)
    CROSS JOIN LATERAL (
        SELECT h.shop_id, h.type, h.account_id, h.bucket, h.state, h.n, h.items_processed, h.items_failed,
               array_append(h.spread, 0) AS spread
        FROM ledger.task_counts_by_hour h
        WHERE h.shop_id = shop.id AND h.bucket >= hours.since AND h.bucket < hours.until OFFSET 0
    ) AS h
    UNION ALL
    SELECT m.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
    CROSS JOIN unnest(:minutes_from::timestamptz[], :minutes_to::timestamptz[]) AS minutes (since, until)
    CROSS JOIN LATERAL (
        SELECT m.shop_id, m.type, m.account_id, m.bucket, m.state, m.n, m.items_processed, m.items_failed,
               array_append(m.spread, 0) AS spread
        FROM ledger.task_counts_by_minute m
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
