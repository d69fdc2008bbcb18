-- Lists take the ids of one page from the end of an index range. Where several shops, types or states are wanted,
-- the ends of their ranges are merged. Comparisons and orders name all columns of one index, so that no other can
-- serve: one that has only the order would be walked along all tasks in search of a rare state.

-- name: newest_ids(low, high, wanted)
-- The newest tasks of all shops.
SELECT task_id FROM ledger.tasks
WHERE task_id >= :low AND task_id < :high
ORDER BY task_id DESC LIMIT :wanted;

-- name: oldest_ids(low, high, wanted)
-- The oldest tasks of all shops.
SELECT task_id FROM ledger.tasks
WHERE task_id >= :low AND task_id < :high
ORDER BY task_id LIMIT :wanted;

-- name: newest_ids_by_shop(shop_ids, low, high, wanted)
-- The newest tasks of some shops.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.task_id) >= (shop.id, :low)
      AND (t.shop_id, t.task_id) < (shop.id, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_shop(shop_ids, low, high, wanted)
-- The oldest tasks of some shops.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.task_id) >= (shop.id, :low)
      AND (t.shop_id, t.task_id) < (shop.id, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_ids_by_state(shop_ids, states, low, high, wanted)
-- The newest tasks of some shops in some states.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.state, t.task_id) >= (shop.id, state.name, :low)
      AND (t.shop_id, t.state, t.task_id) < (shop.id, state.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id DESC, t.state DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_state(shop_ids, states, low, high, wanted)
-- The oldest tasks of some shops in some states.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.state, t.task_id) >= (shop.id, state.name, :low)
      AND (t.shop_id, t.state, t.task_id) < (shop.id, state.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id, t.state, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_ids_by_type(shop_ids, types, states, low, high, wanted)
-- The newest tasks of some shops, of some types, in some states.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:types::text[]) AS kind (name)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.type, t.state, t.task_id) >= (shop.id, kind.name, state.name, :low)
      AND (t.shop_id, t.type, t.state, t.task_id) < (shop.id, kind.name, state.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id DESC, t.type DESC, t.state DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_type(shop_ids, types, states, low, high, wanted)
-- The oldest tasks of some shops, of some types, in some states.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:types::text[]) AS kind (name)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE (t.shop_id, t.type, t.state, t.task_id) >= (shop.id, kind.name, state.name, :low)
      AND (t.shop_id, t.type, t.state, t.task_id) < (shop.id, kind.name, state.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id, t.type, t.state, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: tasks_by_id(task_ids, low, high)
-- Current states of tasks, in no particular order; the bounds are the lowest and the highest of the ids.
SELECT t.* FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
JOIN ledger.tasks t ON t.task_id = wanted.task_id
WHERE t.task_id >= :low AND t.task_id <= :high;

-- name: follow_up_ids(task_id, low, high, wanted)
-- The tasks that one caused, oldest first.
SELECT task_id FROM ledger.tasks
WHERE parent_id = :task_id AND task_id >= :low AND task_id < :high
ORDER BY task_id LIMIT :wanted;

-- name: retry_ids(task_id, low, high, wanted)
-- The tasks with which people retried one, oldest first.
SELECT task_id FROM ledger.tasks
WHERE retry_of = :task_id AND task_id >= :low AND task_id < :high
ORDER BY task_id LIMIT :wanted;
