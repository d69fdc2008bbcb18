-- name: events_of(task_id)
-- Every transition of one task.
SELECT task_id, attempt, state, occurred_at, recorded_at, service, header, detail
FROM ledger.task_events
WHERE task_id = :task_id;

-- name: events_until(task_ids, low, high, moment)
-- The transitions of some tasks that had occurred at a moment; the bounds are the lowest and the highest id.
SELECT e.task_id, e.attempt, e.state, e.occurred_at, e.recorded_at, e.service, e.header, e.detail
FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
JOIN ledger.task_events e ON e.task_id = wanted.task_id
WHERE e.task_id >= :low AND e.task_id <= :high AND e.occurred_at <= :moment;
