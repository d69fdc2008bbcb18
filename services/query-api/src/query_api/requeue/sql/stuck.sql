-- name: shops(domain)
-- The shops there are, or the one of that domain.
SELECT id, domain FROM store.shops WHERE domain = :domain OR :domain::text IS NULL ORDER BY id;

-- name: oldest_id()$
-- The lowest id that the inbox can still take up: before it, nobody could tell whether a task has run.
SELECT ledger.first_id_of(to_date(right(min(c.relname), 8), 'YYYYMMDD'))
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'store.inbox'::regclass;

-- name: stuck(shop_id, state, after, before, due_before, wanted)
-- Tasks of a shop, from one id on, that nothing was heard of since that moment and that were due before another, as far
-- as the log knows, with the transition that a worker had to act on last, and what the inbox knows of them.
SELECT t.task_id, t.shop_id, t.type, e.attempt, e.state, e.occurred_at, e.service, e.header, e.detail,
       i.attempt AS inbox_attempt, coalesce(i.is_over, false) AS is_over, i.outcome IS NOT NULL AS has_outcome,
       coalesce(i.is_running AND i.lease_until > clock_timestamp(), false) AS is_at_work,
       coalesce(i.is_running, false) AS was_begun
FROM ledger.tasks t
CROSS JOIN LATERAL (
    SELECT * FROM ledger.task_events e
    WHERE e.task_id = t.task_id AND e.state IN ('queued', 'retrying')
    ORDER BY e.attempt DESC, e.state DESC LIMIT 1
) AS e
LEFT JOIN store.inbox i ON i.task_id = t.task_id
WHERE t.shop_id = :shop_id AND t.state = :state AND t.task_id > :after
  AND t.updated_at < :before AND (t.due_at IS NULL OR t.due_at < :due_before)
ORDER BY t.task_id LIMIT :wanted;
