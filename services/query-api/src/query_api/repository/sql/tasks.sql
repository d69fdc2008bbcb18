-- name: tasks_by_id(task_ids, low, high)
-- Current states of tasks, in no particular order; the bounds are the lowest and the highest of the ids.
SELECT t.* FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
CROSS JOIN LATERAL (
    SELECT * FROM ledger.tasks
    WHERE task_id = wanted.task_id AND task_id >= :low AND task_id <= :high
    LIMIT 1
) AS t;

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
