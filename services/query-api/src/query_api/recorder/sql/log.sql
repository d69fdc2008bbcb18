-- name: may_record(key)$
-- Takes part in recording until the end of the transaction; false while a rebuild has the log for itself.
SELECT pg_try_advisory_xact_lock_shared(:key);

-- name: ensure_partitions(day)$
-- Makes the partitions of one day where they are missing; their number.
SELECT ledger.ensure_partitions(:day, :day);

-- name: insert_events(task_ids, attempts, states, occurred_at, services, headers, details)
-- Appends transitions; gives back those that were new.
INSERT INTO ledger.task_events (task_id, attempt, state, occurred_at, service, header, detail)
SELECT * FROM unnest(
    :task_ids::uuid[], :attempts::integer[], :states::text[], :occurred_at::timestamptz[], :services::text[],
    :headers::jsonb[], :details::jsonb[]
)
ON CONFLICT DO NOTHING
RETURNING task_id, attempt, state;

-- name: merge_tasks(rows)!
-- Moves the projection: the later event gives a task's position, the later end of an attempt its report.
INSERT INTO ledger.tasks AS t (
    task_id, shop_id, account_id, type, state, state_rank, attempt, max_attempts, source_id, order_number,
    parent_id, root_id, retry_of, created_at, queued_at, started_at, completed_at, due_at, updated_at,
    report_order, target_id, duration_ms, items_processed, items_failed, items_total, note, summary, error_kind,
    error_message, error_status, error_excerpt, error_place, remedy, fingerprint
)
SELECT * FROM unnest(:rows::ledger.task_row[])
ON CONFLICT (task_id) DO UPDATE SET
    shop_id = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.shop_id ELSE t.shop_id END,
    account_id = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.account_id ELSE t.account_id END,
    type = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.type ELSE t.type END,
    state = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.state ELSE t.state END,
    state_rank = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.state_rank ELSE t.state_rank END,
    attempt = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.attempt ELSE t.attempt END,
    max_attempts = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.max_attempts ELSE t.max_attempts END,
    source_id = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.source_id ELSE t.source_id END,
    order_number = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.order_number ELSE t.order_number END,
    parent_id = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.parent_id ELSE t.parent_id END,
    root_id = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.root_id ELSE t.root_id END,
    retry_of = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.retry_of ELSE t.retry_of END,
    created_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.created_at ELSE t.created_at END,
    queued_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.queued_at ELSE t.queued_at END,
    started_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.started_at ELSE t.started_at END,
    completed_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.completed_at ELSE t.completed_at END,
    due_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.due_at ELSE t.due_at END,
    updated_at = CASE WHEN (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) THEN excluded.updated_at ELSE t.updated_at END,
    report_order = CASE WHEN t.report_order < excluded.report_order THEN excluded.report_order ELSE t.report_order END,
    target_id = CASE WHEN t.report_order < excluded.report_order THEN excluded.target_id ELSE t.target_id END,
    duration_ms = CASE WHEN t.report_order < excluded.report_order THEN excluded.duration_ms ELSE t.duration_ms END,
    items_processed = CASE WHEN t.report_order < excluded.report_order THEN excluded.items_processed ELSE t.items_processed END,
    items_failed = CASE WHEN t.report_order < excluded.report_order THEN excluded.items_failed ELSE t.items_failed END,
    items_total = CASE WHEN t.report_order < excluded.report_order THEN excluded.items_total ELSE t.items_total END,
    note = CASE WHEN t.report_order < excluded.report_order THEN excluded.note ELSE t.note END,
    summary = CASE WHEN t.report_order < excluded.report_order THEN excluded.summary ELSE t.summary END,
    error_kind = CASE WHEN t.report_order < excluded.report_order THEN excluded.error_kind ELSE t.error_kind END,
    error_message = CASE WHEN t.report_order < excluded.report_order THEN excluded.error_message ELSE t.error_message END,
    error_status = CASE WHEN t.report_order < excluded.report_order THEN excluded.error_status ELSE t.error_status END,
    error_excerpt = CASE WHEN t.report_order < excluded.report_order THEN excluded.error_excerpt ELSE t.error_excerpt END,
    error_place = CASE WHEN t.report_order < excluded.report_order THEN excluded.error_place ELSE t.error_place END,
    remedy = CASE WHEN t.report_order < excluded.report_order THEN excluded.remedy ELSE t.remedy END,
    fingerprint = CASE WHEN t.report_order < excluded.report_order THEN excluded.fingerprint ELSE t.fingerprint END
WHERE (t.attempt, t.state_rank) < (excluded.attempt, excluded.state_rank) OR t.report_order < excluded.report_order;

-- name: deleted_among(task_ids, low, high)
-- Those of some tasks that were deleted for good.
SELECT task_id FROM ledger.deleted_tasks
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high;

-- name: insert_payloads(task_ids, attempts, positions, shop_ids, metas, sent, received)!
-- Keeps what tasks received, sent and got back.
INSERT INTO ledger.payloads (task_id, attempt, position, shop_id, meta, sent, received)
SELECT * FROM unnest(
    :task_ids::uuid[], :attempts::integer[], :positions::integer[], :shop_ids::bigint[], :metas::jsonb[],
    :sent::bytea[], :received::bytea[]
)
ON CONFLICT DO NOTHING;

-- name: add_counts(shop_ids, types, account_ids, states, n)!
-- Moves the numbers of tasks in each state.
INSERT INTO ledger.task_counts AS c (shop_id, type, account_id, state, n)
SELECT * FROM unnest(:shop_ids::bigint[], :types::text[], :account_ids::bigint[], :states::text[], :n::bigint[])
ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = c.n + excluded.n;
