-- name: in_states(shop_ids, states)
-- How many tasks of each type are in some states now.
SELECT type, state, sum(n)::bigint AS n
FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state = ANY(:states::text[])
GROUP BY type, state;

-- name: came_in(shop_ids, facet, starts, hours_from)
-- How many tasks came into each state since each shop's start, of all or of each type: whole hours, and the minutes
-- before them.
SELECT f.name AS type, sum(f.queued)::bigint AS queued, sum(f.failed)::bigint AS failed,
       sum(f.succeeded)::bigint AS succeeded
FROM unnest(:shop_ids::bigint[], :starts::timestamptz[], :hours_from::timestamptz[])
     AS shop (id, starts, hours_from)
CROSS JOIN LATERAL (
    SELECT m.name, m.queued, m.failed, m.succeeded FROM ledger.task_flows_by_minute m
    WHERE m.shop_id = shop.id AND m.facet = :facet AND m.bucket >= shop.starts AND m.bucket < shop.hours_from
    UNION ALL
    SELECT h.name, h.queued, h.failed, h.succeeded FROM ledger.task_flows_by_hour h
    WHERE h.shop_id = shop.id AND h.facet = :facet AND h.bucket >= shop.hours_from
) AS f
GROUP BY f.name;
