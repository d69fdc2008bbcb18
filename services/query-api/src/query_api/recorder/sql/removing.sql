-- name: hold_tasks(task_ids, low, high)
-- Tasks, kept as they are until the transaction ends; in the order in which recorders hold them.
SELECT task_id, state FROM ledger.tasks
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high
ORDER BY task_id FOR UPDATE;

-- name: bury(task_ids)!
-- From now on nothing is recorded of these tasks.
INSERT INTO ledger.deleted_tasks (task_id) SELECT unnest(:task_ids::uuid[]) ON CONFLICT DO NOTHING;

-- name: remove_events(task_ids, low, high)
-- Takes tasks out of the log; their transitions, which had moved the counters.
DELETE FROM ledger.task_events
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high
RETURNING task_id, attempt, state, occurred_at, service, header, detail;

-- name: remove_tasks(task_ids, low, high)!
-- Takes tasks out of the projection.
DELETE FROM ledger.tasks WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high;

-- name: remove_payloads(task_ids, low, high)!
-- Removes what tasks received, sent and got back.
DELETE FROM ledger.payloads WHERE task_id = ANY(:task_ids::uuid[]) AND task_id BETWEEN :low AND :high;

-- name: hold_groups(shop_ids, fingerprints)
-- Kinds of failure, kept as they are until the transaction ends; in the order in which recorders hold them.
SELECT g.shop_id FROM ledger.failure_groups g
WHERE (g.shop_id, g.fingerprint) IN (SELECT * FROM unnest(:shop_ids::bigint[], :fingerprints::text[]))
ORDER BY g.shop_id, g.fingerprint COLLATE "C" FOR UPDATE;

-- name: remove_empty_hours(shop_ids, fingerprints)!
-- Hours of these kinds of failure that have none any more.
DELETE FROM ledger.failures_by_hour h
WHERE (h.shop_id, h.fingerprint) IN (SELECT * FROM unnest(:shop_ids::bigint[], :fingerprints::text[])) AND h.n <= 0;

-- name: remove_empty_groups(shop_ids, fingerprints)!
-- Those of these kinds of failure that have no hour any more.
DELETE FROM ledger.failure_groups g
WHERE (g.shop_id, g.fingerprint) IN (SELECT * FROM unnest(:shop_ids::bigint[], :fingerprints::text[]))
  AND NOT EXISTS (SELECT FROM ledger.failures_by_hour h
                  WHERE h.shop_id = g.shop_id AND h.fingerprint = g.fingerprint);

-- name: tell_groups_anew(shop_ids, fingerprints)!
-- What is left of kinds of failure, in the words of the newest; their first and last hours say where to look. What the
-- log does not hold any more stays as it was told.
UPDATE ledger.failure_groups g
SET n = left_over.n, first_at = coalesce(oldest.completed_at, g.first_at),
    last_at = coalesce(newest.completed_at, g.last_at), example_id = coalesce(newest.task_id, g.example_id),
    type = coalesce(newest.type, g.type), error_kind = coalesce(newest.error_kind, g.error_kind),
    place = coalesce(newest.error_place, g.place), message = coalesce(newest.error_message, g.message),
    remedy = coalesce(newest.remedy, g.remedy)
FROM unnest(:shop_ids::bigint[], :fingerprints::text[]) AS touched (shop_id, fingerprint)
CROSS JOIN LATERAL (
    SELECT sum(h.n)::bigint AS n, min(h.bucket) AS first_hour, max(h.bucket) AS last_hour
    FROM ledger.failures_by_hour h WHERE h.shop_id = touched.shop_id AND h.fingerprint = touched.fingerprint
) AS left_over
LEFT JOIN LATERAL (
    SELECT t.completed_at FROM ledger.tasks t
    WHERE t.shop_id = touched.shop_id AND t.state = 'failed' AND t.fingerprint = touched.fingerprint
      AND t.completed_at >= left_over.first_hour AND t.completed_at < left_over.first_hour + interval '1 hour'
      AND t.task_id >= ledger.first_id_of((left_over.first_hour - interval '10 days')::date)
      AND t.task_id < ledger.first_id_of((left_over.first_hour + interval '3 days')::date)
    ORDER BY t.completed_at LIMIT 1
) AS oldest ON true
LEFT JOIN LATERAL (
    SELECT t.* FROM ledger.tasks t
    WHERE t.shop_id = touched.shop_id AND t.state = 'failed' AND t.fingerprint = touched.fingerprint
      AND t.completed_at >= left_over.last_hour AND t.completed_at < left_over.last_hour + interval '1 hour'
      AND t.task_id >= ledger.first_id_of((left_over.last_hour - interval '10 days')::date)
      AND t.task_id < ledger.first_id_of((left_over.last_hour + interval '3 days')::date)
    ORDER BY t.completed_at DESC, t.task_id DESC LIMIT 1
) AS newest ON true
WHERE g.shop_id = touched.shop_id AND g.fingerprint = touched.fingerprint AND left_over.n IS NOT NULL;
