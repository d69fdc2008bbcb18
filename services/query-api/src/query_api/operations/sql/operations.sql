-- name: insert_operation(id, kind, shop_ids, selection, options, total, token_id, requested_by)!
-- A new operation, for the next replica that is free.
INSERT INTO admin.operations (id, kind, state, shop_ids, selection, options, total, token_id, requested_by)
VALUES (:id, :kind, 'queued', :shop_ids::bigint[], :selection, :options, :total, :token_id, :requested_by);

-- name: operation(id)^
-- One operation.
SELECT * FROM admin.operations WHERE id = :id;

-- name: newest(before, kinds, states, shop_ids, wanted)
-- Operations that a reader of these shops (NULL: of all) may see, the newest first.
SELECT * FROM admin.operations
WHERE id < :before AND kind = ANY(:kinds::text[]) AND state = ANY(:states::text[])
  AND (:shop_ids::bigint[] IS NULL OR shop_ids <@ :shop_ids::bigint[])
ORDER BY id DESC LIMIT :wanted;

-- name: since(since)
-- Operations under way, and those that have ended since a moment.
SELECT * FROM admin.operations WHERE finished_at IS NULL OR finished_at >= :since;

-- name: claim(owner, lease_s, kinds)^
-- Takes up the oldest operation that waits, or whose owner has died.
UPDATE admin.operations
SET state = 'running', owner = :owner, lease_until = clock_timestamp() + make_interval(secs => :lease_s),
    started_at = coalesce(started_at, clock_timestamp()), updated_at = clock_timestamp()
WHERE id = (
    SELECT id FROM admin.operations
    WHERE finished_at IS NULL AND state IN ('queued', 'running') AND kind = ANY(:kinds::text[])
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY created_at LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- name: hold(id, owner)^
-- An operation that is still the owner's to work on, kept as it is until the transaction ends.
SELECT * FROM admin.operations WHERE id = :id AND owner = :owner AND state = 'running' FOR UPDATE;

-- name: renew(lease_s, id, owner)!
-- The owner lives.
UPDATE admin.operations SET lease_until = clock_timestamp() + make_interval(secs => :lease_s)
WHERE id = :id AND owner = :owner AND state = 'running';

-- name: release(wait_s, problem, id, owner)!
-- Lets go of an operation that another replica, or the same one a little later, is to take further.
UPDATE admin.operations
SET owner = NULL, lease_until = clock_timestamp() + make_interval(secs => :wait_s), problem = :problem,
    updated_at = clock_timestamp()
WHERE id = :id AND owner = :owner AND state = 'running';

-- name: set_total(total, id)^
-- How much there is to do.
UPDATE admin.operations SET total = :total, updated_at = clock_timestamp() WHERE id = :id RETURNING *;

-- name: advance(cursor, done, skipped, failed, summary, id)^
-- How far it has come.
UPDATE admin.operations
SET cursor = :cursor, done = done + :done, skipped = skipped + :skipped, failed = failed + :failed,
    summary = :summary, problem = NULL, updated_at = clock_timestamp()
WHERE id = :id
RETURNING *;

-- name: finish(state, problem, id, owner)!
-- It is over.
UPDATE admin.operations
SET state = :state, problem = :problem, owner = NULL, lease_until = NULL, finished_at = clock_timestamp(),
    updated_at = clock_timestamp()
WHERE id = :id AND owner = :owner AND state = 'running';

-- name: pause(id)^
-- Nobody goes on with it until it is resumed; nothing when it was not under way.
UPDATE admin.operations SET state = 'paused', owner = NULL, lease_until = NULL, updated_at = clock_timestamp()
WHERE id = :id AND state IN ('queued', 'running')
RETURNING *;

-- name: resume(id)^
-- It goes on where it stood; nothing when it was not paused.
UPDATE admin.operations SET state = 'queued', updated_at = clock_timestamp()
WHERE id = :id AND state = 'paused'
RETURNING *;

-- name: abort(id)^
-- It ends where it stands; nothing when it had ended.
UPDATE admin.operations
SET state = 'aborted', owner = NULL, lease_until = NULL, finished_at = clock_timestamp(),
    updated_at = clock_timestamp()
WHERE id = :id AND finished_at IS NULL
RETURNING *;
