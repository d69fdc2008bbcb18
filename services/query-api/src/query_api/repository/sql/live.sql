-- name: horizon(recording)$
-- All that was recorded before this moment is visible to whatever is read next: those who record hold a lock from
-- before they write until after they committed, and what they write is as young as their transaction. Of one whose
-- beginning this user may not see, a minute is assumed.
SELECT least(statement_timestamp(), min(coalesce(a.xact_start, statement_timestamp() - interval '1 minute')))
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.mode = 'ShareLock' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = :recording::bigint >> 32 AND l.objid::bigint = :recording::bigint & 4294967295
  AND l.objsubid = 1;

-- name: recorded_between(recorded_at, task_id, attempt, state, before, wanted)
-- Transitions in the order of their recording, behind a place in the log and before a moment.
SELECT e.task_id, e.attempt, e.state, e.occurred_at, e.recorded_at, e.service, e.header, e.detail
FROM ledger.task_events e
WHERE e.recorded_at >= :recorded_at AND e.recorded_at < :before
  AND (e.recorded_at, e.task_id, e.attempt, e.state COLLATE "C")
      > (:recorded_at, :task_id, :attempt::integer, :state::text COLLATE "C")
ORDER BY e.recorded_at, e.task_id, e.attempt, e.state COLLATE "C"
LIMIT :wanted;

-- name: tokens_of(token_ids)
-- The tokens of those who listen, whatever their condition.
SELECT id, name, role, shop_ids, expires_at, revoked_at, last_used_at
FROM admin.api_tokens WHERE id = ANY(:token_ids::bigint[]);

-- name: sessions_of(key_hashes)
-- Those of some sessions of the console that have not ended.
SELECT key_hash FROM admin.sessions WHERE key_hash = ANY(:key_hashes::bytea[]) AND expires_at > now();

-- name: imports_since(since)
-- Imports under way, and those that have ended since a moment.
SELECT * FROM store.imports WHERE finished_at IS NULL OR finished_at >= :since;
