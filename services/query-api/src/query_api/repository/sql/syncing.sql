-- name: counted(account_ids, states, ids, created_from, created_to, attempted_from, attempted_to, most)
-- How many shipments of each kind a query finds, at most so many of each account and state.
SELECT found.account_id, found.state, found.is_left_to_people, count(*) AS n
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT s.account_id, s.state, s.is_void AND coalesce(s.error_kind, '') = 'by_hand' AS is_left_to_people
    FROM store.shipments s
    WHERE s.account_id = account.id AND s.state = state.name
      AND (:ids::uuid[] IS NULL OR s.id = ANY(:ids::uuid[]))
      AND (:created_from::timestamptz IS NULL OR s.created_at >= :created_from::timestamptz)
      AND (:created_to::timestamptz IS NULL OR s.created_at < :created_to::timestamptz)
      AND (:attempted_from::timestamptz IS NULL
           OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) >= :attempted_from::timestamptz)
      AND (:attempted_to::timestamptz IS NULL
           OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) < :attempted_to::timestamptz)
    LIMIT :most
) AS found
GROUP BY found.account_id, found.state, found.is_left_to_people;

-- name: lock_shipments(ids)
-- Shipments, kept as they are until the transaction ends; in one order, so that nobody waits in a circle.
SELECT * FROM store.shipments WHERE id = ANY(:ids::uuid[]) ORDER BY id FOR UPDATE;

-- name: lock_orders(account_ids, order_ids)
-- Their orders, whose counts will change.
SELECT o.order_id FROM store.shipped_orders o
WHERE (o.account_id, o.order_id) IN (SELECT * FROM unnest(:account_ids::bigint[], :order_ids::text[]))
ORDER BY o.account_id, o.order_id FOR UPDATE;

-- name: mark_pending(ids, task_ids)!
-- Shipments begin anew, each with a task of its own.
UPDATE store.shipments s
SET state = 'pending', task_id = new.task_id, error_count = 0, error_kind = NULL, error_message = NULL,
    updated_at = clock_timestamp()
FROM unnest(:ids::uuid[], :task_ids::uuid[]) AS new (id, task_id)
WHERE s.id = new.id;

-- name: budgets(account_ids)
-- How fast accounts may ask, by operation, as far as that is known.
SELECT account_id, operation, per_second FROM store.budgets WHERE account_id = ANY(:account_ids::bigint[]);

-- name: is_under_way(task_ids, low, high)$
-- Whether one of these tasks may still do something. Workers know first that one is over, the log that one waits.
SELECT EXISTS (
    SELECT FROM store.inbox i
    WHERE i.task_id = ANY(:task_ids::uuid[]) AND i.task_id BETWEEN :low AND :high AND NOT i.is_over
) OR EXISTS (
    SELECT FROM ledger.tasks t
    WHERE t.task_id = ANY(:task_ids::uuid[]) AND t.task_id BETWEEN :low AND :high
      AND t.state IN ('queued', 'processing', 'retrying')
      AND NOT EXISTS (SELECT FROM store.inbox i WHERE i.task_id = t.task_id AND i.is_over)
);

-- name: mark_done(id, told, note)^
-- A person has told of it: the target has it as it is now, though nobody knows what the target calls it.
UPDATE store.shipments
SET state = CASE WHEN is_void THEN 'voided' ELSE 'synced' END, told_version = version, tried_version = version,
    tried_numbers = CASE WHEN is_void THEN '{}' ELSE ARRAY(SELECT DISTINCT unnest(tried_numbers || tracking_numbers)) END,
    told = CASE WHEN is_void THEN NULL ELSE :told::jsonb END,
    error_kind = NULL, error_message = NULL, note = :note,
    synced_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE id = :id
RETURNING *;
