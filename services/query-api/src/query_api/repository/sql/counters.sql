-- name: in_states(shop_ids, states)
-- How many tasks of each type are in some states now.
SELECT type, state, sum(n)::bigint AS n
FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state = ANY(:states::text[])
GROUP BY type, state;

-- name: came_into(shop_ids, states, starts, hours_from)
-- How many tasks came into some states since each shop's start: whole hours, and the minutes before them.
SELECT counted.type, counted.state, sum(counted.n)::bigint AS n
FROM unnest(:shop_ids::bigint[], :starts::timestamptz[], :hours_from::timestamptz[])
     AS shop (id, starts, hours_from)
CROSS JOIN LATERAL (
    SELECT m.type, m.state, m.n FROM ledger.task_counts_by_minute m
    WHERE m.shop_id = shop.id AND m.bucket >= shop.starts AND m.bucket < shop.hours_from
      AND m.state = ANY(:states::text[])
    UNION ALL
    SELECT h.type, h.state, h.n FROM ledger.task_counts_by_hour h
    WHERE h.shop_id = shop.id AND h.bucket >= shop.hours_from AND h.state = ANY(:states::text[])
) AS counted
GROUP BY counted.type, counted.state;
