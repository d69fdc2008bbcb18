-- name: tell(instance, as_of, backlog)!
-- Notes how far this recorder has come; never back in time.
INSERT INTO ledger.recorders AS r (instance, as_of, backlog) VALUES (:instance, :as_of, :backlog)
ON CONFLICT (instance) DO UPDATE SET
    as_of = greatest(r.as_of, excluded.as_of), backlog = excluded.backlog, seen_at = clock_timestamp();
