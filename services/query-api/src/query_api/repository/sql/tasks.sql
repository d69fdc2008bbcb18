-- name: newest_ids(low, high, wanted)
-- The newest tasks of all shops in a range of ids.
SELECT task_id FROM ledger.tasks
WHERE task_id >= :low AND task_id < :high
ORDER BY task_id DESC LIMIT :wanted;

-- name: oldest_ids(low, high, wanted)
-- The oldest tasks of all shops in a range of ids.
SELECT task_id FROM ledger.tasks
WHERE task_id >= :low AND task_id < :high
ORDER BY task_id LIMIT :wanted;

-- name: newest_ids_by_shop(shop_ids, low, high, wanted)
-- The newest tasks of some shops: the top of each shop's index range, merged.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id DESC LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_shop(shop_ids, low, high, wanted)
-- The oldest tasks of some shops: the bottom of each shop's index range, merged.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_ids_by_state(shop_ids, states, low, high, wanted)
-- The newest tasks in some states, merged from one index range per shop and state.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS wanted_state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.state = wanted_state.name AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id DESC LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_state(shop_ids, states, low, high, wanted)
-- The oldest tasks in some states, merged from one index range per shop and state.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS wanted_state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.state = wanted_state.name AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_ids_by_type(shop_ids, types, states, low, high, wanted)
-- The newest tasks of some types in some states, merged from one index range per shop, type and state.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:types::text[]) AS wanted_type (name)
CROSS JOIN unnest(:states::text[]) AS wanted_state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.type = wanted_type.name AND t.state = wanted_state.name
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id DESC LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_by_type(shop_ids, types, states, low, high, wanted)
-- The oldest tasks of some types in some states, merged from one index range per shop, type and state.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:types::text[]) AS wanted_type (name)
CROSS JOIN unnest(:states::text[]) AS wanted_state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.shop_id = shop.id AND t.type = wanted_type.name AND t.state = wanted_state.name
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.task_id LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: tasks_by_id(task_ids)
-- Current states of tasks, in no particular order.
SELECT t.* FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
JOIN ledger.tasks t ON t.task_id = wanted.task_id;

-- name: follow_up_ids(task_id, low, wanted)
-- The tasks that one caused, oldest first; a follow-up's id is made after its parent's.
SELECT task_id FROM ledger.tasks
WHERE parent_id = :task_id AND task_id >= :low
ORDER BY task_id LIMIT :wanted;

-- name: retry_ids(task_id, low, wanted)
-- The tasks with which people retried one, oldest first.
SELECT task_id FROM ledger.tasks
WHERE retry_of = :task_id AND task_id >= :low
ORDER BY task_id LIMIT :wanted;
