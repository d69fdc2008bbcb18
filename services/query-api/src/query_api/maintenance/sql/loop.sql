-- name: try_lock(key)$
-- Takes the lock for this session if nobody has it.
SELECT pg_try_advisory_lock(:key);

-- name: limit_lock_waits()$
-- Gives up on a lock after a while: whoever wants the same table queues up behind a waiting DDL statement.
SELECT set_config('lock_timeout', '5s', false);
