-- name: facts(task_ids, low, high)
-- What decides over retrying tasks, beside the tasks themselves; the bounds are the lowest and the highest id.
SELECT wanted.task_id,
       (SELECT e.header FROM ledger.task_events e
        WHERE e.task_id = wanted.task_id AND e.task_id BETWEEN :low AND :high AND e.attempt = 1
          AND e.state = 'queued') AS header,
       EXISTS (SELECT FROM ledger.payloads p
               WHERE p.task_id = wanted.task_id AND p.task_id BETWEEN :low AND :high AND p.attempt = 1
                 AND p.position = 0 AND p.received IS NOT NULL) AS has_payload,
       EXISTS (SELECT FROM ledger.task_events e
               WHERE e.task_id = wanted.task_id AND e.task_id BETWEEN :low AND :high AND e.state = 'retrying'
                 AND (e.detail ->> 'is_uncertain')::boolean) AS was_uncertain,
       (SELECT e.detail -> 'failure' ->> 'kind' FROM ledger.task_events e
        WHERE e.task_id = wanted.task_id AND e.task_id BETWEEN :low AND :high AND e.state = 'retrying'
        ORDER BY e.attempt DESC LIMIT 1) AS last_error_kind,
       r.retry_id, r.operation_id, r.published_at
FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
LEFT JOIN admin.retries r ON r.task_id = wanted.task_id;

-- name: accounts(account_ids)
-- The accounts that tasks work with, and how long they pause.
SELECT a.id, a.kind || ' ' || a.name AS name, a.kind, a.is_active, a.problem, a.settings,
       CASE WHEN t.paused_until > now() THEN t.paused_until END AS paused_until
FROM store.accounts a
LEFT JOIN store.throttles t ON t.account_id = a.id
WHERE a.id = ANY(:account_ids::bigint[]);

-- name: shops_off(shop_ids)
-- Those of some shops that the app was uninstalled from.
SELECT id FROM store.shops WHERE id = ANY(:shop_ids::bigint[]) AND NOT is_active;

-- name: reserve(task_ids, retry_ids, operation_id)!
-- Settles the retries' ids, once and for all replicas: whoever comes later takes these.
INSERT INTO admin.retries (task_id, retry_id, operation_id)
SELECT task_id, retry_id, :operation_id FROM unnest(:task_ids::uuid[], :retry_ids::uuid[]) AS new (task_id, retry_id)
ORDER BY task_id
ON CONFLICT (task_id) DO NOTHING;

-- name: hold_reserved(task_ids)
-- The retries of tasks, kept as they are until the transaction ends; in one order, so that nobody waits in a circle.
SELECT task_id, retry_id, operation_id, published_at FROM admin.retries
WHERE task_id = ANY(:task_ids::uuid[]) ORDER BY task_id FOR UPDATE;

-- name: note_published(operation_id, task_ids)!
-- The broker has these retries, and from whom.
UPDATE admin.retries SET published_at = clock_timestamp(), operation_id = :operation_id
WHERE task_id = ANY(:task_ids::uuid[]) AND published_at IS NULL;

-- name: outcomes(operation_id, wanted)
-- How the retries of an operation stand, of so many at most.
SELECT coalesce(t.state, 'queued') AS state, count(*) AS n
FROM (SELECT retry_id FROM admin.retries
      WHERE operation_id = :operation_id AND published_at IS NOT NULL LIMIT :wanted) AS r
LEFT JOIN LATERAL (SELECT state FROM ledger.tasks WHERE task_id = r.retry_id LIMIT 1) AS t ON true
GROUP BY 1;

-- name: retry_id(task_id)$
-- The last task that retries one, as the log knows it, or as it was settled a moment ago.
SELECT coalesce(
    (SELECT retry_id FROM admin.retries WHERE task_id = :task_id AND published_at IS NOT NULL),
    (SELECT task_id FROM ledger.tasks WHERE retry_of = :task_id ORDER BY task_id DESC LIMIT 1)
);
