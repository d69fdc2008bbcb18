-- Lists take the ids of one page from the end of an index range. Where several shops, types or states are wanted,
-- the ends of their ranges are merged. Comparisons and orders name all columns of one index, so that no other can
-- serve: one that has only the order would be walked along all tasks in search of a rare state.

-- name: first_kept()$
-- The lowest id that the oldest day of the log has room for. Null: it has no days.
SELECT ledger.first_id_of(min(to_date(right(child.relname, 8), 'YYYYMMDD')))
FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
WHERE i.inhparent = 'ledger.tasks'::regclass;

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

-- name: newest_ids_named(shop_ids, names, low, high, wanted)
-- The newest tasks of some shops that have one of these names in a column.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:names::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.order_number /* kept */ IS NOT NULL
      AND (t.shop_id, t.order_number /* column */, t.task_id) >= (shop.id, wanted.name, :low)
      AND (t.shop_id, t.order_number /* column */, t.task_id) < (shop.id, wanted.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id DESC, t.order_number /* column */ DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_named(shop_ids, names, low, high, wanted)
-- The oldest tasks of some shops that have one of these names in a column.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:names::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.order_number /* kept */ IS NOT NULL
      AND (t.shop_id, t.order_number /* column */, t.task_id) >= (shop.id, wanted.name, :low)
      AND (t.shop_id, t.order_number /* column */, t.task_id) < (shop.id, wanted.name, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id, t.order_number /* column */, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_ids_linked(links, low, high, wanted)
-- The newest tasks with one of these ids in a column.
SELECT found.task_id
FROM unnest(:links::bigint[] /* type */) AS wanted (link)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.account_id /* link */ IS NOT NULL
      AND (t.account_id /* link */, t.task_id) >= (wanted.link, :low)
      AND (t.account_id /* link */, t.task_id) < (wanted.link, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.account_id /* link */ DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.task_id DESC LIMIT :wanted;

-- name: oldest_ids_linked(links, low, high, wanted)
-- The oldest tasks with one of these ids in a column.
SELECT found.task_id
FROM unnest(:links::bigint[] /* type */) AS wanted (link)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.account_id /* link */ IS NOT NULL
      AND (t.account_id /* link */, t.task_id) >= (wanted.link, :low)
      AND (t.account_id /* link */, t.task_id) < (wanted.link, :high)
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.account_id /* link */, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.task_id LIMIT :wanted;

-- name: newest_retried_ids(low, high, wanted)
-- The newest tasks that a person retried.
SELECT DISTINCT ON (retry_of) retry_of AS task_id FROM ledger.tasks
WHERE retry_of IS NOT NULL AND retry_of >= :low AND retry_of < :high AND task_id >= :low
ORDER BY retry_of DESC, task_id DESC LIMIT :wanted;

-- name: oldest_retried_ids(low, high, wanted)
-- The oldest tasks that a person retried.
SELECT DISTINCT ON (retry_of) retry_of AS task_id FROM ledger.tasks
WHERE retry_of IS NOT NULL AND retry_of >= :low AND retry_of < :high AND task_id >= :low
ORDER BY retry_of, task_id LIMIT :wanted;

-- name: ids_of_chain(root_id, wanted)
-- A task and all that it led to.
WITH RECURSIVE chain AS (
    SELECT :root_id::uuid AS task_id
    UNION
    SELECT t.task_id FROM chain JOIN ledger.tasks t ON t.parent_id = chain.task_id
)
SELECT task_id FROM chain LIMIT :wanted;

-- name: retried_among(task_ids, low, high)
-- Those of some tasks that a person retried; `low` is the lowest of their ids, `high` of no retry asked for.
SELECT DISTINCT retry_of AS task_id FROM ledger.tasks
WHERE retry_of = ANY(:task_ids::uuid[]) AND retry_of IS NOT NULL AND task_id >= :low AND task_id < :high;

-- name: facts_of(task_ids, low, high)
-- What tasks are judged and sorted by; the bounds are the lowest and the highest of the ids.
SELECT t.* FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
CROSS JOIN LATERAL (
    SELECT task_id, shop_id, account_id, type, state, attempt, order_number, source_id, target_id, parent_id, root_id,
           retry_of, started_at, completed_at, duration_ms, error_kind, fingerprint
    FROM ledger.tasks
    WHERE task_id = wanted.task_id AND task_id >= :low AND task_id <= :high
    LIMIT 1
) AS t;

-- name: fingerprints_of(shop_ids, error_kind, wanted)
-- The groups that failures of a kind fall into.
SELECT DISTINCT fingerprint FROM ledger.failure_groups
WHERE (:shop_ids::bigint[] IS NULL OR shop_id = ANY(:shop_ids::bigint[])) AND error_kind = :error_kind
LIMIT :wanted;

-- name: types_there(shop_ids, states)
-- The types of which some shops have tasks in some states.
SELECT DISTINCT type FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND state = ANY(:states::text[]) AND n > 0;

-- name: numbers_of(shop_ids, types, states, account_ids)^
-- How many tasks of some shops there are of these types in these states, and how many of these accounts.
SELECT coalesce(sum(n) FILTER (WHERE type = ANY(:types::text[]) AND state = ANY(:states::text[])), 0)::bigint AS of_kind,
       coalesce(sum(n) FILTER (WHERE account_id = ANY(:account_ids::bigint[])), 0)::bigint AS of_accounts
FROM ledger.task_counts WHERE shop_id = ANY(:shop_ids::bigint[]);

-- name: number_of(shop_ids, types, states, account_ids)$
-- How many tasks of some shops there are of these types in these states, of some accounts or of all.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND type = ANY(:types::text[]) AND state = ANY(:states::text[])
  AND (:account_ids::bigint[] IS NULL OR account_id = ANY(:account_ids::bigint[]));

-- name: number_failed(shop_ids, fingerprints)$
-- How many failures of some shops fell into these groups.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.failure_groups
WHERE shop_id = ANY(:shop_ids::bigint[]) AND fingerprint = ANY(:fingerprints::text[]);
