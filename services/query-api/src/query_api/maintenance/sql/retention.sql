-- name: expired_partitions(tables, first_days_kept)
-- Partitions of days before the first one kept, with the statements that remove them; also those detached already.
SELECT expired.parent, to_date(expired.day, 'YYYYMMDD') AS day, format('DROP TABLE IF EXISTS %s', expired.child) AS drop,
       CASE WHEN i.inhdetachpending THEN format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', expired.parent, expired.child)
            WHEN i.inhrelid IS NOT NULL THEN format('ALTER TABLE %s DETACH PARTITION %s CONCURRENTLY', expired.parent, expired.child)
       END AS detach
FROM (
    SELECT kept.parent, child.oid, child.oid::regclass AS child, right(child.relname, 8) AS day,
           to_char(kept.first_day, 'YYYYMMDD') AS first_day
    FROM unnest(:tables::text[], :first_days_kept::date[]) AS kept (parent, first_day)
    JOIN pg_class parent ON parent.oid = kept.parent::regclass
    JOIN pg_class child ON child.relnamespace = parent.relnamespace AND child.relkind = 'r'
     AND child.relname ~ ('^' || parent.relname || '_[0-9]{8}$')
) AS expired
LEFT JOIN pg_inherits i ON i.inhrelid = expired.oid
WHERE expired.day < expired.first_day
ORDER BY expired.day, expired.parent;

-- name: detached_log_days()
-- Days of the log that were detached but not dropped.
SELECT DISTINCT to_date(right(child.relname, 8), 'YYYYMMDD') AS day
FROM pg_class child
WHERE child.relnamespace = 'ledger'::regnamespace AND child.relkind = 'r'
  AND child.relname ~ '^(task_events|tasks)_[0-9]{8}$'
  AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = child.oid AND NOT i.inhdetachpending)
ORDER BY day;

-- name: drop_log_day(day)$
-- Drops a day's events and tasks and takes them out of the counters.
SELECT ledger.drop_log_day(:day);

-- name: delete_minutes(before, at_most)!
-- Deletes some statistics by minute that are too old.
DELETE FROM ledger.task_counts_by_minute WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ledger.task_counts_by_minute WHERE bucket < :before LIMIT :at_most
));

-- name: delete_minute_flows(before, at_most)!
-- Deletes some of what they were added up to.
DELETE FROM ledger.task_flows_by_minute WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ledger.task_flows_by_minute WHERE bucket < :before LIMIT :at_most
));

-- name: delete_calls(before, at_most)!
-- Deletes some counts of calls to other systems that are too old.
DELETE FROM ledger.api_calls WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ledger.api_calls WHERE minute < :before ORDER BY minute LIMIT :at_most
));

-- name: delete_failure_hours(before, at_most)!
-- Deletes some hours of kinds of failure that the log does not hold any more.
DELETE FROM ledger.failures_by_hour WHERE ctid = ANY(ARRAY(
    SELECT h.ctid FROM ledger.failure_groups g JOIN ledger.failures_by_hour h USING (shop_id, fingerprint)
    WHERE g.last_at < :before LIMIT :at_most
));

-- name: delete_failure_groups(before, at_most)!
-- Deletes some kinds of failure that the log does not hold any more; one that comes again is new.
DELETE FROM ledger.failure_groups WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ledger.failure_groups WHERE last_at < :before LIMIT :at_most
));

-- name: delete_deliveries(before, at_most)!
-- Deletes some deliveries that are too old to be sent again.
DELETE FROM store.deliveries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM store.deliveries WHERE claimed_at < :before ORDER BY claimed_at LIMIT :at_most
));

-- name: delete_recorders(before)!
-- Forgets recorders that have not run for long.
DELETE FROM ledger.recorders WHERE seen_at < :before;

-- name: delete_lines(before, at_most)!
-- Deletes some staged lines of imports that ended so long ago that nobody goes on with them.
DELETE FROM store.import_lines WHERE ctid = ANY(ARRAY(
    SELECT l.ctid FROM store.import_lines l JOIN store.imports i ON i.id = l.import_id
    WHERE i.finished_at < :before LIMIT :at_most
));

-- name: forget_exports(before)!
-- Removes the documents made for persons a while ago; that they were made stays.
UPDATE admin.privacy_requests SET export = NULL WHERE export IS NOT NULL AND requested_at < :before;

-- name: delete_export_parts(before, at_most)!
-- Deletes some parts of files of tasks that have expired, or that were never finished.
DELETE FROM admin.export_parts WHERE ctid = ANY(ARRAY(
    SELECT p.ctid FROM admin.export_parts p JOIN admin.operations o ON o.id = p.operation_id
    WHERE o.expires_at < :before OR o.state IN ('aborted', 'failed') LIMIT :at_most
));

-- name: delete_sessions()!
-- Forgets sign-ins to the console that have ended by themselves.
DELETE FROM admin.sessions WHERE expires_at < now();

-- name: delete_retries(before, at_most)!
-- Forgets some retries of which the log tells by now.
DELETE FROM admin.retries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM admin.retries WHERE decided_at < :before LIMIT :at_most
));

-- name: delete_keys(before, at_most)!
-- Forgets some requests that nobody repeats any more.
DELETE FROM admin.idempotency_keys WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM admin.idempotency_keys WHERE created_at < :before LIMIT :at_most
));

-- name: delete_operations(before, at_most)!
-- Deletes some operations that ended before the log begins.
DELETE FROM admin.operations WHERE id = ANY(ARRAY(
    SELECT id FROM admin.operations WHERE created_at < :before AND finished_at < :before LIMIT :at_most
));
