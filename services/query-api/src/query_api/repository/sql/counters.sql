-- name: in_states(shop_ids, states)
-- How many tasks of each type are in some states now.
SELECT type, state, sum(n)::bigint AS n
FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state = ANY(:states::text[])
GROUP BY type, state;

-- name: came_in(shop_ids, facet, starts, hours_from, hours_to, ends)
-- How many tasks came into each state between each shop's start and end, of all or of each type: whole hours, and the
-- minutes before and after them.
SELECT f.name AS type, sum(f.queued)::bigint AS queued, sum(f.processing)::bigint AS processing,
       sum(f.retrying)::bigint AS retrying, sum(f.failed)::bigint AS failed, sum(f.succeeded)::bigint AS succeeded,
       sum(f.cancelled)::bigint AS cancelled
FROM unnest(:shop_ids::bigint[], :starts::timestamptz[], :hours_from::timestamptz[], :hours_to::timestamptz[],
            :ends::timestamptz[]) AS shop (id, starts, hours_from, hours_to, ends)
CROSS JOIN LATERAL (
    SELECT m.name, m.queued, m.processing, m.retrying, m.failed, m.succeeded, m.cancelled
    FROM ledger.task_flows_by_minute m
    WHERE m.shop_id = shop.id AND m.facet = :facet AND m.bucket >= shop.starts AND m.bucket < shop.hours_from
    UNION ALL
    SELECT h.name, h.queued, h.processing, h.retrying, h.failed, h.succeeded, h.cancelled
    FROM ledger.task_flows_by_hour h
    WHERE h.shop_id = shop.id AND h.facet = :facet AND h.bucket >= shop.hours_from AND h.bucket < shop.hours_to
    UNION ALL
    SELECT m.name, m.queued, m.processing, m.retrying, m.failed, m.succeeded, m.cancelled
    FROM ledger.task_flows_by_minute m
    WHERE m.shop_id = shop.id AND m.facet = :facet AND m.bucket >= shop.hours_to AND m.bucket < shop.ends
) AS f
GROUP BY f.name;
