-- name: reserve(token_id, key, request)$
-- Takes a key for a request; NULL when it was taken before.
INSERT INTO admin.idempotency_keys (token_id, key, request) VALUES (:token_id, :key, :request)
ON CONFLICT DO NOTHING
RETURNING true;

-- name: known(token_id, key)^
-- The request that took a key, and its answer.
SELECT request, answer, extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_s
FROM admin.idempotency_keys WHERE token_id = :token_id AND key = :key;

-- name: keep(status, answer, token_id, key)!
-- How it was answered.
UPDATE admin.idempotency_keys SET status = :status, answer = :answer WHERE token_id = :token_id AND key = :key;

-- name: release(token_id, key)!
-- Lets a key go that no answer came of.
DELETE FROM admin.idempotency_keys WHERE token_id = :token_id AND key = :key AND status IS NULL;
