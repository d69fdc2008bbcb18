-- name: lock(keys)!
-- Waits until nobody records or maintains any more, and keeps them out for as long as the session lasts.
SELECT pg_advisory_lock(key) FROM unnest(:keys::bigint[]) AS wanted (key);

-- name: days()
-- The days the log and the projection have partitions for.
SELECT DISTINCT to_date(right(child.relname, 8), 'YYYYMMDD') AS day
FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
WHERE i.inhparent IN ('ledger.task_events'::regclass, 'ledger.tasks'::regclass)
ORDER BY day;

-- name: events(day)
-- All transitions of the tasks of a day, task by task.
SELECT task_id, attempt, state, occurred_at, service, header, detail
FROM ledger.task_events
WHERE task_id >= ledger.first_id_of(:day::date) AND task_id < ledger.first_id_of(:day::date + 1)
ORDER BY task_id;

-- name: correct_tasks(rows, task_ids)!
-- Writes the rows that are not in the projection exactly as given.
INSERT INTO ledger.tasks (
    task_id, shop_id, account_id, type, state, state_rank, attempt, max_attempts, source_id, order_number,
    parent_id, root_id, retry_of, created_at, queued_at, started_at, completed_at, due_at, updated_at,
    report_order, target_id, duration_ms, items_processed, items_failed, items_total, note, summary, error_kind,
    error_message, error_status, error_excerpt, error_place, remedy, fingerprint
)
SELECT * FROM unnest(:rows::ledger.task_row[])
EXCEPT
SELECT
    task_id, shop_id, account_id, type, state, state_rank, attempt, max_attempts, source_id, order_number,
    parent_id, root_id, retry_of, created_at, queued_at, started_at, completed_at, due_at, updated_at,
    report_order, target_id, duration_ms, items_processed, items_failed, items_total, note, summary, error_kind,
    error_message, error_status, error_excerpt, error_place, remedy, fingerprint
FROM ledger.tasks WHERE task_id = ANY(:task_ids::uuid[])
ON CONFLICT (task_id) DO UPDATE SET (
    shop_id, account_id, type, state, state_rank, attempt, max_attempts, source_id, order_number, parent_id,
    root_id, retry_of, created_at, queued_at, started_at, completed_at, due_at, updated_at, report_order,
    target_id, duration_ms, items_processed, items_failed, items_total, note, summary, error_kind,
    error_message, error_status, error_excerpt, error_place, remedy, fingerprint
) = (
    excluded.shop_id, excluded.account_id, excluded.type, excluded.state, excluded.state_rank, excluded.attempt,
    excluded.max_attempts, excluded.source_id, excluded.order_number, excluded.parent_id, excluded.root_id,
    excluded.retry_of, excluded.created_at, excluded.queued_at, excluded.started_at, excluded.completed_at,
    excluded.due_at, excluded.updated_at, excluded.report_order, excluded.target_id, excluded.duration_ms,
    excluded.items_processed, excluded.items_failed, excluded.items_total, excluded.note, excluded.summary,
    excluded.error_kind, excluded.error_message, excluded.error_status, excluded.error_excerpt,
    excluded.error_place, excluded.remedy, excluded.fingerprint
);

-- name: remove_tasks(day)!
-- Removes tasks of a day that the log does not know.
DELETE FROM ledger.tasks t
WHERE t.task_id >= ledger.first_id_of(:day::date) AND t.task_id < ledger.first_id_of(:day::date + 1)
  AND NOT EXISTS (SELECT FROM ledger.task_events e WHERE e.task_id = t.task_id);

-- name: clear_recount()!
-- Empties the tables in which the log is counted anew.
TRUNCATE ledger.recount, ledger.recount_by_minute, ledger.recount_by_hour, ledger.recount_failure_groups,
         ledger.recount_failures_by_hour;

-- name: recount(shop_ids, types, account_ids, states, n)!
-- Adds to the new numbers of tasks in each state.
INSERT INTO ledger.recount AS c (shop_id, type, account_id, state, n)
SELECT * FROM unnest(:shop_ids::bigint[], :types::text[], :account_ids::bigint[], :states::text[], :n::bigint[])
ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = c.n + excluded.n;

-- name: last_dropped_day()$
-- The newest day whose log was dropped; statistics near it can not be counted again.
SELECT max(day) FROM ledger.dropped_days;

-- name: correct_counts()!
-- Sets the numbers of tasks in each state that differ from the new ones.
INSERT INTO ledger.task_counts (shop_id, type, account_id, state, n)
SELECT shop_id, type, account_id, state, coalesce(fresh.n, 0)
FROM ledger.recount fresh FULL JOIN ledger.task_counts kept USING (shop_id, type, account_id, state)
WHERE coalesce(fresh.n, 0) <> coalesce(kept.n, 0)
ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = excluded.n;
