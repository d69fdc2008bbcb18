-- name: begin_run(run_id, account_id, shop_id, type)!
-- A run that begins, unless it has begun before or another one is under way.
INSERT INTO store.runs (id, account_id, shop_id, type) VALUES (:run_id, :account_id, :shop_id, :type)
ON CONFLICT DO NOTHING;

-- name: run(run_id)^
-- How far a run has come.
SELECT id, cursor, step, processed, failed, total, seen, summary, problem, started_at, finished_at
FROM store.runs WHERE id = :run_id;

-- name: run_under_way(account_id, type, patience)^
-- The run of this type that has not ended, and whether it has stood still for too long.
SELECT id, started_at, updated_at < now() - :patience::interval AS is_stuck FROM store.runs
WHERE account_id = :account_id AND type = :type AND finished_at IS NULL;

-- name: last_run(account_id, type)^
-- The newest run of this type, and whether it broke off.
SELECT id, problem IS NOT NULL AS is_broken FROM store.runs
WHERE account_id = :account_id AND type = :type ORDER BY started_at DESC LIMIT 1;

-- name: reopen_run(run_id)$
-- A run that broke off goes on where it stood; nothing when a newer one was made since.
UPDATE store.runs AS r SET finished_at = NULL, problem = NULL, updated_at = now()
WHERE r.id = :run_id AND r.problem IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM store.runs o
      WHERE o.account_id = r.account_id AND o.type = r.type AND o.id <> r.id
        AND (o.started_at > r.started_at OR o.finished_at IS NULL)
  )
RETURNING r.id;

-- name: checkpoint(run_id, step, cursor, processed, failed, total, seen, summary)$
-- Where the run stands after a page; nothing when somebody else has taken it further or ended it.
UPDATE store.runs
SET step = step + 1, cursor = :cursor, processed = :processed, failed = :failed, total = :total, seen = :seen,
    summary = :summary, updated_at = now()
WHERE id = :run_id AND step = :step AND finished_at IS NULL
RETURNING step;

-- name: run_before(account_id, type, started_at)$
-- When the last run before a moment began that came to its end; NULL when there was none.
SELECT max(started_at) FROM store.runs
WHERE account_id = :account_id AND type = :type AND started_at < :started_at
  AND finished_at IS NOT NULL AND problem IS NULL;

-- name: end_run(run_id, problem)!
-- The run is over; with a problem it broke off.
UPDATE store.runs SET finished_at = now(), updated_at = now(), problem = :problem
WHERE id = :run_id AND finished_at IS NULL;

-- name: forget_runs(account_id, type)!
-- Runs of long ago are of no use to anybody.
DELETE FROM store.runs
WHERE account_id = :account_id AND type = :type AND finished_at < now() - interval '30 days';
