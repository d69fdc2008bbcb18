-- name: shipment(id, shop_id)^
-- A package, what was told of it, and what the order's other packages are called at the target.
SELECT s.*, o.marketplace,
       ARRAY(SELECT other.target_id FROM store.shipments other
             WHERE other.account_id = s.account_id AND other.order_id = s.order_id AND other.id <> s.id
               AND other.target_id IS NOT NULL) AS taken
FROM store.shipments s
LEFT JOIN store.marketplace_orders o ON o.account_id = s.account_id AND o.source_id = s.order_id
WHERE s.id = :id AND s.shop_id = :shop_id;

-- name: begin(id, task_id, version, tracking_numbers)^
-- Written down before the target is told, so that whoever comes next knows that it may have been. No row: the
-- target has been told of this version meanwhile, by another task or by a person.
UPDATE store.shipments
SET tried_version = greatest(tried_version, :version),
    tried_numbers = ARRAY(SELECT DISTINCT unnest(tried_numbers || :tracking_numbers::text[])),
    error_count = CASE WHEN task_id = :task_id THEN error_count ELSE 0 END,
    task_id = :task_id, last_attempt_at = clock_timestamp(), updated_at = clock_timestamp(),
    state = 'pending'
WHERE id = :id AND told_version < :version
RETURNING id;

-- name: settle(id, task_id, version, state, target_id, told, note, is_told)!
-- The target agrees with a version; a newer one leaves the package pending.
UPDATE store.shipments
SET told_version = :version, tried_version = greatest(tried_version, :version), tried_numbers = '{}',
    target_id = :target_id, told = :told, note = :note, task_id = :task_id,
    state = CASE WHEN version > :version THEN 'pending' ELSE :state END,
    error_kind = NULL, error_message = NULL,
    synced_at = CASE WHEN :is_told THEN clock_timestamp() ELSE synced_at END, updated_at = clock_timestamp()
WHERE id = :id AND told_version < :version;

-- name: note_trouble(id, task_id, error_kind, error_message, is_over)!
-- An attempt did not succeed; the last one makes the package failed, unless it was told meanwhile.
UPDATE store.shipments
SET error_count = CASE WHEN task_id = :task_id THEN error_count ELSE 0 END + 1, task_id = :task_id,
    error_kind = :error_kind, error_message = :error_message,
    last_attempt_at = clock_timestamp(), updated_at = clock_timestamp(),
    state = CASE WHEN :is_over THEN 'failed' ELSE 'pending' END
WHERE id = :id AND told_version < version;
