-- name: header(task_id, attempt, state)$
-- What a task is, as it was last published.
SELECT header FROM ledger.task_events WHERE task_id = :task_id AND attempt = :attempt AND state = :state;

-- name: cancel(task_id, attempt, owner, outcome)$
-- Ends a task that nobody works on; or says why not.
SELECT store.cancel_task(:task_id, :attempt, :owner, :outcome);

-- name: cancelled_by(task_ids, low, high, owner)
-- Those of some tasks that this owner has cancelled.
SELECT task_id FROM store.inbox
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high AND is_over AND owner = :owner;

-- name: settle(task_ids, low, high, owner)!
-- The broker knows of it, so that their messages need not tell.
UPDATE store.inbox SET outcome = NULL
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high AND is_over AND owner = :owner;

-- name: fail_shipment(message, id, task_id)!
-- The package that a cancelled write-back was to tell of: somebody has to synchronise it, or has done so by hand.
UPDATE store.shipments
SET state = 'failed', error_kind = 'cancelled', error_message = :message, updated_at = clock_timestamp()
WHERE id = :id AND task_id = :task_id AND state = 'pending' AND told_version < version;
