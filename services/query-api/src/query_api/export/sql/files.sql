-- name: kept_by(token_id)$
-- How many exports somebody has that are under way, or whose file is still there.
SELECT count(*) FROM admin.operations
WHERE kind = 'export' AND token_id = :token_id AND created_at > now() - interval '30 days'
  AND (finished_at IS NULL OR (state = 'succeeded' AND expires_at > now()));

-- name: owner(operation_id)$
-- Whose token an operation was asked for with.
SELECT token_id FROM admin.operations WHERE id = :operation_id;

-- name: add_part(operation_id, position, content)!
-- The next piece of a file.
INSERT INTO admin.export_parts (operation_id, position, content) VALUES (:operation_id, :position, :content);

-- name: part(operation_id, position)$
-- A piece of a file.
SELECT content FROM admin.export_parts WHERE operation_id = :operation_id AND position = :position;

-- name: remove_parts(operation_id)!
-- All pieces of a file.
DELETE FROM admin.export_parts WHERE operation_id = :operation_id;

-- name: expire_in(kept, operation_id)!
-- From now on the file is kept for so long.
UPDATE admin.operations SET expires_at = clock_timestamp() + :kept::interval WHERE id = :operation_id;
