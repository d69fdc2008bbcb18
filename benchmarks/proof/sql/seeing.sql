-- What is looked at again and again is told by counters, so that it takes little from who is measured.

-- name: transitions()$
-- How many have been recorded.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts_by_hour;

-- name: recording_took()$
-- Seconds between the first row and the last one.
SELECT extract(epoch FROM max(recorded_at) - min(recorded_at))::float8 FROM ledger.task_events;

-- name: succeeded()$
-- How many tasks have, of all types.
SELECT count(*) FROM ledger.tasks WHERE state = 'succeeded';

-- name: tasks()$
-- How many there are.
SELECT count(*) FROM ledger.tasks;

-- name: indexed()$
-- How many customers have been stored.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts WHERE type = 'IndexCustomer' AND state = 'succeeded';

-- name: told()$
-- How many customers the CRM has been told of.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts WHERE type = 'SyncContact' AND state = 'succeeded';

-- name: told_at(source_id)$
-- Seconds from the delivery of a customer until the CRM had it, by the clocks of those who did it.
SELECT extract(epoch FROM sync.completed_at - first.queued_at)::float8
FROM ledger.tasks sync JOIN ledger.tasks first ON first.task_id = sync.root_id
WHERE sync.source_id = :source_id AND sync.type = 'SyncContact' AND sync.state = 'succeeded';

-- name: kept_from_the_crm()$
-- How many customers wait until the CRM is back.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts WHERE type = 'SyncContact' AND state <> 'succeeded';

-- name: disk_bytes()$
-- What the database takes.
SELECT pg_database_size(current_database());

-- name: checkpoint()!
-- All of it is on disk, so that what is measured next pays for itself only.
CHECKPOINT;

-- name: celery()$
-- What it has done.
SELECT count(*) FROM celery_taskmeta WHERE status = 'SUCCESS';

-- name: procrastinate()$
-- What it has done.
SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded';

-- name: taskiq()$
-- What it has done.
SELECT count(*) FROM taskiq_results;
