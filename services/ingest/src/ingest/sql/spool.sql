-- name: spool(task_ids, routing_keys, bodies)!
-- Keeps encoded tasks until the broker takes them.
INSERT INTO ingest.spool (task_id, routing_key, body)
SELECT * FROM unnest(:task_ids::uuid[], :routing_keys::text[], :bodies::bytea[]);

-- name: reserve(wanted)
-- The oldest rows no other relay works on, locked, and how large they are.
SELECT id, octet_length(body) AS size FROM ingest.spool ORDER BY id LIMIT :wanted FOR UPDATE SKIP LOCKED;

-- name: read_reserved(ids)
-- What reserved rows publish.
SELECT id, routing_key, body FROM ingest.spool WHERE id = ANY(:ids::bigint[]) ORDER BY id;

-- name: remove(ids)!
-- Forgets what the broker has confirmed.
DELETE FROM ingest.spool WHERE id = ANY(:ids::bigint[]);

-- name: backlog()^
-- How much waits and for how long; counting stops at a number that is alarming anyway.
SELECT count(*) AS depth, coalesce(extract(epoch FROM clock_timestamp() - min(spooled_at)), 0)::float8 AS age_s
FROM (SELECT spooled_at FROM ingest.spool ORDER BY id LIMIT 100000) AS waiting;
